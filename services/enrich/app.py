"""The enrich program: wiring only. Run it as ``faststream run services.enrich.app:app``."""

from __future__ import annotations

import gc

from faststream import FastStream

from newsfeed.eventlog.consumer import Handler
from newsfeed.runtime import Program, Runtime, create_app
from services.enrich.choosing import chosen_enricher
from services.enrich.handlers import enrich_handler
from services.enrich.settings import EnrichSettings
from services.enrich.story_index import RedisIndex

YOUNG_OBJECTS = 50_000
"""So many new objects before the garbage collector looks; the names that are known are more, and stay."""


def spare_collections() -> None:
    """Let the garbage collector leave alone what was loaded by now, and look less often."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


def create(settings: EnrichSettings) -> FastStream:
    """The application; it connects and takes its partitions when it starts."""

    def handler(runtime: Runtime) -> Handler:
        spare_collections()
        return enrich_handler(runtime.log, chosen_enricher(settings), RedisIndex(runtime.redis))

    return create_app(settings, Program(name="enrich", handlers=[handler]))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(EnrichSettings())
    raise AttributeError(name)
