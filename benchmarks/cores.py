"""Cores: the same articles enriched by the real program, in one process and in one on every core."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory

from benchmarks.articles import ingested
from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from benchmarks.newsroom import articles
from newsfeed import streams
from newsfeed.cli import supervisor
from newsfeed.cli.supervisor import Supervisor, usable_cores
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import Append
from newsfeed.eventlog.groups import backlog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.health import heartbeats

PARTITIONS = 4
WARMING, COPIES = 8, 6
"""How often the articles are read: before the clock starts, so that all is loaded everywhere, and by it."""

AT_ONCE, LOOK_SECONDS = 50, 0.05


class Arms:
    """Articles of real words, in a log of four partitions."""

    def __init__(self, redis: PrivateRedis) -> None:
        self._redis = redis
        self._articles = articles()
        self._count = 0
        self._words = sum(len(article.text.split()) for article in self._articles)

    async def one(self) -> float:
        """One process."""
        return await self._enriched(1)

    async def all(self) -> float:
        """A process on every core, as `newsfeed up` starts them."""
        return await self._enriched(min(PARTITIONS, usable_cores()))

    async def _enriched(self, count: int) -> float:
        """Seconds a word, from the append until everything is enriched."""
        await self._redis.client.flushall()
        log = EventLog(self._redis.client, await open_manifest(self._redis.client, PARTITIONS))
        async with _processes(self._redis.url, count):
            while not await _is_ready(log, count):
                await asyncio.sleep(LOOK_SECONDS)
            await self._append(log, WARMING)
            await _caught_up(log)
            with timed() as watch:
                await self._append(log, COPIES)
                await _caught_up(log)
                watch.stop()
        return watch.seconds / (COPIES * self._words)

    async def _append(self, log: EventLog, copies: int) -> None:
        """All articles so many times, in calls of one partition each."""
        appends: dict[int, list[Append]] = defaultdict(list)
        for article in copies * self._articles:
            self._count += 1
            append = ingested(self._count, article)
            appends[log.partition_of(append.event.subject)].append(append)
        for partition, batch in appends.items():
            for start in range(0, len(batch), AT_ONCE):
                await log.append(partition, batch[start : start + AT_ONCE])


@asynccontextmanager
async def _processes(url: str, count: int) -> AsyncIterator[None]:
    """So many enrich processes, and none of another program."""
    others = dict.fromkeys(supervisor.programs(), 0)
    with TemporaryDirectory(prefix="nf-") as var:
        environment = {"NEWSFEED_REDIS_URL": url, "NEWSFEED_VAR": var, "NEWSFEED_LOG_LEVEL": "error"}
        one = Supervisor(environment, {**others, "enrich": count})
        running = asyncio.create_task(one.run())
        try:
            yield
        finally:
            await one.stop()
            await running


async def _is_ready(log: EventLog, count: int) -> bool:
    """Whether every process has its share of the partitions, of which none has two digits."""
    shares = [str(one.details["partitions"]) for one in await heartbeats(log.redis) if one.ready]
    held = sum(character.isdecimal() for share in shares for character in share)
    return len(shares) == count and held == PARTITIONS


async def _caught_up(log: EventLog) -> None:
    for partition in range(PARTITIONS):
        while (found := await backlog(log, streams.ENRICH, partition)) is None or found.lag or found.pending:
            await asyncio.sleep(LOOK_SECONDS)


async def measure(rounds: int) -> list[Ratio]:
    """Words a second through the program; every round starts it anew, so there are fewer."""
    async with private_redis() as redis:
        arms = Arms(redis)
        figures = await alternate({"all": arms.all, "one": arms.one}, max(1, rounds // 3))
    return [speed_ratio(f"{usable_cores()} cores / 1 process", figures, ("all", "one"), "words")]
