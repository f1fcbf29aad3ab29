"""Names that need no recogniser: countries, areas, and the organisations and people of the records.

Countries are known by their CLDR names in the language of the article. Of people only full names are
looked for; a surname alone is nobody, unless the article has the full name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from services.enrich.cldr import LATIN_END, MOST_LANGUAGES, names_in
from services.enrich.gazetteer import (
    COUNTRY_SCORE,
    CURATED_SCORE,
    known_as,
    listed_places,
    slug,
    territories,
    told,
)
from services.enrich.inflection import declined
from services.enrich.knowledge import Record, beginning
from services.enrich.matching import NameIndex, Told
from services.enrich.text import is_segmented


class CuratedNames:
    """What to look for in texts of one language (BCP 47 primary subtag, or ``und``)."""

    def __init__(self, language: str) -> None:
        self.index = NameIndex(language)
        self._language = language
        self._latin = names_in(language).are_latin()
        for known, name in territories(language):
            self.index.add(*told(name, known, COUNTRY_SCORE))
        self._add_areas()
        self.index.add_records(beginning(language), self._names)

    @staticmethod
    @lru_cache(maxsize=MOST_LANGUAGES)
    def load(language: str) -> CuratedNames:
        """The names of the language, gathered on first use."""
        return CuratedNames(language)

    def _add_areas(self) -> None:
        """More names of countries, and parts of the world of more than one word."""
        for known, score, names in listed_places():
            area = known.id == f"place:{slug(known.name)}"
            for name in names:
                form, _, languages = name.partition("@")
                here = not languages or self._language in languages.split(",")
                if here and ((area and " " in form) or known.id.startswith("iso3166:")):
                    self.index.add(*told(form, known, score))

    def _names(self, record: Record) -> Iterator[Told]:
        known = known_as(record)
        for form in self._forms(record):
            for spelling in declined(form, self._language):
                yield told(spelling, known, CURATED_SCORE, form in record.weak)
        for acronym in record.acronyms_in(self._language):
            yield told(acronym, known, CURATED_SCORE, acronym in record.weak)

    def _forms(self, record: Record) -> Iterable[str]:
        """Names of its language, and those of others that can be nothing else."""
        own = record.forms(self._language)
        for form in dict.fromkeys((*own, *(form for forms in record.names.values() for form in forms))):
            lone = " " not in form and not is_segmented(form[0])
            if lone and record.type == "PER":
                if form == record.name or form[0] >= "\u3000":
                    yield form
            elif not lone or form in own or (form[0] >= LATIN_END and not self._latin):
                yield form
