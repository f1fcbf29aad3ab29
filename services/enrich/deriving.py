"""The facts that follow from a text, its version and what editors said: the same for ever. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.events import AnnotationCorrected, ArticleEnriched, ArticleIngested, ArticleRevised
from newsfeed.values import EnricherUsed, EntityFound, TopicFound
from services.enrich.corrections import Said, Standing, corrected
from services.enrich.enricher import Enricher
from services.enrich.linking.known import name_of
from services.enrich.story_records import Decision

Documents = Mapping[str, ArticleDocument]
Cause = ArticleIngested | ArticleRevised | AnnotationCorrected


def texts_of(held: Standing) -> set[str]:
    """The texts that it takes to enrich: the version's own, and those that corrections were made on."""
    return {held.version.content_sha256, *(one.content_sha256 for one in held.corrections)}


def enrichment(enricher: Enricher, held: Standing, documents: Documents) -> EnrichmentDocument | None:
    """What is in a version, corrections included; None for a text that was erased."""
    document = documents.get(held.version.content_sha256)
    if document is None:
        return None
    version = held.version
    published_on = version.published_at.date() if version.published_at else None
    found = enricher.enrich(document, version.language, version.topics, published_on)
    said = [
        Said.of(correction, documents[one.content_sha256].text if one.content_sha256 in documents else "")
        for one in held.corrections
        for correction in one.corrections
    ]
    return corrected(found, document, said, name_of) if said else found


def enriched(
    cause: Cause,
    held: Standing,
    found: EnrichmentDocument,
    enricher: Enricher,
    decision: Decision | None,
) -> ArticleEnriched:
    """The fact: ids, codes and numbers of what was found; names and offsets stay in the document.

    ``decision`` is what was decided about the version's story, None where nothing was.
    """
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
        story_id=decision.story_id if decision else None,
        alike=decision.alike if decision else (),
        warnings=found.warnings,
        corrected_through=held.through,
    )
