"""What the entity model is trained and judged on; nothing here is imported by the running service."""
