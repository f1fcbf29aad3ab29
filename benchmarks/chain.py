"""Chain: articles come in, are enriched by a stand-in and committed; our consumer against a raw loop.

Both write with our commit and read texts with the same MGET: what differs is who drives the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from faststream.redis import RedisBroker

from benchmarks.articles import enrich_all, ingested, texts
from benchmarks.groups import GROUP, TYPES, consumer, emptied_log, read_group, settled, started_broker
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.consumer import Handler
from newsfeed.eventlog.entries import read_entry
from newsfeed.events import ArticleIngested, LogEvent

ARTICLES = 2000


class Arms:
    """Articles from their texts to the commit of what was found in them."""

    def __init__(self, redis: PrivateRedis, broker: RedisBroker) -> None:
        self._redis = redis
        self._broker = broker
        self._texts = texts(ARTICLES)

    async def _ingest(self, log: EventLog) -> None:
        for start in range(0, ARTICLES, MAX_BATCH):
            batch = enumerate(self._texts[start : start + MAX_BATCH], start)
            await log.append(0, [ingested(n, ArticleDocument(title=t, body=b)) for n, (t, b) in batch])

    async def ours(self) -> float:
        """Ingest and our consumer, side by side."""
        log, lease = await emptied_log(self._redis)

        seen, last = 0, asyncio.Event()

        async def react(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
            nonlocal seen
            seen += len(events)
            if seen == ARTICLES:
                last.set()
            return await enrich_all(log, partition, events)

        with timed() as watch:
            async with consumer(self._broker, log, lease, Handler(GROUP, TYPES, react)):
                await self._ingest(log)
                await last.wait()
                while await log.tail(0) < 2 * ARTICLES:
                    await asyncio.sleep(0.001)
                await settled(log)
                watch.stop()
        return watch.seconds / ARTICLES

    async def raw(self) -> float:
        """Ingest and a loop by hand, side by side."""
        log, lease = await emptied_log(self._redis)
        acknowledged = 0
        with timed() as watch:
            ingest = asyncio.create_task(self._ingest(log))
            while acknowledged < 2 * ARTICLES:
                entries = [read_entry(raw) for raw in await read_group(log)]
                versions = [e.event for e in entries if isinstance(e.event, ArticleIngested)]
                reactions = await enrich_all(log, 0, versions)
                acks = [entry.position for entry in entries]
                await log.commit(0, [append for [append] in reactions], lease=lease, acks=acks)
                acknowledged += len(acks)
            await ingest
        return watch.seconds / ARTICLES


async def measure(rounds: int) -> list[Ratio]:
    """Articles a second through all of it, in one process."""
    async with private_redis() as redis, started_broker(redis) as broker:
        arms = Arms(redis, broker)
        figures = await alternate({"ours": arms.ours, "raw": arms.raw}, rounds)
    return [speed_ratio("chain / raw loop", figures, ("ours", "raw"), "articles", 0.65)]
