"""Reacting to new versions of articles and to corrections: one enrichment for each, derived for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from newsfeed import logs, streams
from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import AnnotationCorrected, ArticleEnriched, ArticleIngested, ArticleRevised, LogEvent
from newsfeed.values import EnricherUsed, EntityFound, TopicFound
from services.enrich.corrections import Said, Standing, corrected, standing
from services.enrich.enricher import Enricher
from services.enrich.gazetteer import name_of

Documents = Mapping[str, ArticleDocument]
Cause = ArticleIngested | ArticleRevised | AnnotationCorrected


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


def texts_of(held: Standing) -> set[str]:
    """The texts that it takes to enrich: the version's own, and those that corrections were made on."""
    return {held.version.content_sha256, *(one.content_sha256 for one in held.corrections)}


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


def enrichment(enricher: Enricher, held: Standing, documents: Documents) -> EnrichmentDocument | None:
    """What is in a version, corrections included; None for a text that was erased."""
    document = documents.get(held.version.content_sha256)
    if document is None:
        return None
    found = enricher.enrich(document, held.version.language, held.version.topics)
    said = [
        Said.of(correction, documents[one.content_sha256].text if one.content_sha256 in documents else "")
        for one in held.corrections
        for correction in one.corrections
    ]
    return corrected(found, document, said, name_of) if said else found


def enriched(cause: Cause, held: Standing, found: EnrichmentDocument, enricher: Enricher) -> ArticleEnriched:
    """The fact: ids, codes and numbers of what was found; names and offsets stay in the document."""
    version = held.version
    assert version.position is not None
    return ArticleEnriched(
        event_id=derive_id("enriched", cause.event_id, enricher.name, enricher.version),
        occurred_at=datetime.now(UTC),
        correlation_id=cause.correlation_id,
        causation_id=cause.event_id,
        article_id=version.article_id,
        version=version.version,
        content_sha256=version.content_sha256,
        enrichment_sha256=found.sha256,
        of_position=version.position,
        enricher=EnricherUsed(name=enricher.name, version=enricher.version),
        language=found.language,
        entities=tuple(map(EntityFound.of, found.entities)),
        topics=tuple(map(TopicFound.of, found.topics)),
        warnings=found.warnings,
        corrected_through=held.through,
    )
