"""Publish cuts numbered digests for channels and brings them out."""
