"""Whether an article belongs to a channel, and why: the "why" under every item of a digest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from newsfeed.bundles import Bundle
from newsfeed.channels import Channel
from newsfeed.values import EntityFound, TopicFound
from services.publish.candidates import Candidate
from services.publish.digests import Reason
from services.publish.naming import entity_words, topic_words
from services.publish.querying import Ancestors, Matcher

F = TypeVar("F", TopicFound, EntityFound)


def why(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> tuple[Reason, ...] | None:
    """The reasons why an article version belongs to a channel; None if it does not.

    Best score first within a kind; kinds in the order topic, entity, language, source, then those
    of the query in the order of its clauses. In a bundle those of the member come first.
    """
    found = placed(channel, candidate, ancestors)
    return found.reasons if found else None


@dataclass(frozen=True, slots=True)
class Placed:
    """Why an article belongs to a channel; in a bundle also the member, and which of them it is, from 0."""

    reasons: tuple[Reason, ...]
    section: str | None = None
    place: int = 0


def placed(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> Placed | None:
    """Where an article version stands in a channel: under the first member of a bundle that it belongs to."""
    if not isinstance(channel, Bundle):
        reasons = _all_reasons(channel, candidate, ancestors)
        return None if reasons is None else Placed(reasons)
    own = _reasons(channel, candidate, ancestors)
    if own is None:
        return None
    for place, member in enumerate(channel.members):
        reasons = _all_reasons(member, candidate, ancestors)
        if reasons is not None:
            named = (one.model_copy(update={"member": member.name}) for one in reasons)
            others = (one for one in own if one not in reasons)
            return Placed((*named, *others), member.name, place)
    return None


def _all_reasons(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> tuple[Reason, ...] | None:
    if channel.is_unrestricted:
        return (Reason(kind="everything", clause="*", id="*", name=None),)
    return _reasons(channel, candidate, ancestors)


def _reasons(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> tuple[Reason, ...] | None:
    """The reasons that a channel's own lists and query give; None if one is not met."""
    reasons: list[Reason] = []
    for _, _, found in _lists(channel, candidate, ancestors):
        matched = list(found)
        if not matched:
            return None
        reasons += sorted(matched, key=lambda reason: (-(reason.score or 0), reason.id))
    query = channel.parsed_query
    asked = Matcher(candidate, ancestors).reasons(query, channel.minimum_score) if query else ()
    return None if asked is None else (*reasons, *(one for one in asked if one not in reasons))


def why_not(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> list[str]:
    """What an article version lacks to belong to a channel, list by list and clause by clause.

    For a bundle, what it lacks for the member that it comes nearest to.
    """
    lacks = _lacks(channel, candidate, ancestors)
    if not isinstance(channel, Bundle):
        return lacks
    if not channel.members:
        return [*lacks, "bundle: none of its channels is there any more"]
    each = [(one.name, _lacks(one, candidate, ancestors)) for one in channel.members]
    name, nearest = min(each, key=lambda one: len(one[1]))
    return [*lacks, *(f"{name}: {clause}" for clause in nearest)]


def _lacks(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> list[str]:
    failed = [
        f"{name}: none of {', '.join(wanted)}"
        for name, wanted, found in _lists(channel, candidate, ancestors)
        if not list(found)
    ]
    query = channel.parsed_query
    matcher = Matcher(candidate, ancestors)
    return failed + (matcher.failed(query, channel.minimum_score) if query else [])


def _lists(
    channel: Channel, candidate: Candidate, ancestors: Ancestors
) -> Iterable[tuple[str, tuple[str, ...], Iterable[Reason]]]:
    """Each list that a channel has, by name: its values, and the reasons that the article gives."""
    if channel.topics:
        yield "topics", channel.topics, _topics(channel, candidate, ancestors)
    if channel.entities:
        yield "entities", channel.entities, _entities(channel, candidate)
    if channel.languages:
        yield "languages", channel.languages, _language(channel, candidate)
    if channel.sources:
        yield "sources", channel.sources, _source(channel, candidate)


def score_of(reasons: Iterable[Reason]) -> float:
    """The best score among the topics and entities that matched, 0 if none did."""
    return max((reason.score for reason in reasons if reason.score is not None), default=0.0)


def _topics(channel: Channel, candidate: Candidate, ancestors: Ancestors) -> Iterable[Reason]:
    """One reason per topic of the article that is, or lies below, one that the channel wants."""
    wanted = set(channel.topics)
    for topic in _strong(channel, candidate.enriched.topics):
        for clause in (topic.id, *ancestors(topic.id)):
            if clause in wanted:
                name, mentions = topic_words(candidate, topic.id)
                yield Reason(
                    kind="topic", clause=clause, id=topic.id, name=name, score=topic.score, mentions=mentions
                )
                break


def _entities(channel: Channel, candidate: Candidate) -> Iterable[Reason]:
    for entity in _strong(channel, candidate.enriched.entities):
        if entity.id in channel.entities:
            name, mentions = entity_words(candidate, entity.id)
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
