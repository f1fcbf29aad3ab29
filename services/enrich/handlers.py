"""Reacting to new versions of articles and to corrections: one enrichment for each, derived for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial

from newsfeed import logs, streams
from newsfeed.documents import EnrichmentDocument
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleErased, ArticleIngested, ArticleWithdrawn, LogEvent
from services.enrich.corrections import Standing, standing
from services.enrich.deciding import Decider
from services.enrich.deriving import Cause, Documents, enriched, enrichment, texts_of
from services.enrich.enricher import Enricher
from services.enrich.joining import Stories
from services.enrich.profiles import Profile
from services.enrich.story_fill import fill, profile_of_version
from services.enrich.story_memory import MemoryIndex
from services.enrich.story_records import StoryIndex

Gone = ArticleWithdrawn | ArticleErased
Read = tuple[Standing, EnrichmentDocument, Profile]
"""A version, what is in its text, and what its story is told by."""


def enrich_handler(log: ArticleLog, enricher: Enricher, index: StoryIndex | None = None) -> Handler:
    """The handler of the group ``enrich``; without an index it knows stories for as long as it lives."""
    index = index or MemoryIndex()
    stories = Stories(index, partial(fill, log, index))

    async def on_article_versions(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        causes = [one for one in events if isinstance(one, Cause)]
        held = [await standing_at(log, one) for one in causes]
        documents = await log.articles(partition, [sha for one in held if one for sha in texts_of(one)])
        read = await asyncio.to_thread(_read_all, enricher, causes, held, documents)
        decider = Decider(log, stories)
        enriched = [await _react(enricher, decider, event, read) for event in events]
        logs.get_logger().info(
            "enrich.articles_enriched",
            partition=partition,
            article_ids=[event.article_id for event in causes],
            correlation_ids=sorted({str(event.correlation_id) for event in causes}),
            erased_count=len(causes) - len(read),
        )
        return enriched

    types = {"article.ingested", "article.revised", "annotation.corrected"}
    types |= {"article.withdrawn", "article.erased"}
    return Handler(group=streams.ENRICH, types=frozenset(types), react=on_article_versions)


async def standing_at(log: ArticleLog, event: Cause) -> Standing | None:
    """The version and the corrections that hold after an event; nothing is older than the first version."""
    if isinstance(event, ArticleIngested):
        return Standing(event, ())
    assert event.position is not None
    return standing(await log.history(event.article_id), event.position)


def _read_all(
    enricher: Enricher,
    causes: Sequence[Cause],
    held: Sequence[Standing | None],
    documents: Documents,
) -> dict[int, Read]:
    """What is in every text, by the position of its cause; nothing for one that was erased meanwhile."""
    read: dict[int, Read] = {}
    for cause, one in zip(causes, held, strict=True):
        found = enrichment(enricher, one, documents) if one else None
        if one and found:
            assert cause.position is not None
            document = documents[one.version.content_sha256]
            read[cause.position] = (one, found, profile_of_version(one, document, found))
    return read


async def _react(
    enricher: Enricher, decider: Decider, event: LogEvent, read: Mapping[int, Read]
) -> list[Append]:
    """The derived fact of one cause; an article that is gone has none, and leaves its story."""
    assert event.position is not None
    if isinstance(event, Gone):
        await decider.leave(event)
    if not isinstance(event, Cause) or event.position not in read:
        return []
    held, found, profile = read[event.position]
    decision = await decider.decide(event, profile)
    return [Append(enriched(event, held, found, enricher, decision), [found], cause=event.position)]
