"""The web on a real Redis: as an application to ask, and as a server to connect to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.registry import Options
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
    return WebSettings(redis_url="unix:///nowhere", var=tmp_path, config=config)


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


@dataclass
class Line:
    """A connection that listens to events: all it needs of HTTP."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]

    async def chunk(self) -> bytes:
        """The next chunk of the body; nothing at its end, however it came."""
        try:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            data = await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        return data

    def cut(self) -> None:
        """Go away without a word."""
        self.writer.transport.abort()


class Web:
    """A server of this test."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def listen(self, path: str, cursor: str | None = None, limit: int = 2**16) -> Line:
        """Connect to events; ``limit`` bounds what this side takes in unread."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=limit)
        named = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: news.example\r\n{named}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (one.partition(":") for one in head[1:] if one)
        return Line(reader, writer, int(head[0].split()[1]), {n.lower(): v.strip() for n, _, v in pairs})


@pytest.fixture
async def web(desk: Desk) -> AsyncIterator[Web]:
    """The application behind a real server."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    serving = asyncio.create_task(serve_on(listening, application(desk), desk.closing))
    yield Web(port)
    await end(serving)
