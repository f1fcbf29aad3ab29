"""The ingest program: wiring only. Run it as ``faststream run services.ingest.app:app``."""

from __future__ import annotations

import gc

from faststream import FastStream

from newsfeed.runtime import Program, Runtime, create_app
from services.ingest.reader import SeedReader
from services.ingest.settings import IngestSettings
from services.ingest.watcher import Watcher


def program(settings: IngestSettings) -> Program:
    """What ingest is made of."""

    async def watch(runtime: Runtime) -> None:
        # What is loaded by now stays: the garbage collector need not walk through it again and again,
        # a tenth of a second each time.
        gc.collect()
        gc.freeze()
        settings.seeds.mkdir(parents=True, exist_ok=True)
        async with SeedReader(
            children=settings.readers,
            deadline_seconds=settings.parse_seconds,
            memory_bytes=settings.parse_memory_bytes,
        ) as reader:
            await Watcher(settings, runtime, reader).run()

    return Program(name="ingest", tasks={"watch": watch})


def create(settings: IngestSettings) -> FastStream:
    """The application; it connects and looks at the folder when it starts."""
    return create_app(settings, program(settings))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(IngestSettings())
    raise AttributeError(name)
