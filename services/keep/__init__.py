"""Keep: keeps the read models up to date, the log archived, and what was erased away."""
