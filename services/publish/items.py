"""What a digest says of the articles in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from newsfeed.eventlog.cursor import story_key
from newsfeed.values import Window
from services.publish.candidates import Candidate, Delivered
from services.publish.clusters import Cluster
from services.publish.digests import AlsoReported, Item, ItemEntity, ItemTopic
from services.publish.selecting import Selected
from services.publish.summaries import summary_of

ENTITY_COUNT = 10
"""How many entities of an article an item names, by salience."""


def item_of(cluster: Cluster, window: Window, delivered: Mapping[str, Delivered]) -> Item:
    """The item of a cluster: its lead, and who else reports the same."""
    lead, *others = cluster
    one, event, document = lead.candidate, lead.candidate.version_event, lead.candidate.document
    published_at = _utc(event.published_at) if event.published_at else None
    return Item(
        article_id=event.article_id,
        version=event.version,
        title=document.title if document else None,
        summary=summary_of(document, one.enrichment) if document else None,
        url=document.url if document else None,
        byline=(document.byline or ", ".join(document.authors) or None) if document else None,
        source_id=event.source_id,
        seed=event.seed.path,
        language=one.enriched.language.code,
        published_at=published_at,
        ingested_at=_utc(event.recorded_at or event.occurred_at),
        entities=_entities(one),
        topics=_topics(one),
        why=lead.reasons,
        correlation_id=event.correlation_id,
        late=bool(published_at and window.opened_at and published_at < window.opened_at),
        story_id=one.enriched.story_id,
        develops=_told_before(cluster, delivered),
        also=tuple(map(_also, others)),
        section=lead.section,
    )


def _also(selected: Selected) -> AlsoReported:
    event, document = selected.candidate.version_event, selected.candidate.document
    return AlsoReported(
        article_id=event.article_id,
        version=event.version,
        title=document.title if document else None,
        url=document.url if document else None,
        source_id=event.source_id,
        language=selected.candidate.enriched.language.code,
        published_at=_utc(event.published_at) if event.published_at else None,
        why=selected.reasons,
    )


def _told_before(cluster: Cluster, delivered: Mapping[str, Delivered]) -> int | None:
    """The newest digest that told of the same story, or of an article that one of these is alike."""
    keys: set[str] = set()
    for one in cluster:
        enriched = one.candidate.enriched
        keys |= {alike.article_id for alike in enriched.alike}
        keys |= {story_key(enriched.story_id)} if enriched.story_id else set()
    return max((delivered[key].digest for key in keys if key in delivered), default=None)


def _entities(candidate: Candidate) -> tuple[ItemEntity, ...]:
    """The most salient entities; none of an erased text, whose names they are."""
    if candidate.document is None or candidate.enrichment is None:
        return ()
    ranked = sorted(candidate.enrichment.entities, key=lambda entity: (-entity.salience, entity.id))
    return tuple(
        ItemEntity(id=entity.id, type=entity.type, name=entity.name, salience=entity.salience)
        for entity in ranked[:ENTITY_COUNT]
    )


def _topics(candidate: Candidate) -> tuple[ItemTopic, ...]:
    if candidate.document is None or candidate.enrichment is None:
        return ()
    ranked = sorted(candidate.enrichment.topics, key=lambda topic: (-topic.score, topic.id))
    return tuple(ItemTopic(id=topic.id, label=topic.label, score=topic.score) for topic in ranked)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
