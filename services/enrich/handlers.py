"""Reacting to new versions of articles: one enrichment for each, derived from it for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from newsfeed import logs, streams
from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, LogEvent
from newsfeed.values import EnricherUsed, EntityFound, TopicFound
from services.enrich.enricher import Enricher

Version = ArticleIngested | ArticleRevised


def enrich_handler(log: ArticleLog, enricher: Enricher) -> Handler:
    """The handler of the group ``enrich``."""

    async def on_article_versions(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        versions = [event for event in events if isinstance(event, Version)]
        documents = await log.articles(partition, [event.content_sha256 for event in versions])
        enriched = await asyncio.to_thread(_enrich_all, enricher, versions, documents)
        logs.get_logger().info(
            "enrich.articles_enriched",
            partition=partition,
            article_ids=[event.article_id for event in versions],
            correlation_ids=sorted({str(event.correlation_id) for event in versions}),
            erased_count=sum(not appends for appends in enriched),
        )
        return enriched

    return Handler(
        group=streams.ENRICH,
        types=frozenset({"article.ingested", "article.revised"}),
        react=on_article_versions,
    )


def _enrich_all(
    enricher: Enricher, versions: Sequence[Version], documents: Mapping[str, ArticleDocument]
) -> list[list[Append]]:
    return [_enrich(enricher, event, documents.get(event.content_sha256)) for event in versions]


def _enrich(enricher: Enricher, event: Version, document: ArticleDocument | None) -> list[Append]:
    """The derived fact of one version; none for a text that was erased meanwhile."""
    if document is None:
        return []
    found = enricher.enrich(document, event.language, event.topics)
    assert event.position is not None
    return [Append(enriched(event, found, enricher), [found], cause=event.position)]


def enriched(event: Version, found: EnrichmentDocument, enricher: Enricher) -> ArticleEnriched:
    """The fact: ids, codes and numbers of what was found; names and offsets stay in the document."""
    assert event.position is not None
    return ArticleEnriched(
        event_id=derive_id("enriched", event.event_id, enricher.name, enricher.version),
        occurred_at=datetime.now(UTC),
        correlation_id=event.correlation_id,
        causation_id=event.event_id,
        article_id=event.article_id,
        version=event.version,
        content_sha256=event.content_sha256,
        enrichment_sha256=found.sha256,
        of_position=event.position,
        enricher=EnricherUsed(name=enricher.name, version=enricher.version),
        language=found.language,
        entities=tuple(map(EntityFound.of, found.entities)),
        topics=tuple(map(TopicFound.of, found.topics)),
    )
