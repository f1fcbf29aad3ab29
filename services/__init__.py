"""The programs: each a room of its own; none opens another's door."""
