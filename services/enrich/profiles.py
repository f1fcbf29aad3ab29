"""What two articles are compared by: words in a row, words at all, entities, topics, time."""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from services.enrich.background import idf, term_stems
from services.enrich.likeness import WORDS, Signature, bands, signature
from services.enrich.text import Token, is_segmented

TERMS, SOUGHT_TERMS = 40, 12
"""Terms that an article is compared by, and those of them that others are sought by."""

SOUGHT_ENTITIES = 8
OPENING_FACTOR = 1.5
"""How much more a term counts that stands in the headline or the first paragraph."""

LOCAL = "local:"
"""How the ids of entities begin that no curated file knows: they mean nothing in another language."""

TERRITORY = "iso3166:"
IMPLIED_SHARE = 0.5
"""How much of a country a place in it says."""

PLACE_WEIGHT, ORGANISATION_WEIGHT, TERRITORY_WEIGHT = 0.8, 0.8, 0.4
_KINDS = {"PER": 1.0, "LOC": PLACE_WEIGHT, "ORG": ORGANISATION_WEIGHT}


@dataclass(frozen=True, slots=True)
class Named:
    """An entity as far as a story needs it; ``salience`` 0 to 1, ``country`` (ISO 3166) where it lies."""

    id: str
    type: str
    salience: float
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of an article as others see it. ``at_ms`` is its time, in ms since 1970.

    ``terms`` are hashed stems with weights of unit length, ``entities`` ids with weights 0 to 1.
    ``corrected_through`` is the position of the newest correction in it, 0 where there is none.
    """

    article_id: str
    version: int
    at_ms: int
    language: str
    signature: Signature
    entities: Mapping[str, float]
    topics: frozenset[str]
    terms: Mapping[int, float]
    corrected_through: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """What the article is found by: bands ``b:``, entities ``e:``, terms ``t:``."""
        entities = sorted(self.entities, key=lambda key: (-self.entities[key], key))[:SOUGHT_ENTITIES]
        terms = sorted(self.terms, key=lambda key: (-self.terms[key], key))[:SOUGHT_TERMS]
        return (
            *(f"b:{band}" for band in bands(self.signature)),
            *(f"e:{entity}" for entity in entities),
            *(f"t:{term:08x}" for term in terms),
        )


def article_time_ms(published_at: datetime | None, recorded_at: datetime) -> int:
    """When an article counts as written: when it was published, never after it came to us."""
    return max(0, round(min(published_at or recorded_at, recorded_at).timestamp() * 1000))


def entity_weights(named: Iterable[Named]) -> dict[str, float]:
    """How much each entity says of a story: a person more than the country it happened in.

    A place says something of its country: one report names both, another the city alone.
    """
    weights: dict[str, float] = {}
    for one in named:
        strength = math.sqrt(max(one.salience, 0.05))
        kind = TERRITORY_WEIGHT if one.id.startswith(TERRITORY) else _KINDS[one.type]
        said = {one.id: strength * kind}
        if one.country:
            said[TERRITORY + one.country] = strength * TERRITORY_WEIGHT * IMPLIED_SHARE
        for key, weight in said.items():
            weights[key] = max(weights.get(key, 0.0), round(weight, 4))
    return weights


def term_weights(tokens: Sequence[Token], language: str, opening_end: int) -> dict[int, float]:
    """The terms that stand out of a text, hashed; weights of unit length.

    ``opening_end`` is where headline and first paragraph end, in characters. Where words are not
    spaced a term is a pair of characters.
    """
    terms = _terms(tokens[: 2 * WORDS], language)
    counts = Counter([term for term, _ in terms])
    opening = {term for term, start in terms if start < opening_end}
    weights = {
        term: (1 + math.log(count)) * idf(term, language) * (OPENING_FACTOR if term in opening else 1.0)
        for term, count in counts.items()
    }
    best = sorted(weights, key=lambda term: (-weights[term], term))[:TERMS]
    length = math.sqrt(sum(weights[term] ** 2 for term in best)) or 1.0
    return {_hash(term, language): round(weights[term] / length, 4) for term in best}


def _terms(tokens: Sequence[Token], language: str) -> list[tuple[str, int]]:
    """Every term, and where it begins, in characters."""
    known = term_stems(language)
    stems = [known[token.key] for token in tokens]
    segmented = {stem for stem in set(stems) if stem and is_segmented(stem[0])}
    terms = [
        (stem, token.start)
        for stem, token in zip(stems, tokens, strict=True)
        if stem and stem not in segmented
    ]
    if segmented:
        terms += [
            (left + right, one.start)
            for (left, one), (right, other) in pairwise(zip(stems, tokens, strict=True))
            if one.end == other.start and left in segmented and right in segmented
        ]
    return terms


def _hash(term: str, language: str) -> int:
    return zlib.crc32(f"{language}:{term}".encode("utf-8", "surrogatepass"))


@dataclass(frozen=True, slots=True)
class Findings:
    """What enrichment found in a version, as far as a story needs it; the event and the document say it."""

    language: str
    entities: tuple[Named, ...]
    topics: frozenset[str]


@dataclass(frozen=True, slots=True)
class Place:
    """Which version it is, its time in ms since 1970, and the position of the newest correction in it."""

    article_id: str
    version: int
    at_ms: int
    corrected_through: int = 0


def profile_of(place: Place, tokens: Sequence[Token], opening_end: int, found: Findings) -> Profile:
    """The profile of one version."""
    return Profile(
        article_id=place.article_id,
        version=place.version,
        at_ms=place.at_ms,
        language=found.language,
        signature=signature(tokens),
        entities=entity_weights(found.entities),
        topics=found.topics,
        terms=term_weights(tokens, found.language, opening_end),
        corrected_through=place.corrected_through,
    )
