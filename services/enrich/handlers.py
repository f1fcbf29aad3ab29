"""Reacting to new versions of articles and to corrections: one enrichment for each, derived for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from newsfeed import logs, streams
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleIngested, LogEvent
from services.enrich.corrections import Standing, standing
from services.enrich.deriving import Cause, Documents, enriched, enrichment, texts_of
from services.enrich.enricher import Enricher


def enrich_handler(log: ArticleLog, enricher: Enricher) -> Handler:
    """The handler of the group ``enrich``."""

    async def on_article_versions(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        causes = [one for one in events if isinstance(one, Cause)]
        held = [await standing_at(log, one) for one in causes]
        documents = await log.articles(partition, [sha for one in held if one for sha in texts_of(one)])
        enriched = await asyncio.to_thread(_enrich_all, enricher, causes, held, documents)
        logs.get_logger().info(
            "enrich.articles_enriched",
            partition=partition,
            article_ids=[event.article_id for event in causes],
            correlation_ids=sorted({str(event.correlation_id) for event in causes}),
            erased_count=sum(not appends for appends in enriched),
        )
        return enriched

    return Handler(
        group=streams.ENRICH,
        types=frozenset({"article.ingested", "article.revised", "annotation.corrected"}),
        react=on_article_versions,
    )


async def standing_at(log: ArticleLog, event: Cause) -> Standing | None:
    """The version and the corrections that hold after an event; nothing is older than the first version."""
    if isinstance(event, ArticleIngested):
        return Standing(event, ())
    assert event.position is not None
    return standing(await log.history(event.article_id), event.position)


def _enrich_all(
    enricher: Enricher,
    causes: Sequence[Cause],
    held: Sequence[Standing | None],
    documents: Documents,
) -> list[list[Append]]:
    return [
        _enrich(enricher, cause, one, documents) if one else []
        for cause, one in zip(causes, held, strict=True)
    ]


def _enrich(enricher: Enricher, cause: Cause, held: Standing, documents: Documents) -> list[Append]:
    """The derived fact of one cause; none for a text that was erased meanwhile."""
    found = enrichment(enricher, held, documents)
    if found is None:
        return []
    assert cause.position is not None
    return [Append(enriched(cause, held, found, enricher), [found], cause=cause.position)]
