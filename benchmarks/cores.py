"""Cores: the same articles enriched by the real program, in one process and in one on every core."""

from __future__ import annotations

import asyncio
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
from newsfeed.eventlog.groups import backlog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.health import heartbeats

PARTITIONS = 4
WARMING = 40
"""Articles that every process reads before the clock starts, so that all is loaded."""

LOOK_SECONDS = 0.05


class Arms:
    """Articles of real words, in a log of four partitions."""

    def __init__(self, redis: PrivateRedis) -> None:
        self._redis = redis
        self._articles = articles()
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
            await self._append(log, "warm", WARMING)
            await _caught_up(log)
            with timed() as watch:
                await self._append(log, "told", len(self._articles))
                await _caught_up(log)
                watch.stop()
        return watch.seconds / self._words

    async def _append(self, log: EventLog, name: str, count: int) -> None:
        for number, article in enumerate(self._articles[:count], 0 if name == "warm" else WARMING):
            append = ingested(number, article)
            await log.append(log.partition_of(append.event.subject), [append])


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
