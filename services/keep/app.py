"""The keep program: wiring only. Run it as ``faststream run services.keep.app:app``."""

from __future__ import annotations

from datetime import timedelta

from faststream import FastStream

from newsfeed.eventlog.retention import Retention
from newsfeed.runtime import Program, Runtime, create_app
from services.keep.erasures import follow_erasures
from services.keep.handlers import archive, let_digests_go, project
from services.keep.settings import KeepSettings


def create(settings: KeepSettings) -> FastStream:
    """The application; it connects and takes its partitions when it starts."""

    async def erase(runtime: Runtime) -> None:
        await follow_erasures(runtime, erase_on_kill=settings.erase_on_kill)

    async def retain(runtime: Runtime) -> None:
        age = timedelta(days=settings.digests_kept_days)
        await let_digests_go(runtime, Retention(settings.digests_kept, age))

    tasks = {"project": project, "archive": archive, "erase": erase, "retain": retain}
    return create_app(settings, Program(name="keep", tasks=tasks))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(KeepSettings())
    raise AttributeError(name)
