"""How fast and how small the service is, each time against a baseline that runs beside it."""
