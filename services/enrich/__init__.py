"""Enrich attaches language, entities and topics to each article."""
