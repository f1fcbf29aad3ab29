"""Whether an article belongs to a channel, and why: the "why" under every item of a digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from newsfeed.channels import Channel
from newsfeed.documents import Mention
from newsfeed.values import EntityFound, TopicFound
from services.publish.candidates import Candidate
from services.publish.digests import Reason

F = TypeVar("F", TopicFound, EntityFound)

MENTION_COUNT = 3
"""How many places in the text a reason names."""

Ancestors = Callable[[str], tuple[str, ...]]
"""The topics above a topic, by id; the topic itself is not among them."""


def why(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> tuple[Reason, ...] | None:
    """The reasons why an article version belongs to a channel; None if it does not.

    Best score first within a kind; kinds in the order topic, entity, language, source.
    """
    if channel.is_unrestricted:
        return (Reason(kind="everything", clause="*", id="*", name=None),)
    reasons: list[Reason] = []
    for wanted, found in (
        (channel.topics, _topics(channel, candidate, ancestors)),
        (channel.entities, _entities(channel, candidate)),
        (channel.languages, _language(channel, candidate)),
        (channel.sources, _source(channel, candidate)),
    ):
        matched = list(found)
        if wanted and not matched:
            return None
        reasons += sorted(matched, key=lambda reason: (-(reason.score or 0), reason.id))
    return tuple(reasons)


def score_of(reasons: Iterable[Reason]) -> float:
    """The best score among the topics and entities that matched, 0 if none did."""
    return max((reason.score for reason in reasons if reason.score is not None), default=0.0)


def _topics(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> Iterable[Reason]:
    """One reason per topic of the article that is, or lies below, one that the channel wants."""
    wanted = set(channel.topics)
    for topic in _strong(channel, candidate.enriched.topics) if wanted else ():
        for clause in (topic.id, *ancestors(topic.id)):
            if clause in wanted:
                name, mentions = _topic_words(candidate, topic.id)
                yield Reason(
                    kind="topic", clause=clause, id=topic.id, name=name, score=topic.score, mentions=mentions
                )
                break


def _entities(channel: Channel, candidate: Candidate) -> Iterable[Reason]:
    for entity in _strong(channel, candidate.enriched.entities):
        if entity.id in channel.entities:
            name, mentions = _entity_words(candidate, entity.id)
            yield Reason(
                kind="entity",
                clause=entity.id,
                id=entity.id,
                name=name,
                score=entity.score,
                mentions=mentions,
            )


def _language(channel: Channel, candidate: Candidate) -> Iterable[Reason]:
    code = candidate.enriched.language.code
    if code in channel.languages:
        yield Reason(kind="language", clause=code, id=code, name=code)


def _source(channel: Channel, candidate: Candidate) -> Iterable[Reason]:
    source_id = candidate.version_event.source_id
    if source_id in channel.sources:
        yield Reason(kind="source", clause=source_id, id=source_id, name=source_id)


def _strong(channel: Channel, found: Iterable[F]) -> Iterable[F]:
    return (one for one in found if one.score >= channel.minimum_score)


def _topic_words(candidate: Candidate, topic_id: str) -> tuple[str | None, tuple[Mention, ...]]:
    """The label and the first mentions; neither once the text was erased."""
    topics = candidate.enrichment.topics if candidate.document and candidate.enrichment else ()
    for topic in topics:
        if topic.id == topic_id:
            return topic.label, topic.mentions[:MENTION_COUNT]
    return None, ()


def _entity_words(candidate: Candidate, entity_id: str) -> tuple[str | None, tuple[Mention, ...]]:
    entities = candidate.enrichment.entities if candidate.document and candidate.enrichment else ()
    for entity in entities:
        if entity.id == entity_id:
            return entity.name, entity.mentions[:MENTION_COUNT]
    return None, ()
