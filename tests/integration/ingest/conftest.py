"""A newsroom for every test: an empty folder, an empty log, and one reader for all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from services.ingest.reader import SeedReader
from tests.integration.ingest.desk import Desk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def reader() -> AsyncIterator[SeedReader]:
    """The real reader with its real child; warming one up takes a second, so that all tests share it."""
    async with SeedReader(deadline_seconds=2.0) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def redis(server: EmbeddedRedis) -> AsyncIterator[Client]:
    """A client of an empty server, on the loop of the reader."""
    client = connect(server.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def log(redis: Client) -> EventLog:
    """An empty log of two partitions."""
    return EventLog(redis, await open_manifest(redis, 2))


@pytest.fixture
def desk(log: EventLog, tmp_path: Path, reader: SeedReader) -> Desk:
    """An empty watched folder in front of an empty log."""
    root = tmp_path / "seeds"
    root.mkdir()
    return Desk(log, root, reader)
