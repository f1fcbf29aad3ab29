"""Consume: our consumer on FastStream, against a loop of XREADGROUP, validation and XACK."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from faststream.redis import RedisBroker

from benchmarks.articles import events_only
from benchmarks.groups import GROUP, TYPES, consumer, emptied_log, read_group, settled, started_broker
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.consumer import Handler
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.leases import Lease
from newsfeed.events import LogEvent, parse_log_event

EVENTS = 10_000


class Arms:
    """A full log, read to its end by a handler that does nothing."""

    def __init__(self, redis: PrivateRedis, broker: RedisBroker) -> None:
        self._redis = redis
        self._broker = broker
        self._appends = events_only(EVENTS)

    async def _filled(self) -> tuple[EventLog, Lease]:
        log, lease = await emptied_log(self._redis)
        for start in range(0, EVENTS, MAX_BATCH):
            await log.append(0, self._appends[start : start + MAX_BATCH])
        return log, lease

    async def ours(self) -> float:
        """The consumer of every program of ours."""
        log, lease = await self._filled()
        seen, last = 0, asyncio.Event()

        async def react(_: int, events: Sequence[LogEvent]) -> list[list[Append]]:
            nonlocal seen
            seen += len(events)
            if seen == EVENTS:
                last.set()
            return [[] for _ in events]

        with timed() as watch:
            async with consumer(self._broker, log, lease, Handler(GROUP, TYPES, react)):
                await last.wait()
                await settled(log)
                watch.stop()
        assert seen == EVENTS
        return watch.seconds / EVENTS

    async def raw(self) -> float:
        """What one would write by hand: as fast, and without a way back from any failure."""
        log, _ = await self._filled()
        seen = 0
        with timed() as watch:
            while seen < EVENTS:
                entries = await read_group(log)
                seen += len([parse_log_event(fields[FIELD_DATA]) for _, fields in entries])
                await log.redis.xack(streams.log(0), GROUP, *[stream_id for stream_id, _ in entries])
        return watch.seconds / EVENTS


async def measure(rounds: int) -> list[Ratio]:
    """Events a second from a full log."""
    async with private_redis() as redis, started_broker(redis) as broker:
        arms = Arms(redis, broker)
        figures = await alternate({"ours": arms.ours, "raw": arms.raw}, rounds)
    return [speed_ratio("consumer / raw loop", figures, ("ours", "raw"), "events", 0.65)]
