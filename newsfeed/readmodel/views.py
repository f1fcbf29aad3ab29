"""Articles as people and programs are shown them: the folded state with its texts."""

from __future__ import annotations

from pydantic import AwareDatetime

from newsfeed.documents import ArticleDocument, EnrichmentDocument, EntityType, Mention, Ratio
from newsfeed.envelope import Frozen
from newsfeed.readmodel.articles import ArticleState, Status


class EntityView(Frozen):
    """An entity of an article; ``name`` is null and ``mentions`` are empty once the text was erased."""

    name: str | None
    type: EntityType
    id: str
    mentions: tuple[Mention, ...]
    salience: Ratio
    score: Ratio
    mention_count: int


class TopicView(Frozen):
    """An IPTC Media Topic of an article; ``label`` is null once the text was erased."""

    id: str
    label: str | None
    score: Ratio


class ArticleView(Frozen):
    """One article now. ``mentions`` count in the text of ``content_version``.

    Until a revision is enriched (``enriched`` is false), entities and topics are those of
    ``enriched_version``, without mentions: their offsets belong to another text.
    """

    article_id: str
    version: int
    status: Status
    title: str | None
    language: str | None
    source_id: str
    seed: str
    published_at: AwareDatetime | None
    entities: tuple[EntityView, ...]
    topics: tuple[TopicView, ...]
    story_id: str | None
    ingested_at: AwareDatetime | None
    updated_at: AwareDatetime | None
    format: str | None
    enriched: bool
    enriched_version: int | None
    content_version: int | None
    content_sha256: str | None
    enrichment_sha256: str | None
    duplicates: tuple[str, ...]
    correlation_id: str
    partition: int
    position: int


def view(
    state: ArticleState,
    partition: int,
    document: ArticleDocument | None,
    enrichment: EnrichmentDocument | None,
) -> ArticleView:
    """Put a state and its texts together; either text may be missing or erased."""
    return ArticleView(
        article_id=state.article_id,
        version=state.version,
        status=state.status,
        title=document.title if document else None,
        language=state.language,
        source_id=state.source_id,
        seed=state.seed,
        published_at=state.published_at,
        entities=_entities(state, enrichment if document else None),
        topics=_topics(state, enrichment),
        story_id=state.story_id,
        ingested_at=state.ingested_at,
        updated_at=state.updated_at,
        format=state.format,
        enriched=state.is_enriched,
        enriched_version=state.enriched_version,
        content_version=state.content_version,
        content_sha256=state.content_sha256,
        enrichment_sha256=state.enrichment_sha256,
        duplicates=state.duplicates,
        correlation_id=str(state.correlation_id),
        partition=partition,
        position=state.position,
    )


def _entities(state: ArticleState, enrichment: EnrichmentDocument | None) -> tuple[EntityView, ...]:
    named = {entity.id: entity for entity in enrichment.entities} if enrichment else {}
    return tuple(
        EntityView(
            name=named[found.id].name if found.id in named else None,
            type=found.type,
            id=found.id,
            mentions=named[found.id].mentions if found.id in named and state.is_enriched else (),
            salience=found.salience,
            score=found.score,
            mention_count=found.mention_count,
        )
        for found in state.entities
    )


def _topics(state: ArticleState, enrichment: EnrichmentDocument | None) -> tuple[TopicView, ...]:
    labels = {topic.id: topic.label for topic in enrichment.topics} if enrichment else {}
    return tuple(
        TopicView(id=found.id, label=labels.get(found.id), score=found.score) for found in state.topics
    )
