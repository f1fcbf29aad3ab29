"""The web on a real Redis: as an application to ask, and as a server to connect to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.registry import Options
from newsfeed.testing.listening import Web
from newsfeed.tokens import Links
from services.web.desk import Desk
from services.web.routes import application
from services.web.server import listen, serve_on
from services.web.settings import WebSettings

CONFIG = """
[[channels]]
name = "latest"
title = "Latest <b>"
description = "Everything & more"
every_seconds = 60

[[channels]]
name = "akhbar"
title = "أخبار العالم"
every_seconds = 60
language = "ar"
time_zone = "Africa/Cairo"
"""


class Post:
    """A transport for tests, whose owner confirms by a link."""

    name = "email"
    needs = "link"

    def problems(self, address: str, _options: Options) -> list[str]:
        """An address has an @."""
        return [] if "@" in address else ["that is no address"]


@pytest.fixture
def settings(tmp_path: Path) -> WebSettings:
    """Settings as they come, with two channels."""
    config = tmp_path / "newsfeed.toml"
    config.write_text(CONFIG, encoding="utf-8")
    # Nothing may hide behind the comment that wakes a listener who missed something.
    return WebSettings(redis_url="unix:///nowhere", var=tmp_path, config=config, keep_alive_seconds=1000)


@pytest.fixture
def desk(log: EventLog, settings: WebSettings) -> Desk:
    """What answers are made from."""
    return Desk(settings, log, Links(b"a key for tests"), {"email": Post()})  # type: ignore[dict-item] # a str is not a Literal


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks the application without a network."""
    transport = httpx2.ASGITransport(application(desk))
    async with httpx2.AsyncClient(transport=transport, base_url="http://news.example") as one:
        yield one


@pytest.fixture
async def web(desk: Desk) -> AsyncIterator[Web]:
    """The application behind a real server."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    serving = asyncio.create_task(serve_on(listening, application(desk), desk.closing))
    yield Web(port)
    await end(serving)
