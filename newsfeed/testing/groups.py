"""A consumer group at work: a handler that fails where it is told to, and processes that serve it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from faststream.redis import RedisBroker

from newsfeed import streams
from newsfeed.errors import Poisonous
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import client_options
from newsfeed.eventlog.consumer import Handler, PartitionConsumer
from newsfeed.eventlog.dead_letters import DeadLetter, DeadLetters
from newsfeed.eventlog.groups import backlog, ensure_group
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.membership import Membership
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, LogEvent
from newsfeed.logs import FastStreamLogger
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings
from newsfeed.testing.facts import enrichment_append

GROUP = streams.ENRICH
"""The group of every handler here."""

SETTINGS = Settings(redis_url="unix:///nowhere", lease_seconds=0.6, polling_seconds=0.1, max_attempts=3)
"""Those of a process in a hurry."""

VersionId = tuple[str, int]
"""An article and a version of it."""


@dataclass(slots=True)
class Worker:
    """Enriches every version, remembers which it saw, and fails where it is told to.

    ``failures`` are raised once each, in turn; what is in ``poison`` fails for good. ``meanwhile`` is
    what somebody else does while a batch is in hand, once each.
    """

    seen: list[VersionId] = field(default_factory=list)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    poison: set[VersionId] = field(default_factory=set)
    meanwhile: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def react(self, _: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        """What each event derives."""
        if self.meanwhile:
            await self.meanwhile.pop(0)()
        return [[self._enrich(event)] for event in events]

    def _enrich(self, event: LogEvent) -> Append:
        assert isinstance(event, ArticleIngested | ArticleRevised)
        if self.failures.get(event.article_id):
            raise self.failures[event.article_id].pop(0)
        if (event.article_id, event.version) in self.poison:
            raise Poisonous("no_words", f"version {event.version}")
        self.seen.append((event.article_id, event.version))
        return enrichment_append(event)

    def handler(self) -> Handler:
        """The worker, as a process is told of it."""
        return Handler(GROUP, frozenset({"article.ingested", "article.revised"}), self.react)


@asynccontextmanager
async def member(
    server: EmbeddedRedis, log: EventLog, worker: Worker, owner: str = "one", settings: Settings = SETTINGS
) -> AsyncIterator[Membership]:
    """A process of the group, as far as the log can tell."""
    broker = RedisBroker(server.url, logger=FastStreamLogger(), **client_options())
    await broker.connect()
    membership = Membership(broker, log, worker.handler(), settings, owner)
    task = asyncio.create_task(membership.run())
    try:
        yield membership
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await broker.stop()


async def take_over(
    log: EventLog, worker: Worker, partition: int = 0, broker: RedisBroker | None = None
) -> PartitionConsumer:
    """A consumer that has just taken a partition whose owner died; :func:`serve` reads, or its broker."""
    await ensure_group(log, GROUP)
    await log.redis.delete(streams.lease(partition, GROUP))
    lease = await Leases(log.redis, GROUP, "heir", 600).acquire(partition)
    assert lease
    broker = broker or RedisBroker()
    return PartitionConsumer(broker, log, worker.handler(), lease, max_attempts=SETTINGS.max_attempts)


async def serve(log: EventLog, consumer: PartitionConsumer) -> None:
    """Do all there is to do in the consumer's partition; raises what the consumer cannot survive."""
    partition = consumer.lease.partition
    name, key = streams.consumer(partition, GROUP), streams.log(partition)
    while await log.redis.xreadgroup(GROUP, name, {key: ">"}, count=MAX_BATCH):
        await consumer.recover()
        if consumer.fatal:
            raise consumer.fatal
    await consumer.recover()
    if consumer.fatal:
        raise consumer.fatal


async def caught_up(log: EventLog) -> bool:
    """Whether the group has read and settled everything."""
    found = [await backlog(log, GROUP, partition) for partition in range(log.manifest.partitions)]
    return all(b is not None and b.lag == 0 and b.pending == 0 for b in found)


async def enriched(log: EventLog) -> list[VersionId]:
    """The versions whose enrichments are in the log, by partition and position."""
    entries = [entry for partition in range(log.manifest.partitions) async for entry in log.read(partition)]
    events = [entry.event for entry in entries]
    return [(event.article_id, event.version) for event in events if isinstance(event, ArticleEnriched)]


async def dead_letters(log: EventLog) -> list[DeadLetter]:
    """The dead letters of the group, by partition and position."""
    return [letter async for letter in DeadLetters(log.redis, log.manifest.partitions).all(GROUP)]
