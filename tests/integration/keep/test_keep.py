"""The keep program follows the log, shares the partitions, and survives what happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.leases import holder
from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.progress import progress
from newsfeed.readmodel.rebuilding import build, swap
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.runtime import Runtime
from newsfeed.settings import Settings
from newsfeed.testing.bulk import fill
from newsfeed.testing.facts import append_raw, version_append
from newsfeed.testing.waiting import until
from services.keep.handlers import project

SETTINGS = Settings(lease_seconds=0.4, polling_seconds=0.2)

Start = Callable[[EventLog], "asyncio.Task[None]"]


def start(log: EventLog) -> tuple[Runtime, asyncio.Task[None]]:
    """One keeper."""
    runtime = Runtime(SETTINGS, log.redis, log)
    return runtime, asyncio.create_task(project(runtime))


@asynccontextmanager
async def keeper(log: EventLog) -> AsyncIterator[Runtime]:
    runtime, task = start(log)
    try:
        yield runtime
    finally:  # Once only: it gives its leases back, which a second cancellation would cut short.
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_up(log: EventLog) -> bool:
    """Whether every kept version has read the whole log."""
    found = [one for one in await progress(log) if one.state != "building"]
    return bool(found) and all(one.lag == 0 for one in found)


async def test_the_first_version_is_made_and_kept_up(log: EventLog) -> None:
    await fill(log, 40)

    async with keeper(log) as runtime:
        await until(lambda: is_up(log))
        await log.append(log.partition_of("late"), [version_append("late")])
        await until(lambda: is_up(log))
        told = {"articles:1": {"state": "live", "lag": 0, "parked": 0}}
        await until(lambda: _equals(runtime.details.get("projections"), told))

    assert runtime.troubles == {}
    assert sum((await progress(log))[0].checkpoints or []) == 41


async def _equals(one: object, other: object) -> bool:
    return one == other


async def test_the_previous_version_is_kept_up_too(log: EventLog) -> None:
    """Else a way back would be one into the past."""
    await fill(log, 40)
    async with keeper(log):
        await until(lambda: is_up(log))
        await swap(log, ARTICLES, await build(log, ARTICLES))
        await log.append(log.partition_of("late"), [version_append("late")])
        await until(lambda: is_up(log))

    assert [(one.version, one.state, one.lag) for one in await progress(log)] == [
        (1, "previous", 0),
        (2, "live", 0),
    ]


async def test_two_share_the_partitions_and_one_takes_over(server: EmbeddedRedis, log: EventLog) -> None:
    other = connect(server.url)
    async with keeper(log):
        async with keeper(EventLog(other, log.manifest)):
            await until(lambda: _two_holders(log))
        await fill(log, 40)
        await until(lambda: is_up(log))
    await other.aclose()

    assert [await holder(log.redis, streams.PROJECT, partition) for partition in range(2)] == [None, None]


async def _two_holders(log: EventLog) -> bool:
    return len({await holder(log.redis, streams.PROJECT, p) for p in range(2)} - {None}) == 2


async def test_an_article_is_parked_and_the_rest_goes_on(log: EventLog) -> None:
    await fill(log, 40)
    await append_raw(log, "article-1", b'{"type":"article.transmuted","schema_version":1}')
    await log.append(log.partition_of("article-2"), [version_append("article-2", 3)])

    async with keeper(log):
        await until(lambda: is_up(log))

    assert [one.parked for one in await progress(log)] == [1]


async def test_a_gap_ends_the_program(log: EventLog) -> None:
    """To pass over it would make a read model that looks whole and is not."""
    await fill(log, 40)
    await log.redis.xdel(streams.log(0), entry_id(3))

    _, task = start(log)

    with pytest.raises(LogDamaged, match="position 3 is missing"):
        await task


async def test_a_read_model_that_was_dropped_is_begun_anew(log: EventLog) -> None:
    """All of it may be deleted while the program runs."""
    await fill(log, 40)
    async with keeper(log):
        await until(lambda: is_up(log))
        keys = [key async for key in log.redis.scan_iter(match="*:model:*")]
        await log.redis.delete(streams.PROJECTIONS, streams.checkpoints(0), streams.checkpoints(1), *keys)
        await until(lambda: is_up(log))

    assert (await read_versions(log.redis, "articles")).live == 1
