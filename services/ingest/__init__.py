"""Ingest watches a folder and turns files into article events."""
