"""What goes over the wire is what redis-py would send, whoever packs it."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from newsfeed.eventlog.connection import Client, connect

Command = tuple[str | int | float | bytes | memoryview, ...]
COMMANDS: list[Command] = [
    ("PING",),
    ("XINFO STREAM", "newsfeed:{p0}:log"),
    ("EVALSHA", "0" * 40, 1, "key", "", 0, -1, 10**15, "Grüße, 世界", b"\xff\x00\r\n", b""),
    ("ZADD", "key", 0.1, 1e300, -2.5, "member"),
    ("SET", "key", memoryview(b"bytes"), "PX", 200),
    ("SET", "key", b"x" * 100_000),
]


def packed(client: Client, command: Command) -> bytes:
    """What the client would send."""
    connection: Any = client.connection_pool.make_connection()  # type: ignore[no-untyped-call] # redis-py's
    return b"".join(connection.pack_command(*command))


@pytest.mark.parametrize("url", ["redis://nowhere:1", "rediss://nowhere:1", "unix:///nowhere"])
@pytest.mark.parametrize("command", COMMANDS)
async def test_commands_are_the_bytes_that_redis_py_sends(url: str, command: Command) -> None:
    """Another spelling of a number would be another value in Redis."""
    assert packed(connect(url), command) == packed(Redis.from_url(url), command)


@pytest.mark.parametrize("scheme", ["redis", "rediss"])
async def test_the_address_is_the_one_of_the_url(scheme: str) -> None:
    """Host, database and password must survive that we make the pool ourselves."""
    options = connect(f"{scheme}://me:secret@nowhere:7/3").connection_pool.connection_kwargs

    assert (options["host"], options["port"], options["db"]) == ("nowhere", 7, 3)
    assert (options["username"], options["password"]) == ("me", "secret")
