"""The embedded Redis: found, started, shared, stopped, and its data there again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any, cast

import pytest
from redis.exceptions import ResponseError

from newsfeed import redis_server
from newsfeed.errors import RedisUnavailable
from newsfeed.eventlog.connection import PASSING_ERRORS, Client, connect
from newsfeed.redis_server import EmbeddedRedis, bundled_server, find_server, major_version, socket_path
from newsfeed.testing.waiting import until


async def answers(embedded: EmbeddedRedis) -> bool:
    client = connect(embedded.url)
    try:
        return bool(await client.ping())
    except PASSING_ERRORS:
        return False
    finally:
        await client.aclose()


async def ask(embedded: EmbeddedRedis, *command: str) -> object:
    client = connect(embedded.url)
    try:
        return await cast("Any", client).execute_command(*command)
    finally:
        await client.aclose()


@pytest.fixture
def var(tmp_path: Path, server: EmbeddedRedis) -> tuple[Path, Path | None]:
    """A folder for state and the server binary to run there."""
    return tmp_path, server.binary


async def test_data_survives_a_restart(var: tuple[Path, Path | None]) -> None:
    """The log is the only source of truth: it must be there again."""
    with EmbeddedRedis(*var) as embedded:
        await ask(embedded, "SET", "k", "v")

    with EmbeddedRedis(*var) as embedded:
        assert await ask(embedded, "GET", "k") == b"v"


async def test_acknowledged_writes_survive_a_kill(var: tuple[Path, Path | None]) -> None:
    """The append-only file is written before the answer, whatever happens to the process then."""
    with EmbeddedRedis(*var) as embedded:
        await ask(embedded, "SET", "k", "v")
        os.kill(embedded.pid or 0, signal.SIGKILL)

        assert await asyncio.to_thread(embedded.ensure_running)
        assert await ask(embedded, "GET", "k") == b"v"


async def test_the_last_to_leave_stops_it(var: tuple[Path, Path | None]) -> None:
    """A command that joins, or that started it first, must not take it away from the others."""
    with EmbeddedRedis(*var) as first:
        with EmbeddedRedis(*var) as second:
            assert first.pid == second.pid
        assert await answers(first)
    assert not await answers(first)

    early = EmbeddedRedis(*var).__enter__()
    with EmbeddedRedis(*var) as late:
        early.__exit__()
        assert await answers(late)
    assert not await answers(late)


async def test_it_refuses_to_forget(redis: Client, server: EmbeddedRedis) -> None:
    """An event store must not evict, and must write everything down."""
    assert server.url.startswith("unix://")
    assert (await redis.config_get("maxmemory-policy"))["maxmemory-policy"] == "noeviction"
    assert (await redis.config_get("appendonly"))["appendonly"] == "yes"


async def test_a_server_that_refuses_is_not_joined_by_a_second(var: tuple[Path, Path | None]) -> None:
    """With its disk full, Redis answers even PING with an error: two servers on one log would destroy it."""
    (var[0] / "redis" / "dump.rdb").mkdir(parents=True)
    with EmbeddedRedis(*var) as embedded:
        first = embedded.pid
        await ask(embedded, "CONFIG", "SET", "save", "3600 1")
        await ask(embedded, "BGSAVE")
        await until(lambda: _refuses(embedded))

        assert not await asyncio.to_thread(embedded.ensure_running)
        assert embedded.pid == first
        await ask(embedded, "CONFIG", "SET", "save", "")


async def _refuses(embedded: EmbeddedRedis) -> bool:
    try:
        await ask(embedded, "PING")
    except ResponseError as error:
        return "MISCONF" in str(error)
    return False


async def test_a_frozen_server_is_waited_for(var: tuple[Path, Path | None]) -> None:
    """A machine that slept must not find two servers on one log."""
    with EmbeddedRedis(*var) as embedded:
        first = embedded.pid or 0
        os.kill(first, signal.SIGSTOP)
        is_seen = embedded._lives()
        os.kill(first, signal.SIGCONT)

        assert is_seen
        assert not await asyncio.to_thread(embedded.ensure_running)
        assert embedded.pid == first


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    """A unix socket's path has 107 characters at most; folders have more."""
    folder = tmp_path / ("deep" * 40)

    assert len(os.fsencode(socket_path(folder))) <= 100
    assert socket_path(folder) == socket_path(folder) != socket_path(folder / "other")


def test_without_a_server_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never a fake: a clear message with what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(redis_server, "bundled_server", lambda: None)

    with pytest.raises(RedisUnavailable, match="apt install redis-server"):
        find_server()


def test_an_old_server_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only 7 and newer are taken from PATH; then the bundled one."""
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=5.0.14 sha=0'\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert major_version(old) == 5
    assert find_server() == bundled_server()


def test_data_of_a_newer_server_is_not_begun_anew(tmp_path: Path) -> None:
    """Redis 6 does not see the files of Redis 7: it would start empty, and nobody would notice."""
    bundled = bundled_server()
    if bundled is None or major_version(bundled) >= 7:
        pytest.skip("no bundled Redis 6 for this Python")
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)

    with pytest.raises(RedisUnavailable, match="written by Redis 7"), EmbeddedRedis(tmp_path, bundled):
        raise AssertionError


def test_a_server_that_cannot_start_is_told_of(tmp_path: Path) -> None:
    """With the place of its own log, which says why."""
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)

    with pytest.raises(RedisUnavailable, match=r"redis\.log"), EmbeddedRedis(tmp_path, broken):
        raise AssertionError
