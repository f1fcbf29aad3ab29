"""Keep: keeps the read models up to date."""
