"""The ingest program: wiring only. Run it as ``faststream run services.ingest.app:app``."""

from __future__ import annotations

from faststream import FastStream

from newsfeed.runtime import Program, Runtime, create_app
from services.ingest.reader import SeedReader
from services.ingest.settings import IngestSettings
from services.ingest.watcher import Watcher


def create(settings: IngestSettings) -> FastStream:
    """The application; it connects and looks at the folder when it starts."""

    async def watch(runtime: Runtime) -> None:
        settings.seeds.mkdir(parents=True, exist_ok=True)
        async with SeedReader(
            children=settings.readers,
            deadline_seconds=settings.parse_seconds,
            memory_bytes=settings.parse_memory_bytes,
        ) as reader:
            await Watcher(settings, runtime, reader).run()

    return create_app(settings, Program(name="ingest", tasks={"watch": watch}))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(IngestSettings())
    raise AttributeError(name)
