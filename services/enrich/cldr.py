"""What Unicode CLDR says of languages: their names of territories and cities, and where each is official.

``data/cldr.zst`` is made by ``python -m tools.build_cldr_names``: a line of JSON for what is the same in all
languages, and one for each set of names, so that a language costs no more than its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

import orjson

from newsfeed import zstd

ENGLISH = "en"
LATIN_END = "\u0250"

MOST_LANGUAGES = 16
"""Languages whose names are kept in memory."""


class City(NamedTuple):
    """A city that a time zone (``Europe/Paris``) is named for; ``country`` is an ISO 3166 code."""

    zone: str
    country: str
    name: str


class Names(NamedTuple):
    """What one language calls territories (by ISO 3166 or UN M.49 code) and cities (by time zone)."""

    territories: Mapping[str, str]
    cities: Mapping[str, str]

    def are_latin(self) -> bool:
        """Whether they are in Latin letters; true of a language that has no name for France."""
        return self.territories.get("FR", "F")[0] < LATIN_END


class _World(NamedTuple):
    """The first line: the number of the line with the names of each language, cities, and who speaks what."""

    lines: Mapping[str, int]
    cities: Sequence[City]
    speakers: Mapping[str, frozenset[str]]


@lru_cache(maxsize=MOST_LANGUAGES)
def names_in(language: str) -> Names:
    """The names in a language (BCP 47 primary subtag); English ones for one that CLDR does not have."""
    lines = _world().lines
    return Names(**orjson.loads(_lines()[lines.get(language, lines[ENGLISH])]))


def cities() -> Sequence[City]:
    """The cities in the news that time zones are named for, with their English names, by country."""
    return _world().cities


def countries_speaking(language: str) -> frozenset[str]:
    """ISO 3166 codes of countries where the language is official, or all but (English in the USA)."""
    return _world().speakers.get(language, frozenset())


@cache
def _world() -> _World:
    world = orjson.loads(_lines()[0])
    return _World(
        lines=world["lines"],
        cities=[City(*city) for city in world["cities"]],
        speakers={language: frozenset(countries) for language, countries in world["speakers"].items()},
    )


@cache
def _lines() -> Sequence[bytes]:
    packed = files("services.enrich").joinpath("data", "cldr.zst").read_bytes()
    return zstd.decompress(packed).split(b"\n")
