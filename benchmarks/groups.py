"""A partition served for a group: by our consumer, or by the loop that one would write by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from faststream.redis import RedisBroker

from benchmarks.measuring import PrivateRedis
from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import client_options
from newsfeed.eventlog.consumer import Handler, PartitionConsumer
from newsfeed.eventlog.groups import backlog, ensure_group
from newsfeed.eventlog.leases import Lease, Leases
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.logs import FastStreamLogger

GROUP = streams.ENRICH
TYPES = frozenset({"article.ingested", "article.revised"})
POLLING_SECONDS = 0.5


async def emptied_log(redis: PrivateRedis) -> tuple[EventLog, Lease]:
    """A log of one partition, its group, and the right to serve it."""
    await redis.client.flushall()
    log = EventLog(redis.client, await open_manifest(redis.client, 1))
    await ensure_group(log, GROUP)
    lease = await Leases(redis.client, GROUP, "benchmark", 600).acquire(0)
    assert lease
    return log, lease


@asynccontextmanager
async def started_broker(redis: PrivateRedis) -> AsyncIterator[RedisBroker]:
    """A broker as a program of ours has it."""
    broker = RedisBroker(redis.url, logger=FastStreamLogger(), **client_options())
    await broker.connect()
    yield broker
    await broker.stop()


@asynccontextmanager
async def consumer(
    broker: RedisBroker, log: EventLog, lease: Lease, handler: Handler
) -> AsyncIterator[PartitionConsumer]:
    """Our consumer while it runs; raises what it could not survive."""
    ours = PartitionConsumer(broker, log, handler, lease, max_attempts=3)
    await ours.start(POLLING_SECONDS)
    yield ours
    await ours.stop()
    if ours.fatal:
        raise ours.fatal


async def read_group(log: EventLog) -> list[Any]:
    """The next raw entries that nobody has read yet."""
    where: dict[Any, Any] = {streams.log(0): ">"}
    reply: Any = await log.redis.xreadgroup(
        GROUP, streams.consumer(0, GROUP), where, MAX_BATCH, round(POLLING_SECONDS * 1000)
    )
    return reply[0][1] if reply else []


async def settled(log: EventLog) -> None:
    """Return as soon as everything was read and acknowledged; it asks often, so begin at the last batch."""
    while not (found := await backlog(log, GROUP, 0)) or found.lag or found.pending:
        await asyncio.sleep(0.001)
