"""Append: our commit, which checks order, versions and duplicates, against XADD, which checks nothing."""

from __future__ import annotations

from typing import Any

from benchmarks.articles import events_only, ingested, texts
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.content import pack
from newsfeed.eventlog.manifest import open_manifest

EVENTS = 5000
SINGLE_EVENTS = 1000
ARTICLES = 1000


def encoded(append: Append) -> bytes:
    """The JSON that our commit sends."""
    return append.event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True).encode()


class Arms:
    """The same events on their way into one stream."""

    def __init__(self, redis: PrivateRedis) -> None:
        self._redis = redis.client
        self._appends = events_only(EVENTS)
        self._encoded = [encoded(append) for append in self._appends]
        documents = [ArticleDocument(title=title, body=body) for title, body in texts(ARTICLES)]
        self._articles = [ingested(number, document) for number, document in enumerate(documents)]

    async def _emptied(self) -> EventLog:
        await self._redis.flushall()
        return EventLog(self._redis, await open_manifest(self._redis, 1))

    async def commit_batches(self) -> float:
        """Ours, 100 events a call."""
        return await self._commit(self._appends, MAX_BATCH)

    async def commit_singles(self) -> float:
        """Ours, an event a call."""
        return await self._commit(self._appends[:SINGLE_EVENTS], 1)

    async def commit_articles(self) -> float:
        """Ours, 100 events and their texts a call."""
        return await self._commit(self._articles, MAX_BATCH)

    async def _commit(self, appends: list[Append], size: int) -> float:
        log = await self._emptied()
        with timed() as watch:
            for start in range(0, len(appends), size):
                await log.commit(0, appends[start : start + size])
        assert await log.tail(0) == len(appends)
        return watch.seconds / len(appends)

    async def xadd_encoding(self) -> float:
        """Pipelined XADD that makes the JSON, too."""
        return await self._xadd(self._appends)

    async def xadd_bytes(self) -> float:
        """Pipelined XADD of JSON that was made before."""
        return await self._xadd(self._appends, self._encoded)

    async def xadd_articles(self) -> float:
        """Pipelined XADD that makes the JSON, and SET that packs the text."""
        return await self._xadd(self._articles)

    async def _xadd(self, appends: list[Append], ready: list[bytes] | None = None) -> float:
        await self._emptied()
        with timed() as watch:
            for start in range(0, len(appends), MAX_BATCH):
                pipeline = self._redis.pipeline(transaction=False)
                for number, append in enumerate(appends[start : start + MAX_BATCH], start):
                    data = ready[number] if ready else encoded(append)
                    fields: dict[Any, Any] = {"e": str(append.event.event_id), "v": 1, "p": 0}
                    pipeline.xadd("stream", fields | {"__data__": data}, f"0-{number + 1}")
                    for document in append.documents:
                        pipeline.set(f"content:{document.sha256}", pack(document.canonical_bytes()), nx=True)
                await pipeline.execute()
        return watch.seconds / len(appends)


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
                "articles": arms.commit_articles,
                "xadd articles": arms.xadd_articles,
            },
            rounds,
        )
    return [
        speed_ratio("commit / XADD that encodes", figures, ("commit", "xadd encoding"), "events", 0.9),
        speed_ratio("commit / XADD of ready bytes", figures, ("commit", "xadd bytes"), "events"),
        speed_ratio("commit / XADD and SET of texts", figures, ("articles", "xadd articles"), "articles"),
        speed_ratio("100 a commit / 1 a commit", figures, ("commit", "single"), "events", 3.5),
    ]
