"""The record that a name belongs to: by all its spellings, on the day of the article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache

from newsfeed.documents import EntityType
from services.enrich.knowledge import Record, beginning, load
from services.enrich.text import fold

INTERNATIONAL = "XX"

MOST_WORDS = 4_096
"""First words of names whose records are kept gathered."""


class Records:
    """All organisations and people with a record, by id and by spelling."""

    def __init__(self) -> None:
        self.by_id: Mapping[str, Record] = {record.id: record for record in load()}
        self._by_word = beginning("und")
        self._by_name = lru_cache(maxsize=MOST_WORDS)(self._gathered)

    @staticmethod
    @cache
    def load() -> Records:
        """The records that ship with the package, gathered on first use."""
        return Records()

    def choose(
        self, surface: str, kind: EntityType, day: date | None, countries: Collection[str]
    ) -> Record | None:
        """The record of that type that has the name on the day.

        Where several have it, one whose country (ISO 3166) the article mentions, if there is just one.
        """
        found = [record for record in self._claiming(surface) if _holds(record, kind, day)]
        if len(found) > 1:
            found = [record for record in found if record.country in countries]
        return found[0] if len(found) == 1 else None

    def known(
        self, record_id: str, surface: str, day: date | None, countries: Collection[str]
    ) -> Record | None:
        """The record a matcher found, unless another has the name too or it did not hold on the day."""
        record = self.by_id[record_id]
        if self._claiming(surface):
            return self.choose(surface, record.type, day, countries)
        return record if _holds(record, record.type, day) else None

    def is_claimed(self, surface: str) -> bool:
        """Whether any record has the name in any language."""
        return bool(self._claiming(surface))

    def _claiming(self, surface: str) -> Sequence[Record]:
        """The records that have the full name."""
        name = plain(surface)
        return self._by_name(name.partition(" ")[0]).get(name, ())

    def _gathered(self, word: str) -> Mapping[str, Sequence[Record]]:
        """Full names that begin with the word, and some others, to their records."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self._by_word.get(word, ()):
            for name in {plain(form) for form in _full_forms(record)}:
                found[name].append(record)
        return found


def country_of(record: Record) -> str | None:
    """ISO 3166 code of the record's country; None for what is international."""
    return None if record.country == INTERNATIONAL else record.country


def plain(name: str) -> str:
    """The spelling without case, accents of Arabic and the breaks of lines."""
    return " ".join(fold(word) for word in name.split())


@lru_cache(maxsize=1024)
def bare_forms(record_id: str) -> frozenset[str]:
    """The surnames and the like that mean the person once the full name has been given."""
    record = Records.load().by_id[record_id]
    return frozenset(plain(form) for forms in record.bare.values() for form in forms)


def _full_forms(record: Record) -> Iterator[str]:
    groups = (*record.names.values(), *record.acronyms.values(), (record.name,))
    return (form for group in groups for form in group)


def _holds(record: Record, kind: EntityType, day: date | None) -> bool:
    return record.type == kind and (day is None or record.holds_on(day))
