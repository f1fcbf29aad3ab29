"""Names that are known by a record, by their full form elsewhere in the article, or only by themselves.

What no record has gets an id made of its name. A name that ends a longer one (``Dragone``) is the same
person; without the longer one it is nobody in particular, whoever is famous under it.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from newsfeed.documents import EntityType
from services.enrich.gazetteer import known_as
from services.enrich.inflection import stem
from services.enrich.knowledge import Record
from services.enrich.linking.passage import Linked, Passage, Span
from services.enrich.linking.records import Records, bare_forms, country_of, plain
from services.enrich.matching import Known

EXACT_SCORE, OTHER_LANGUAGE_SCORE, SURNAME_FACTOR = 0.95, 0.9, 0.95
MOST_NAMESAKES = 50
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """A span with its type and stems, and the record that has its name."""

    span: Span
    key: Key
    surface: str
    record: Record | None


def named(passage: Passage, spans: Sequence[Span], countries: Collection[str]) -> list[Linked]:
    """An entity for each span, in order; ``countries`` are those the article mentions (ISO 3166)."""
    found = [_looked_up(passage, span, countries) for span in spans]
    labels, full_names = _labels(found), _FullNames(found)
    return [_linked(one, full_names.of(one), labels) for one in found]


def _looked_up(passage: Passage, span: Span, countries: Collection[str]) -> _Named:
    surface = passage.text[span.start : span.end]
    words = [token.key for token in passage.tokens[span.first : span.last] if token.text[0].isalnum()]
    key = (span.type, *(stem(word, passage.language) for word in words))
    return _Named(span, key, surface, _record(passage, span, surface, countries))


def _record(passage: Passage, span: Span, surface: str, countries: Collection[str]) -> Record | None:
    records = Records.load()
    if span.known is not None and span.known.id in records.by_id:
        return records.known(span.known.id, surface, passage.published_on, countries)
    if span.type == "LOC" or (span.type == "PER" and span.last - span.first == 1):
        return None
    return records.choose(surface, span.type, passage.published_on, countries)


def _labels(found: Sequence[_Named]) -> dict[Key, str]:
    """The most frequent surface of each key, to name an unknown entity by."""
    surfaces: dict[Key, Counter[str]] = {}
    for one in found:
        surfaces.setdefault(one.key, Counter())[one.surface] += 1
    return {key: _most_frequent(counted) for key, counted in surfaces.items()}


def _most_frequent(surfaces: Counter[str]) -> str:
    return min(surfaces, key=lambda form: (-surfaces[form], len(form), form))


def _linked(one: _Named, full: _Named | None, labels: dict[Key, str]) -> Linked:
    if one.record is not None:
        sure = EXACT_SCORE if one.span.known is not None else OTHER_LANGUAGE_SCORE
        return _of_record(one, one.record, "curated", min(sure, max(one.span.score, sure - 0.1)))
    if full is not None and full.record is not None:
        return _of_record(one, full.record, "surname", EXACT_SCORE * SURNAME_FACTOR)
    label = labels[one.key if full is None else full.key]
    known = Known(local_id(one.span.type, label), one.span.type, label)
    return Linked(one.span, known, "name")


def _of_record(one: _Named, record: Record, method: str, score: float) -> Linked:
    return Linked(one.span, known_as(record), method, score, country=country_of(record))


class _FullNames:
    """The names of an article by what they can be shortened to."""

    def __init__(self, found: Sequence[_Named]) -> None:
        self._by_short: dict[Key, dict[Key, list[_Named]]] = {}
        for one in found:
            for short in _shorts(one):
                forms = self._by_short.setdefault(short, {})
                if one.key in forms or len(forms) < MOST_NAMESAKES:
                    forms.setdefault(one.key, []).append(one)

    def of(self, one: _Named) -> _Named | None:
        """The longest name this one is short for; of several people the one named last before it."""
        forms: dict[Key, list[_Named]] = {}
        for short in {(*one.key[:1], *one.key[-1:]), (one.span.type, plain(one.surface))}:
            known = self._by_short.get(short, {})
            forms |= {key: mentions for key, mentions in known.items() if _is_short_for(one, mentions[0])}
        longest = max(map(len, forms), default=0)
        rivals = [mentions for key, mentions in forms.items() if len(key) == longest]
        return (
            max((_nearest(one, mentions) for mentions in rivals), key=lambda pair: pair[0])[1]
            if rivals
            else None
        )


def _shorts(one: _Named) -> set[Key]:
    """The surname of a name, and the bare forms of its record."""
    bare = bare_forms(one.record.id) if one.record else ()
    return {(*one.key[:1], *one.key[-1:]), *((one.span.type, form) for form in bare)}


def _nearest(one: _Named, mentions: Sequence[_Named]) -> tuple[int, _Named]:
    """The last mention before this one and its place; the first after it, counted from below zero."""
    index = bisect_left(mentions, one.span.first, key=lambda mention: mention.span.first)
    chosen = mentions[max(index - 1, 0)]
    return (chosen.span.first if index else -chosen.span.first - 1), chosen


def _is_short_for(one: _Named, full: _Named) -> bool:
    if full.span.type != one.span.type:
        return False
    if full.record is not None and (one.key == full.key or plain(one.surface) in bare_forms(full.record.id)):
        return True
    if one.span.type == "ORG":
        return _is_last_word(one, full)
    return one.key != full.key and _is_form_of(one.key, full.key)


def _is_last_word(one: _Named, full: _Named) -> bool:
    """``United`` for ``Manchester United``, but not ``England`` for the ``Bank of England``."""
    words = full.surface.split()
    return len(words) > 1 and one.surface == words[-1] and all(word[0].isupper() for word in words)


def _is_form_of(short: Key, long: Key) -> bool:
    """The end of a person's longer name, or the same initial and surname."""
    if short[0] != "PER" or len(short) == 1 or short[-1] != long[-1]:
        return False
    if len(short) == len(long):
        return len(short) > 2 and len(short[1]) == 1 and short[1] == long[1][:1]  # noqa: PLR2004 - type, initial
    return len(short) < len(long) and long[-len(short) + 1 :] == short[1:]


def local_id(kind: EntityType, name: str) -> str:
    """``local:`` and 16 hexadecimal digits: the same for the same type and name, everywhere."""
    digest = hashlib.sha256(f"{kind}\x1f{name.casefold()}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"local:{digest[:16]}"
