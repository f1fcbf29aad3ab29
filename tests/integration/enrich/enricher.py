"""A process that enriches one partition of a log, in a race with others.

Arguments: the URL, the partition (0 or 1), ``whole`` or ``unguarded``. It says that it is ready, begins at a
line of input, enriches one version after the other, and ends. Both processes have looked for stories before
either decides.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import read_manifest
from newsfeed.events import ArticleIngested
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler
from services.enrich.story_index import RedisIndex
from services.enrich.story_records import Record, Seen

PATIENCE_SECONDS = 60


class Meeting(RedisIndex):
    """Waits for the other process when it has looked for an article for the first time."""

    def __init__(self, redis: Client, partition: int) -> None:
        super().__init__(redis)
        self._partition = partition
        self._met: set[str] = set()

    async def look(self, article_id: str, names: Sequence[str], at_ms: int) -> Seen:
        """Both have an answer before either goes on."""
        seen = await super().look(article_id, names, at_ms)
        if names and article_id not in self._met:
            self._met.add(article_id)
            report = article_id.split("-", maxsplit=1)[0]
            await self._redis.lpush(f"met:{report}:{1 - self._partition}", 1)
            assert await self._redis.blpop([f"met:{report}:{self._partition}"], PATIENCE_SECONDS)
        return seen


class Unguarded(Meeting):
    """The bug: place whatever was decided, if anything happened meanwhile or not."""

    async def place(self, record: Record, seen: Seen) -> bool:
        """Look again, only to be allowed to place."""
        placed = False
        while not placed:
            now = await self.look(record.article_id, (), record.at_ms)
            placed = await super().place(record, replace(seen, sequence=now.sequence))
        return True


async def enrich(url: str, partition: int, kind: str) -> None:
    """What the process does."""
    redis = connect(url)
    log = EventLog(redis, await read_manifest(redis))
    index = (Unguarded if kind == "unguarded" else Meeting)(redis, partition)
    handler = enrich_handler(log, Enricher(), index)
    versions = [
        entry.event async for entry in log.read(partition) if isinstance(entry.event, ArticleIngested)
    ]
    print("ready", flush=True)  # noqa: T201 the parent waits for it
    await asyncio.to_thread(sys.stdin.readline)
    for version in versions:
        await log.append(partition, (await handler.react(partition, [version]))[0])
    await redis.aclose()


if __name__ == "__main__":
    asyncio.run(enrich(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
