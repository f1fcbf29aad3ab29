"""How good the enricher is, against floors that a change must not fall below: ``python -m quality``."""
