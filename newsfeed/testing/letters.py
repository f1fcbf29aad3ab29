"""A story in which an article is parked, and what may be done about its dead letters."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.dead_letters import Chosen, DeadLetter, DeadLetters, Taken
from newsfeed.events import ArticleIngested
from newsfeed.testing.facts import version_append
from newsfeed.testing.groups import GROUP, Worker, dead_letters, enriched, serve, take_over


async def append_versions(log: EventLog, *articles: str, version: int = 1) -> list[int]:
    """Append a version of each article; their positions."""
    return [
        position
        for article in articles
        for position in await log.append(log.partition_of(article), [version_append(article, version)])
    ]


async def work(log: EventLog, worker: Worker) -> None:
    """A new process does all there is to do."""
    await serve(log, await take_over(log, worker))


def letters_of(log: EventLog) -> DeadLetters:
    """The dead letters of every group of a log."""
    return DeadLetters(log.redis, log.manifest.partitions)


async def finish(steps: AsyncGenerator[Taken, None]) -> list[Taken]:
    """Take all steps of a requeue or a drop."""
    return [taken async for taken in steps]


async def requeue_all(log: EventLog) -> list[Taken]:
    """Requeue every dead letter of the group."""
    return [
        taken
        for one in letters_of(log).everything(GROUP)
        for taken in await finish(letters_of(log).requeue(one))
    ]


async def requeue_article(log: EventLog, article: str) -> list[Taken]:
    """Requeue an article."""
    return await finish(letters_of(log).requeue(Chosen(GROUP, log.partition_of(article), article)))


async def reasons(log: EventLog) -> list[tuple[int, str]]:
    """Where the dead letters stand, and why."""
    return [(letter.position, letter.reason) for letter in await dead_letters(log)]


async def tell_story(log: EventLog) -> Worker:
    """Three versions of a and b, by turns at 1 to 6; the first of a is poison and parks the others."""
    for version in (1, 2, 3):
        await append_versions(log, "a", "b", version=version)
    worker = Worker(poison={("a", 1)})
    await work(log, worker)
    worker.poison.clear()
    return worker


async def wrong_with(log: EventLog, articles: str = "ab", versions: int = 3) -> list[str]:
    """What is lost, doubled or out of order when nothing may be left."""
    found = await enriched(log)
    expected = [*range(1, versions + 1)]
    got = {article: [version for one, version in found if one == article] for article in articles}
    wrong = [f"{article}: {order}" for article, order in got.items() if order != expected]
    return wrong + [f"dead at {letter.position}" for letter in await dead_letters(log)]


async def bury_first(log: EventLog, partition: int = 0) -> DeadLetter:
    """Make the first event of a partition a dead letter, which parks its article."""
    entry = await log.entry(partition, 1)
    assert entry
    event = entry.readable()
    assert isinstance(event, ArticleIngested)
    consumer = await take_over(log, Worker(poison={(event.article_id, event.version)}), partition)
    await log.redis.xreadgroup(
        GROUP, streams.consumer(partition, GROUP), {streams.log(partition): ">"}, count=1
    )
    await consumer.recover()
    [letter] = [one for one in await dead_letters(log) if one.partition == partition]
    return letter
