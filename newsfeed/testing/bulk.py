"""A log with many events in it, quickly: no texts, and nobody reads or enriches anything."""

from __future__ import annotations

from collections.abc import Iterable

from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.testing.facts import enrichment_append, version_append, withdrawn_append
from newsfeed.values import EntityFound, TopicFound

EVENTS_EACH = 4
"""Of every article; of every tenth one the withdrawal takes the place of an enrichment."""

TOPICS = (TopicFound(id="medtop:16000000", score=0.5),)
ENTITIES = (EntityFound(id="local:ada", type="PER", score=0.875, salience=0.75, mention_count=2),)


async def fill(log: EventLog, events: int) -> list[str]:
    """Append so many events, a multiple of four, over a quarter as many articles; their ids."""
    articles = [f"article-{number}" for number in range(events // EVENTS_EACH)]
    for start in range(0, len(articles), MAX_BATCH):
        chunk = articles[start : start + MAX_BATCH]
        await _enrich(log, await _put(log, [_bare(version_append(one)) for one in chunk]))
        gone = {article for article in chunk if article.endswith("0")}
        await _put(log, [withdrawn_append(article, 2) for article in gone])
        revisions = [_bare(version_append(one, 3 if one in gone else 2)) for one in chunk]
        revised = await _put(log, revisions)
        await _enrich(log, [one for one in revised if one.event.subject not in gone])
    return articles


def _bare(append: Append) -> Append:
    return Append(append.event)


async def _enrich(log: EventLog, versions: Iterable[Append]) -> None:
    events = [one.event for one in versions]
    appends = [
        enrichment_append(event, TOPICS, ENTITIES)
        for event in events
        if isinstance(event, ArticleIngested | ArticleRevised)
    ]
    await _put(log, [Append(one.event, cause=one.cause) for one in appends])


async def _put(log: EventLog, appends: Iterable[Append]) -> list[Append]:
    """Append events of any partitions; they come back with their positions."""
    by_partition: dict[int, list[Append]] = {}
    for append in appends:
        by_partition.setdefault(log.partition_of(append.event.subject), []).append(append)
    placed: list[Append] = []
    for partition, group in by_partition.items():
        positions = await log.append(partition, group)
        placed += [
            Append(one.event.model_copy(update={"position": position}))
            for one, position in zip(group, positions, strict=True)
        ]
    return placed
