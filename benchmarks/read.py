"""Read: a replay that validates every event and sees every gap, against XRANGE that looks at nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from benchmarks.articles import events_only
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import FIELD_DATA, entry_id
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import parse_log_event

EVENTS = 20_000


class Arms:
    """One log, read from its beginning."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def ours(self) -> float:
        """What every fold stands on."""
        count = 0
        with timed() as watch:
            async for entry in self._log.read(0):
                entry.readable()
                count += 1
        assert count == EVENTS
        return watch.seconds / EVENTS

    async def pages(self) -> float:
        """Pages as redis-py gives them."""
        return await self._xrange(validates=False)

    async def validated_pages(self) -> float:
        """Pages, each event validated; gaps, unreadable entries and places in the chain are not seen."""
        return await self._xrange(validates=True)

    async def _xrange(self, *, validates: bool) -> float:
        count = 0
        with timed() as watch:
            while page := await self._log.redis.xrange(streams.log(0), entry_id(count + 1), count=MAX_BATCH):
                if validates:
                    for _, fields in cast("list[tuple[bytes, Mapping[bytes, bytes]]]", page):
                        parse_log_event(fields[FIELD_DATA])
                count += len(page)
        assert count == EVENTS
        return watch.seconds / EVENTS


async def filled_log(redis: PrivateRedis) -> EventLog:
    """A log of one partition."""
    log = EventLog(redis.client, await open_manifest(redis.client, 1))
    appends = events_only(EVENTS)
    for start in range(0, EVENTS, MAX_BATCH):
        await log.append(0, appends[start : start + MAX_BATCH])
    return log


async def measure(rounds: int) -> list[Ratio]:
    """Events a second from the beginning to the end."""
    async with private_redis() as redis:
        arms = Arms(await filled_log(redis))
        figures = await alternate(
            {"ours": arms.ours, "xrange": arms.pages, "validated": arms.validated_pages}, rounds
        )
    return [
        speed_ratio("read / XRANGE", figures, ("ours", "xrange"), "events", 0.5),
        speed_ratio("read / XRANGE that validates", figures, ("ours", "validated"), "events"),
    ]
