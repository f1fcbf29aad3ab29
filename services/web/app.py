"""The web program: wiring only. Run it as ``faststream run services.web.app:app``."""

from __future__ import annotations

from faststream import FastStream

from newsfeed.eventlog.cancelling import rest
from newsfeed.runtime import Program, Runtime, create_app
from newsfeed.tokens import Links, link_key
from services.web.desk import Desk
from services.web.routes import application
from services.web.server import listen, serve_on
from services.web.settings import WebSettings
from services.web.ways import installed

OFF_SECONDS = 60.0


def create(settings: WebSettings) -> FastStream:
    """The application; it connects and listens when it starts."""

    async def serve(runtime: Runtime) -> None:
        if not settings.port:
            runtime.details["listening"] = None
            while True:
                await rest(OFF_SECONDS)
        where = f"{settings.host}:{settings.port}"
        try:
            listening = listen(settings.host, settings.port)
        except OSError as error:
            runtime.troubles["listening"] = f"cannot listen on {where}: {error.strerror}"
            raise
        runtime.troubles.pop("listening", None)
        runtime.details["listening"] = where
        links = Links(link_key(settings.var, settings.link_key_file))
        desk = Desk(settings, runtime.log, links, installed())
        await serve_on(listening, application(desk), desk.closing)

    return create_app(settings, Program(name="web", tasks={"serve": serve}))


def __getattr__(name: str) -> FastStream:
    if name == "app":
        return create(WebSettings())
    raise AttributeError(name)
