"""Whether an article meets a query: with every reason, or with the clauses that failed. Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from newsfeed.documents import Entity, Mention
from newsfeed.queries import And, Clause, Everything, Not, Or, Query, Score, Text, Urgency
from newsfeed.queries.clauses import Operator
from newsfeed.queries.values import is_country, is_id
from services.publish.candidates import Candidate
from services.publish.digests import Reason, ReasonKind
from services.publish.naming import MENTION_COUNT, entity_words, topic_words
from services.publish.words import fold, keys_of

Reasons = tuple[Reason, ...]

Ancestors = Callable[[str], tuple[str, ...]]
"""The topics above a topic, by id; the topic itself is not among them."""

_COMPARE: Mapping[Operator, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Matcher:
    """One article, asked by any query."""

    candidate: Candidate
    ancestors: Ancestors

    def reasons(self, query: Query, minimum: float = 0) -> Reasons | None:
        """Why the query is met, clause by clause; None if it is not. What is not there gives no reason.

        ``minimum`` is the score that topics, entities and places must reach.
        """
        match query:
            case And(parts):
                within = max([minimum, *(one.minimum for one in parts if isinstance(one, Score))])
                return _joined([self.reasons(part, within) for part in parts])
            case Or(parts):
                met = [found for part in parts if (found := self.reasons(part, minimum)) is not None]
                return _joined(met) if met else None
            case Not(part):
                return () if self.reasons(part, minimum) is None else None
            case Score():
                return ()
            case _:
                return self._leaf(query, minimum)

    def failed(self, query: Query, minimum: float = 0) -> list[str]:
        """The clauses for which the query is not met, as they would be written; none if it is met."""
        if self.reasons(query, minimum) is not None:
            return []
        if isinstance(query, And):
            within = max([minimum, *(one.minimum for one in query.parts if isinstance(one, Score))])
            return [clause for part in query.parts for clause in self.failed(part, within)]
        scored = minimum and isinstance(query, Clause) and query.field in {"topic", "entity", "place"}
        return [f"{query} with score>={minimum:g}" if scored else str(query)]

    def _leaf(self, query: Query, minimum: float) -> Reasons | None:
        match query:
            case Everything():
                found: Iterable[Reason] = (Reason(kind="everything", clause="*", id="*", name=None),)
            case Urgency():
                found = self._urgency(query)
            case Text():
                found = self._text(query)
            case Clause(field="topic"):
                found = self._topics(query, minimum)
            case Clause(field="entity"):
                found = self._entities(query, minimum)
            case Clause(field="place"):
                found = self._places(query, minimum)
            case Clause():
                found = self._code(query)
            case _:
                raise AssertionError(query)
        reasons = sorted(found, key=lambda reason: (-(reason.score or 0), reason.id))
        return tuple(reasons) or None

    def _topics(self, clause: Clause, minimum: float) -> Iterable[Reason]:
        for topic in self.candidate.enriched.topics:
            if topic.score >= minimum and clause.value in {topic.id, *self.ancestors(topic.id)}:
                name, mentions = topic_words(self.candidate, topic.id)
                yield _reason(clause, "topic", topic.id, name, topic.score, mentions)

    def _entities(self, clause: Clause, minimum: float) -> Iterable[Reason]:
        for entity in self.candidate.enriched.entities:
            if entity.score >= minimum and entity.id == clause.value:
                name, mentions = entity_words(self.candidate, entity.id)
                yield _reason(clause, "entity", entity.id, name, entity.score, mentions)

    def _places(self, clause: Clause, minimum: float) -> Iterable[Reason]:
        """By id also once the text was erased; countries and names are known from the text only."""
        is_here = _place_test(clause.value)
        if is_id(clause.value):
            places = {one.id for one in self.candidate.enriched.entities if one.type == "LOC"}
            if clause.value in places:
                yield from (
                    reason.model_copy(update={"kind": "place", "clause": str(clause)})
                    for reason in self._entities(clause, minimum)
                )
            return
        found = self.candidate.enrichment if self.candidate.document else None
        for entity in found.entities if found else ():
            if entity.score >= minimum and is_here(entity):
                mentions = entity.mentions[:MENTION_COUNT]
                yield _reason(clause, "place", entity.id, entity.name, entity.score, mentions)

    def _code(self, clause: Clause) -> Iterable[Reason]:
        """Languages, sources and stories: one value that an article has or has not."""
        has = {
            "language": self.candidate.enriched.language.code,
            "source": self.candidate.version_event.source_id,
            "story": self.candidate.enriched.story_id,
        }
        if has.get(clause.field) == clause.value:
            kinds: Mapping[str, ReasonKind] = {"language": "language", "source": "source", "story": "story"}
            yield _reason(clause, kinds[clause.field], clause.value, clause.value)

    def _urgency(self, clause: Urgency) -> Iterable[Reason]:
        urgency = self.candidate.version_event.urgency
        if urgency is not None and _COMPARE[clause.operator](urgency, clause.value):
            yield _reason(clause, "urgency", str(urgency), str(urgency))

    def _text(self, clause: Text) -> Iterable[Reason]:
        words = self.candidate.words
        wanted = keys_of(clause.words)
        mentions = words.find(wanted, clause.part, is_prefix=clause.is_prefix) if words and wanted else None
        if mentions is not None:
            shown = clause.words + ("*" if clause.is_prefix else "")
            yield _reason(clause, "words", shown, shown, None, tuple(mentions[:MENTION_COUNT]))


def _place_test(value: str) -> Callable[[Entity], bool]:
    if is_country(value):
        return lambda entity: value in countries_of(entity)
    folded = folded_name(value)
    return lambda entity: entity.type == "LOC" and folded_name(entity.name) == folded


def countries_of(entity: Entity) -> set[str]:
    """The country that an entity is in, or is: codes of ISO 3166-1 alpha-2."""
    scheme, _, code = entity.id.partition(":")
    return {entity.country or "", code if scheme == "iso3166" else ""} - {""}


def folded_name(name: str) -> str:
    """The form in which spellings of a name meet."""
    return " ".join(fold(word) for word in name.split())


def _joined(parts: Iterable[Reasons | None]) -> Reasons | None:
    """All reasons, each once; None if any part is not met."""
    joined: dict[Reason, None] = {}
    for part in parts:
        if part is None:
            return None
        joined.update(dict.fromkeys(part))
    return tuple(joined)


def _reason(
    clause: Query,
    kind: ReasonKind,
    found_id: str,
    name: str | None,
    score: float | None = None,
    mentions: tuple[Mention, ...] = (),
) -> Reason:
    return Reason(kind=kind, clause=str(clause), id=found_id, name=name, score=score, mentions=mentions)
