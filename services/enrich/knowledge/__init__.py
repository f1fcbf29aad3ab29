"""Curated facts about organisations and persons: ids, and their names in many languages.

The YAML files beside this module are the source, ``knowledge.json.zst`` is made from them by
``python -m tools.build_knowledge`` so that loading takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import orjson

from newsfeed import zstd

Names = Mapping[str, tuple[str, ...]]
"""Language (BCP 47 primary subtag, ``*`` for every language) to spellings, the usual one first."""

COMPILED = "knowledge.json.zst"


@dataclass(frozen=True, slots=True)
class Record:
    """One organisation or person; ``name`` is the English one and counts in every language.

    ``bare`` are forms that mean this person where nothing says otherwise, such as a surname: evidence,
    not proof. ``weak`` forms are also ordinary words or names of others. Others called as an
    ``ambiguous`` record are in the news too. ``verified`` is about the Wikidata number in the id.
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


def _record(row: Mapping[str, Any]) -> Record:
    return Record(
        id=row["id"],
        type=row["type"],
        name=row["name"],
        names=_names(row.get("names")),
        acronyms=_names(row.get("acronyms")),
        bare=_names(row.get("bare")),
        weak=frozenset(row.get("weak", ())),
        country=row.get("country"),
        verified=row.get("verified", False),
        ambiguous=row.get("ambiguous", False),
        valid_from=_day(row.get("from")),
        valid_to=_day(row.get("to")),
    )


def _names(row: Mapping[str, list[str]] | None) -> Names:
    return {language: tuple(forms) for language, forms in row.items()} if row else {}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
