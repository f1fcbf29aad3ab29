"""Curated facts about organisations and persons: ids, and their names in many languages.

The YAML files beside this module are the source, ``knowledge.json.zst`` is made from them by
``python -m tools.build_knowledge`` so that loading takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

import orjson

from newsfeed import zstd
from services.enrich.cldr import MOST_LANGUAGES
from services.enrich.inflection import inflects, stem

Names = Mapping[str, Sequence[str]]
"""Language (BCP 47 primary subtag, ``*`` for every language) to spellings, the usual one first."""

COMPILED = "knowledge.json.zst"


@dataclass(frozen=True, slots=True)
class Record:
    """One organisation or person; ``name`` is the English one and counts in every language.

    ``bare`` are forms that mean this person where nothing says otherwise, such as a surname: evidence,
    not proof. ``weak`` forms are also ordinary words or names of others. Others called as an
    ``ambiguous`` record are in the news too. ``verified`` is about the Wikidata number in the id.
    Each of its spellings begins with one of ``words``, folded.
    """

    id: str
    type: Literal["ORG", "PER"]
    name: str
    names: Names
    acronyms: Names
    bare: Names
    weak: frozenset[str]
    country: str | None
    verified: bool
    ambiguous: bool
    valid_from: date | None
    valid_to: date | None
    words: Sequence[str]

    @property
    def wikidata(self) -> str | None:
        """The Wikidata item, ``Q7184``, if one is known."""
        scheme, _, number = self.id.partition(":")
        return number if scheme == "wikidata" else None

    def forms(self, language: str) -> tuple[str, ...]:
        """The full names in texts of the language, no acronyms or bare forms; English ones if it has none."""
        return tuple(dict.fromkeys((*_of(self.names, language), self.name)))

    def acronyms_in(self, language: str) -> tuple[str, ...]:
        """The acronyms in texts of the language; those of English if it has none of its own."""
        return _of(self.acronyms, language)

    def bare_in(self, language: str) -> tuple[str, ...]:
        """The bare forms in texts of the language; those of English if it has none of its own."""
        return _of(self.bare, language)

    def holds_on(self, day: date) -> bool:
        """Whether the organisation existed under this name on the day."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


def _of(names: Names, language: str) -> tuple[str, ...]:
    own = names[language] if language in names else names.get("en", ())
    return tuple(dict.fromkeys((*own, *names.get("*", ()))))


@cache
def load() -> tuple[Record, ...]:
    """All records, sorted by id."""
    packed = files("services.enrich.knowledge").joinpath(COMPILED).read_bytes()
    return tuple(map(_record, orjson.loads(zstd.decompress(packed))))


def beginning(language: str) -> Mapping[str, Sequence[Record]]:
    """The records, sorted by id, by the stem of each word that a spelling of theirs begins with."""
    return _beginning(language if inflects(language) else "und")


@lru_cache(maxsize=MOST_LANGUAGES)
def _beginning(language: str) -> Mapping[str, Sequence[Record]]:
    found: dict[str, tuple[Record, ...]] = {}
    for record in load():
        for head in {stem(word, language) for word in record.words} if inflects(language) else record.words:
            found[head] = (*found.get(head, ()), record)
    return found


def _record(row: Mapping[str, Any]) -> Record:
    return Record(
        id=row["id"],
        type=row["type"],
        name=row["name"],
        names=row.get("names", {}),
        acronyms=row.get("acronyms", {}),
        bare=row.get("bare", {}),
        weak=frozenset(row.get("weak", ())),
        country=row.get("country"),
        verified=row.get("verified", False),
        ambiguous=row.get("ambiguous", False),
        valid_from=_day(row.get("from")),
        valid_to=_day(row.get("to")),
        words=row["words"],
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
