"""The enrich program: wiring only. Run it as ``faststream run services.enrich.app:app``."""

from __future__ import annotations

from faststream import FastStream

from newsfeed.runtime import Program, create_app
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler
from services.enrich.settings import EnrichSettings


def create(settings: EnrichSettings) -> FastStream:
    """The application; it connects and takes its partitions when it starts."""
    program = Program(name="enrich", handlers=[lambda runtime: enrich_handler(runtime.log, Enricher())])
    return create_app(settings, program)


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(EnrichSettings())
    raise AttributeError(name)
