"""Everything with a known name: countries and cities from CLDR and our list, and all the records.

CLDR names each territory, and cities that time zones are named for, in the language of the article;
``places.txt`` adds cities, the records organisations and public figures.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from services.enrich.cldr import ENGLISH, MOST_LANGUAGES, cities, names_in
from services.enrich.knowledge import Record, beginning
from services.enrich.matching import Known, NameIndex, Told
from services.enrich.wordlists import lines, sections

COUNTRY_SCORE, CITY_SCORE, CURATED_SCORE, WEAK_SCORE = 0.99, 0.9, 0.95, 0.75


class Gazetteer:
    """The names to look for in texts of one language (BCP 47 primary subtag, or ``und``)."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.index = NameIndex(language)
        self._add_countries()
        self._add_listed()
        self.index.add_records(beginning(language), self._names)
        self._add_cities()

    @staticmethod
    @lru_cache(maxsize=MOST_LANGUAGES)
    def load(language: str) -> Gazetteer:
        """The gazetteer of the language, built on first use."""
        return Gazetteer(language)

    def _add_countries(self) -> None:
        for known, name in territories(self.language):
            self._add(name, known, COUNTRY_SCORE)

    def _add_cities(self) -> None:
        """In Latin letters also those that the language has no name of its own for."""
        names = names_in(self.language)
        for city in cities():
            name = names.cities.get(city.zone, city.name if names.are_latin() else None)
            if name is not None:
                known = Known(f"place:{slug(city.name)}-{city.country.lower()}", "LOC", city.name)
                self._add(name, known, CITY_SCORE)

    def _add_listed(self) -> None:
        for known, score, names in listed_places():
            for name in names:
                form, _, languages = name.partition("@")
                if not languages or self.language in languages.split(","):
                    self._add(form, known, score)

    def _names(self, record: Record) -> Iterator[Told]:
        """Organisations and people by all their names; a surname is enough to see that it is a person."""
        groups = (*record.names.values(), *record.bare.values(), record.acronyms_in(self.language))
        for form in dict.fromkeys((record.name, *(form for group in groups for form in group))):
            yield told(form, known_as(record), CURATED_SCORE, form in record.weak)

    def _add(self, form: str, known: Known, score: float) -> None:
        self.index.add(*told(form, known, score))


def told(form: str, known: Known, score: float, weak: bool = False) -> Told:
    """What an index is told of a form; one with a tilde or on the list of weak words is weak in any case."""
    bare = form.lstrip("~")
    weak = weak or bare != form or bare.casefold() in sections("rules.txt")["weak"]
    return bare, known, min(score, WEAK_SCORE) if weak else score, weak


def known_as(record: Record) -> Known:
    """The record as the matcher knows it."""
    return Known(record.id, record.type, record.name, record.verified)


def territories(language: str) -> Iterator[tuple[Known, str]]:
    """Countries, dependent territories and continents with their CLDR names in the language."""
    english = names_in(ENGLISH).territories
    for code, name in names_in(language).territories.items():
        scheme = "m49" if code.isdigit() else "iso3166"
        known = Known(f"{scheme}:{code}", "LOC", english[code], verified=True)
        for form in _forms(name):
            yield known, form


@cache
def listed_places() -> Sequence[tuple[Known, float, tuple[str, ...]]]:
    """The records of ``places.txt``: what is known, the score of its names, and these.

    A line is ``id; names``, names separated by ``|``, the English canonical name first. The id is
    ``iso3166:…`` (another name of a CLDR territory), a country code or ``-`` (make an id of the name).
    """
    found = []
    for line in lines("places.txt"):
        key, _, rest = line.partition(";")
        names = tuple(name.strip() for name in rest.split("|") if name.strip())
        canonical = names[0].lstrip("~").partition("@")[0]
        found.append((Known(place_id(key.strip(), canonical), "LOC", canonical), _score(key), names))
    return found


def _score(key: str) -> float:
    return COUNTRY_SCORE if key.startswith("iso3166:") else CURATED_SCORE


def place_id(key: str, canonical: str) -> str:
    """The id of a place of the list that no other source has."""
    if key.startswith("iso3166:"):
        return key
    return f"place:{slug(canonical)}" + ("" if key == "-" else f"-{key.lower()}")


def slug(name: str) -> str:
    """Lower-case ASCII letters and digits joined by ``-``; other letters lose their marks."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in bare).split())


def _forms(name: str) -> tuple[str, ...]:
    """A CLDR name, also without what stands in brackets: ``Myanmar`` of ``Myanmar (Burma)``."""
    head = name.partition(" (")[0]
    return (name,) if head == name else (name, head)
