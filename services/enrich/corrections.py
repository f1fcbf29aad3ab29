"""What editors said about an article, laid over what was found in it; they are always right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from newsfeed import vocabulary
from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity, Mention, Topic
from newsfeed.eventlog.entries import Entry
from newsfeed.events import AnnotationCorrected, ArticleIngested, ArticleRevised, VersionEvent
from newsfeed.values import (
    Correction,
    EntityAdded,
    EntityRelinked,
    EntityRemoved,
    EntityRetyped,
    TopicAdded,
    TopicRemoved,
)

METHOD = "corrected"

Names = Callable[[str], str | None]
"""The English name of an entity id, None for one that is not known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A version of an article and the corrections that hold for it, each with the text it was made on."""

    version: ArticleIngested | ArticleRevised
    corrections: tuple[AnnotationCorrected, ...]

    @property
    def through(self) -> int | None:
        """Where the newest correction stands."""
        return self.corrections[-1].position if self.corrections else None


def standing(history: Iterable[Entry], through: int) -> Standing | None:
    """What holds for an article after a position; None if it has no text then."""
    newest: VersionEvent | None = None
    corrections: list[AnnotationCorrected] = []
    for entry in history:
        if entry.position > through:
            break
        if isinstance(entry.event, VersionEvent):
            newest = entry.event
        elif isinstance(entry.event, AnnotationCorrected):
            corrections.append(entry.event)
    if not isinstance(newest, ArticleIngested | ArticleRevised):
        return None
    return Standing(newest, tuple(corrections))


@dataclass(frozen=True, slots=True)
class Said:
    """A correction, and how the text that it was made on writes what it adds."""

    correction: Correction
    forms: tuple[str, ...] = ()

    @classmethod
    def of(cls, correction: Correction, text: str) -> Said:
        """``text`` is the one that the mentions count in; '' once it was erased."""
        if not isinstance(correction, EntityAdded):
            return cls(correction)
        forms = (text[one.start : one.end] for one in correction.mentions)
        return cls(correction, tuple(dict.fromkeys(form for form in forms if form)))


def corrected(
    found: EnrichmentDocument, document: ArticleDocument, said: Sequence[Said], names: Names
) -> EnrichmentDocument:
    """What was found, with every correction in turn laid over it; what they take out is gone."""
    entities = {one.id: one for one in found.entities}
    topics = {one.id: one for one in found.topics}
    for one in said:
        match one.correction:
            case TopicAdded(id=topic_id):
                known = topics.get(topic_id)
                topics[topic_id] = _topic(topic_id, known.mentions if known else ())
            case TopicRemoved(id=topic_id):
                topics.pop(topic_id, None)
            case _:
                _correct(entities, one, document.text, names)
    return found.model_copy(update={"entities": tuple(entities.values()), "topics": tuple(topics.values())})


def _topic(topic_id: str, mentions: tuple[Mention, ...]) -> Topic:
    return Topic(id=topic_id, label=vocabulary.label(topic_id), score=1.0, mentions=mentions, method=METHOD)


def _correct(entities: dict[str, Entity], said: Said, text: str, names: Names) -> None:
    correction = said.correction
    match correction:
        case EntityAdded():
            added = _added(correction, said.forms, text, names)
            if added:
                entities[added.id] = _merged(entities.get(added.id), added)
        case EntityRemoved(id=entity_id):
            entities.pop(entity_id, None)
        case EntityRetyped(id=entity_id, type=kind) if entity_id in entities:
            entities[entity_id] = entities[entity_id].model_copy(update={"type": kind, "method": METHOD})
        case EntityRelinked(id=entity_id, to=to) if entity_id in entities:
            relinked = _relinked(entities.pop(entity_id), to, names)
            entities[to] = _merged(entities.get(to), relinked)
        case _:
            pass


def _added(correction: EntityAdded, forms: Sequence[str], text: str, names: Names) -> Entity | None:
    """The entity wherever the text has one of its forms; None where neither a form nor a name is known."""
    name = names(correction.id) or (forms[0] if forms else None)
    if name is None:
        return None
    return Entity(
        id=correction.id,
        type=correction.type,
        name=name,
        score=1.0,
        salience=1.0,
        method=METHOD,
        mentions=tuple(occurrences(text, forms)),
        link_score=1.0,
    )


def _relinked(entity: Entity, to: str, names: Names) -> Entity:
    """The same mentions under another id; where it lies is not known of the new one."""
    changes = {
        "id": to,
        "name": names(to) or entity.name,
        "method": METHOD,
        "link_score": 1.0,
        "country": None,
        "latitude": None,
        "longitude": None,
    }
    return entity.model_copy(update=changes)


def _merged(known: Entity | None, other: Entity) -> Entity:
    if known is None:
        return other
    mentions = {(one.start, one.end): one for one in (*known.mentions, *other.mentions)}
    changes = {
        "mentions": tuple(mentions[place] for place in sorted(mentions)),
        "salience": max(known.salience, other.salience),
        "score": max(known.score, other.score),
        "type": other.type,
        "method": METHOD,
        "link_score": 1.0,
    }
    return known.model_copy(update=changes)


def occurrences(text: str, forms: Iterable[str]) -> list[Mention]:
    """Where a text has one of some forms as whole words, in order; the longer form wins."""
    taken: list[Mention] = []
    for form in sorted(set(forms), key=lambda one: (-len(one), one)):
        start = text.find(form)
        while start >= 0:
            end = start + len(form)
            free = all(end <= one.start or one.end <= start for one in taken)
            if free and _is_whole(text, start, end):
                taken.append(Mention(start=start, end=end))
            start = text.find(form, end)
    return sorted(taken, key=lambda one: one.start)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on at either end; scripts without spaces have no such ends."""
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (_joins(before, text[start]) or _joins(text[end - 1], after))


def _joins(left: str, right: str) -> bool:
    return bool(left and right) and left.isalnum() and right.isalnum() and max(left, right) < "\u0e00"
