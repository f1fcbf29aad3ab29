"""The archive: sealed, immutable segments of the log, kept outside Redis so that the log may be trimmed."""
