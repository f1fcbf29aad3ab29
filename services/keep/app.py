"""The keep program: wiring only. Run it as ``faststream run services.keep.app:app``."""

from __future__ import annotations

from faststream import FastStream

from newsfeed.runtime import Program, create_app
from services.keep.handlers import project
from services.keep.settings import KeepSettings


def create(settings: KeepSettings) -> FastStream:
    """The application; it connects and takes its partitions when it starts."""
    return create_app(settings, Program(name="keep", tasks={"project": project}))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(KeepSettings())
    raise AttributeError(name)
