"""Append: our commit, which checks order, versions and duplicates, against XADD, which checks nothing."""

from __future__ import annotations

from benchmarks.articles import events_only
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.log import MAX_BATCH
from newsfeed.eventlog.manifest import open_manifest

EVENTS = 5000
SINGLE_EVENTS = 1000


def encoded(append: Append) -> bytes:
    """The JSON that our commit sends."""
    return append.event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True).encode()


class Arms:
    """The same events on their way into one stream."""

    def __init__(self, redis: PrivateRedis) -> None:
        self._redis = redis.client
        self._appends = events_only(EVENTS)
        self._encoded = [encoded(append) for append in self._appends]

    async def _emptied(self) -> EventLog:
        await self._redis.flushall()
        return EventLog(self._redis, await open_manifest(self._redis, 1))

    async def commit_batches(self) -> float:
        """Ours, 100 events a call."""
        return await self._commit(EVENTS, MAX_BATCH)

    async def commit_singles(self) -> float:
        """Ours, an event a call."""
        return await self._commit(SINGLE_EVENTS, 1)

    async def _commit(self, count: int, size: int) -> float:
        log = await self._emptied()
        with timed() as watch:
            for start in range(0, count, size):
                await log.commit(0, self._appends[start : start + size])
        assert await log.tail(0) == count
        return watch.seconds / count

    async def xadd_encoding(self) -> float:
        """Pipelined XADD that makes the JSON, too."""
        return await self._xadd(encodes=True)

    async def xadd_bytes(self) -> float:
        """Pipelined XADD of JSON that was made before."""
        return await self._xadd(encodes=False)

    async def _xadd(self, *, encodes: bool) -> float:
        await self._emptied()
        with timed() as watch:
            for start in range(0, EVENTS, MAX_BATCH):
                pipeline = self._redis.pipeline(transaction=False)
                for number in range(start, start + MAX_BATCH):
                    append = self._appends[number]
                    data = encoded(append) if encodes else self._encoded[number]
                    fields = {"e": str(append.event.event_id), "v": 1, "p": 0, "__data__": data}
                    pipeline.xadd("stream", fields, f"0-{number + 1}")  # type: ignore[arg-type] # invariant
                await pipeline.execute()
        return watch.seconds / EVENTS


async def measure(rounds: int) -> list[Ratio]:
    """Commits of 100 against pipelines of 100, and against commits of one."""
    async with private_redis() as redis:
        arms = Arms(redis)
        figures = await alternate(
            {
                "commit": arms.commit_batches,
                "xadd encoding": arms.xadd_encoding,
                "xadd bytes": arms.xadd_bytes,
                "single": arms.commit_singles,
            },
            rounds,
        )
    return [
        speed_ratio("commit / XADD that encodes", figures, ("commit", "xadd encoding"), "events", 0.9),
        speed_ratio("commit / XADD of ready bytes", figures, ("commit", "xadd bytes"), "events"),
        speed_ratio("100 a commit / 1 a commit", figures, ("commit", "single"), "events", 3.5),
    ]
