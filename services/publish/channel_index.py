"""Which channels an article can belong to, without asking each: by what they cannot do without.

Every channel is filed under keys of which its articles have at least one; those for which there are no
such keys (every article, or only an urgency) are asked about every article.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import reduce

from newsfeed.bundles import Bundle
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

STEM_LENGTHS = (3, 8)
"""A prefix of at least so many characters is filed under at most so many of its first ones."""

_LIKELY = {"language": 3, "source": 2, "topic": 1, "country": 1}
"""The higher, the more articles have the same; all others are rare."""


class ChannelIndex:
    """A set of channels, asked about one article at a time."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self._channels = {channel.name: channel for channel in channels}
        self._filed: dict[str, dict[str, list[str]]] = {}
        """What is looked at, the value there, and the channels that are filed under it."""
        self._residual: list[str] = []
        for name, channel in self._channels.items():
            keys = required(channel)
            for kind, value in keys or ():
                self._filed.setdefault(kind, {}).setdefault(value, []).append(name)
            if keys is None:
                self._residual.append(name)
        self._stem_lengths = sorted({len(value) for value in self._filed.get("stem", ())})

    def candidates(self, candidate: Candidate, ancestors: Ancestors) -> set[str]:
        """The channels that an article may belong to; all that it does belong to are among them."""
        names = set(self._residual)
        for kind, filed in self._filed.items():
            for value in filed.keys() & self._values(kind, candidate, ancestors):
                names.update(filed[value])
        return names

    def matching(self, candidate: Candidate, ancestors: Ancestors) -> frozenset[str]:
        """The channels that an article belongs to."""
        names = self.candidates(candidate, ancestors)
        bundles = [one for name in names if isinstance(one := self._channels[name], Bundle)]
        found = {
            name
            for name in names.difference(one.name for one in bundles)
            if why(self._channels[name], candidate, ancestors) is not None
        }
        asked = [one for one in bundles if self._may_hold(one, found)]
        return frozenset(found.union(one.name for one in asked if why(one, candidate, ancestors) is not None))

    def _may_hold(self, bundle: Bundle, found: AbstractSet[str]) -> bool:
        """Whether an article of these channels may belong to a bundle, as far as its members are here."""
        return any(one.name in found or self._channels.get(one.name) is not one for one in bundle.members)

    def _values(self, kind: str, candidate: Candidate, ancestors: Ancestors) -> AbstractSet[str]:
        """What an article has where channels look; its words are cut only if any of them asks for words."""
        words = candidate.words if kind in {"word", "stem"} else None
        if words:
            keys = words.keys.keys() | words.title_keys if words.title_keys else words.keys.keys()
            return keys if kind == "word" else self._stems(keys)
        if kind == "topic":
            return {one for topic in candidate.enriched.topics for one in (topic.id, *ancestors(topic.id))}
        codes = {
            "language": candidate.enriched.language.code,
            "source": candidate.version_event.source_id,
            "story": candidate.enriched.story_id or "",
        }
        return {codes[kind]} if kind in codes else _named(kind, candidate)

    def _stems(self, keys: AbstractSet[str]) -> set[str]:
        return {key[:length] for length in self._stem_lengths for key in keys if len(key) >= length}


def _named(kind: str, candidate: Candidate) -> set[str]:
    """The ids of entities; of those in the text the countries, or the names."""
    if kind == "entity":
        return {entity.id for entity in candidate.enriched.entities}
    found = candidate.enrichment.entities if candidate.document and candidate.enrichment else ()
    if kind == "country":
        return {country for entity in found for country in countries_of(entity)}
    return {folded_name(entity.name) for entity in found} if kind == "place" else set()


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
    return _rarest([*found, asked, _of_members(channel)])


def _of_members(channel: Channel) -> Keys | None:
    """Those of a bundle's members; no key at all where it has none, so that nothing is held against it."""
    if not isinstance(channel, Bundle):
        return None
    nothing: Keys | None = frozenset()
    return reduce(_either, map(required, channel.members), nothing)


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
    least, most = STEM_LENGTHS
    if wanted and len(wanted[0]) >= least:
        return frozenset({("stem", wanted[0][:most])})
    return None if wanted else frozenset()


def _place_key(value: str) -> Key:
    if is_country(value):
        return "country", value
    return ("entity", value) if is_id(value) else ("place", folded_name(value))
