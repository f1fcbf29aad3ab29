"""Which channels an article can belong to, without asking each: by what they cannot do without.

Every channel is filed under keys of which its articles have at least one; those for which there are no
such keys (every article, or only an urgency) are asked about every article.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from newsfeed.channels import Channel
from newsfeed.queries import And, Clause, Or, Query, Text
from newsfeed.queries.values import is_country, is_id
from services.publish.candidates import Candidate
from services.publish.matching import why
from services.publish.querying import Ancestors, countries_of, folded_name
from services.publish.words import keys_of

Key = tuple[str, str]
"""What is looked at, and the value there."""

Keys = frozenset[Key]

STEM_LENGTH = 3
"""A prefix of at least so many characters is filed under its first ones."""

_LIKELY = {"language": 3, "source": 2, "topic": 1, "country": 1}
"""The higher, the more articles have the same; all others are rare."""


class ChannelIndex:
    """A set of channels, asked about one article at a time."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._filed: dict[Key, list[str]] = {}
        self._residual: list[str] = []
        for name, channel in self._channels.items():
            keys = required(channel)
            for key in keys or ():
                self._filed.setdefault(key, []).append(name)
            if keys is None:
                self._residual.append(name)
        self._asks_for_words = any(kind in {"word", "stem"} for kind, _ in self._filed)

    def candidates(self, candidate: Candidate, ancestors: Ancestors) -> set[str]:
        """The channels that an article may belong to; all that it does belong to are among them."""
        names = set(self._residual)
        for key in self._keys(candidate, ancestors):
            names.update(self._filed.get(key, ()))
        return names

    def matching(self, candidate: Candidate, ancestors: Ancestors) -> frozenset[str]:
        """The channels that an article belongs to."""
        return frozenset(
            name
            for name in self.candidates(candidate, ancestors)
            if why(self._channels[name], candidate, ancestors) is not None
        )

    def _keys(self, candidate: Candidate, ancestors: Ancestors) -> Iterator[Key]:
        enriched = candidate.enriched
        yield "language", enriched.language.code
        yield "source", candidate.version_event.source_id
        if enriched.story_id:
            yield "story", enriched.story_id
        for topic in enriched.topics:
            yield "topic", topic.id
            yield from (("topic", above) for above in ancestors(topic.id))
        yield from (("entity", entity.id) for entity in enriched.entities)
        yield from _place_keys(candidate)
        words = candidate.words if self._asks_for_words else None
        if words:
            keys = words.keys.keys() | words.title_keys
            yield from (("word", key) for key in keys)
            yield from {("stem", key[:STEM_LENGTH]) for key in keys if len(key) >= STEM_LENGTH}


def required(channel: Channel) -> Keys | None:
    """Keys of which every article of a channel has at least one; None if there are none."""
    lists = {
        "topic": channel.topics,
        "entity": channel.entities,
        "language": channel.languages,
        "source": channel.sources,
    }
    found = [frozenset((kind, value) for value in values) for kind, values in lists.items() if values]
    query = channel.parsed_query
    asked = _required(query) if query else None
    return _rarest([*found, asked])


def _required(query: Query) -> Keys | None:
    match query:
        case And(parts):
            return _rarest(map(_required, parts))
        case Or(parts):
            return reduce(_either, map(_required, parts))
        case Text():
            return _text_key(query)
        case Clause(field="place", value=value):
            return frozenset({_place_key(value)})
        case Clause(field=field, value=value):
            return frozenset({(field, value)})
        case _:
            return None


def _either(one: Keys | None, other: Keys | None) -> Keys | None:
    return None if one is None or other is None else one | other


def _rarest(found: Iterable[Keys | None]) -> Keys | None:
    """Of keys that must each be met, those that the fewest articles have."""
    known = [keys for keys in found if keys is not None]
    return min(known, key=_commonness, default=None)


def _commonness(keys: Keys) -> tuple[int, int, list[Key]]:
    return max((_LIKELY.get(kind, 0) for kind, _ in keys), default=0), len(keys), sorted(keys)


def _text_key(clause: Text) -> Keys | None:
    """The longest word that must be there as it is, else the beginning of the one that may go on."""
    wanted = keys_of(clause.words)
    whole = wanted[:-1] if clause.is_prefix else wanted
    if whole:
        return frozenset({("word", max(whole, key=len))})
    if wanted and len(wanted[0]) >= STEM_LENGTH:
        return frozenset({("stem", wanted[0][:STEM_LENGTH])})
    return None if wanted else frozenset()


def _place_key(value: str) -> Key:
    if is_country(value):
        return "country", value
    return ("entity", value) if is_id(value) else ("place", folded_name(value))


def _place_keys(candidate: Candidate) -> Iterator[Key]:
    found = candidate.enrichment if candidate.document else None
    for entity in found.entities if found else ():
        yield "place", folded_name(entity.name)
        yield from (("country", country) for country in countries_of(entity))
