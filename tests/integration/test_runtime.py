"""A program as a whole: it waits for Redis, survives its absence, and never idles in silence."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from faststream import FastStream

from newsfeed import streams
from newsfeed.errors import RedisUnavailable
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.consumer import Handler
from newsfeed.eventlog.groups import backlog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import ArticleIngested, ArticleRevised, LogEvent
from newsfeed.health import Heartbeat, heartbeats
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.runtime import EXIT_FATAL, Program, Runtime, create_app
from newsfeed.settings import Settings
from newsfeed.testing.facts import enrichment_append, version_append
from newsfeed.testing.waiting import until


async def _react(_: int, events: Sequence[LogEvent]) -> list[list[Append]]:
    return [
        [enrichment_append(event)] for event in events if isinstance(event, ArticleIngested | ArticleRevised)
    ]


def _handler(_: Runtime) -> Handler:
    return Handler(streams.ENRICH, frozenset({"article.ingested", "article.revised"}), _react)


def settings_for(server: EmbeddedRedis, var: Path) -> Settings:
    return Settings(redis_url=server.url, var=var, lease_seconds=0.6, polling_seconds=0.1, partitions=2)


@asynccontextmanager
async def running(app: FastStream) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(app.run())
    try:
        yield task
    finally:
        app.exit()
        with suppress(SystemExit):
            await task


async def _log(redis: Client) -> EventLog:
    return EventLog(redis, await open_manifest(redis, 2))


async def _caught_up(log: EventLog) -> bool:
    found = [await backlog(log, streams.ENRICH, partition) for partition in range(2)]
    return all(b is not None and not b.lag and not b.pending for b in found)


async def _beat(redis: Client) -> Heartbeat | None:
    return next(iter(await heartbeats(redis)), None)


async def _is_ready(redis: Client) -> bool:
    heartbeat = await _beat(redis)
    return heartbeat is not None and heartbeat.ready


async def test_a_program_says_when_it_is_ready_and_when_it_is_gone(
    server: EmbeddedRedis, redis: Client, tmp_path: Path
) -> None:
    """Readiness is what a supervisor and `newsfeed status` go by."""
    app = create_app(settings_for(server, tmp_path), Program("enrich", handlers=[_handler]))

    async with running(app):
        await until(lambda: _is_ready(redis))

    assert await heartbeats(redis) == []


async def test_a_program_waits_for_redis(own_server: EmbeddedRedis, tmp_path: Path) -> None:
    """FastStream's own worker ends at once when Redis is not there yet."""
    os.kill(own_server.pid or 0, signal.SIGKILL)
    app = create_app(settings_for(own_server, tmp_path), Program("enrich", handlers=[_handler]))
    redis = connect(own_server.url)

    async with running(app) as task:
        await until(lambda: _said(tmp_path, "enrich.redis_awaited"))
        assert not task.done()
        await asyncio.to_thread(own_server.ensure_running)
        await until(lambda: _is_ready(redis))
    await redis.aclose()


async def _said(var: Path, event: str) -> bool:
    file = var / "log" / "enrich.jsonl"
    return file.exists() and event in file.read_text()


async def test_work_goes_on_after_redis_was_killed(own_server: EmbeddedRedis, tmp_path: Path) -> None:
    """Nothing is lost, nothing is doubled, and nobody has to restart anything."""
    redis = connect(own_server.url)
    app = create_app(settings_for(own_server, tmp_path), Program("enrich", handlers=[_handler]))

    async with running(app):
        await until(lambda: _is_ready(redis))
        log = await _log(redis)
        await log.append(0, [version_append("a"), version_append("b")])
        await until(lambda: _caught_up(log))
        os.kill(own_server.pid or 0, signal.SIGKILL)
        await asyncio.to_thread(own_server.ensure_running)
        await log.append(0, [version_append("c"), version_append("a", 2)])
        await until(lambda: _caught_up(log))

    assert [entry.readable().type async for entry in log.read(0)].count("article.enriched") == 4
    await redis.aclose()


async def test_a_read_only_redis_is_waited_for(own_server: EmbeddedRedis, tmp_path: Path) -> None:
    """After a failover the old master answers READONLY; FastStream alone asks it 2,300 times a second."""
    redis = connect(own_server.url)
    app = create_app(settings_for(own_server, tmp_path), Program("enrich", handlers=[_handler]))

    async with running(app):
        await until(lambda: _is_ready(redis))
        log = await _log(redis)
        await redis.config_resetstat()
        await redis.replicaof("127.0.0.1", "1")
        await until(lambda: _rejected(redis, 3))
        await redis.replicaof("NO", "ONE")
        await log.append(0, [version_append("a")])
        await until(lambda: _caught_up(log))

    assert [entry.readable().type async for entry in log.read(0)] == ["article.ingested", "article.enriched"]
    await redis.aclose()


async def _rejected(redis: Client, count: int) -> bool:
    statistics = await redis.info("errorstats")
    return int(statistics.get("errorstat_READONLY", {}).get("count", 0)) >= count


async def test_a_deleted_log_ends_the_program_with_a_status(
    server: EmbeddedRedis, redis: Client, tmp_path: Path
) -> None:
    """FastStream ends with status 0, or not at all: an orchestrator would take that for success."""
    app = create_app(settings_for(server, tmp_path), Program("enrich", handlers=[_handler]))

    async def flush() -> None:
        await until(lambda: _is_ready(redis))
        await redis.flushall()

    flushing = asyncio.create_task(flush())

    with pytest.raises(SystemExit) as ended:
        await app.run()

    await flushing
    assert ended.value.code == EXIT_FATAL


@pytest.mark.usefixtures("redis")
async def test_a_failing_task_ends_the_program_with_its_cause(server: EmbeddedRedis, tmp_path: Path) -> None:
    """A program that lost half of itself must not look alive."""

    async def fail(_: Runtime) -> None:
        raise ValueError("the cause")

    app = create_app(settings_for(server, tmp_path), Program("enrich", tasks={"fail": fail}))

    with pytest.raises(SystemExit) as ended:
        await app.run()

    assert ended.value.code == EXIT_FATAL
    assert "ValueError: the cause" in (tmp_path / "log" / "enrich.jsonl").read_text()


async def test_the_batch_in_hand_is_finished_at_the_end(
    server: EmbeddedRedis, redis: Client, tmp_path: Path
) -> None:
    """SIGTERM stops the reading first; what was read is committed, not left to the next process."""
    in_hand, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        in_hand.set()
        await go_on.wait()
        return await _react(partition, events)

    def handler(_: Runtime) -> Handler:
        return Handler(streams.ENRICH, frozenset({"article.ingested"}), slowly)

    log = await _log(redis)
    await log.append(0, [version_append("a")])
    app = create_app(settings_for(server, tmp_path), Program("enrich", handlers=[handler]))
    task = asyncio.create_task(app.run())
    await in_hand.wait()

    app.exit()
    go_on.set()
    await task

    assert await _caught_up(log)
    assert await log.tail(0) == 2


def test_without_a_redis_url_the_remedy_is_named(tmp_path: Path) -> None:
    """A program started alone must say what it needs."""
    with pytest.raises(RedisUnavailable, match="NEWSFEED_REDIS_URL"):
        create_app(Settings(redis_url=None, var=tmp_path), Program("enrich"))
