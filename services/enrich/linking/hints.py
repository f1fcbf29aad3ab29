"""Places that the words around them or their size give away, whatever the recogniser made of them.

``in Karnataka`` is a place even if it was taken for a person or not seen. Only a place's own names count
for this, never an alias, and the place must be large.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.guards import is_given_name
from services.enrich.linking.passage import Passage, Span
from services.enrich.linking.places import Kind, Place, Places
from services.enrich.wordlists import sections

LARGE_REGION, LARGE_TOWN, TOWN = 5.5, 5.3, 4.7
"""Decades of people: of a region that needs no preposition, of a place nobody saw, of one that was seen."""

HINTED_SCORE = 0.6
LONGEST_NAME = 3
_IN = {
    "en": frozenset(("in", "near", "outside", "across", "throughout")),
    "fr": frozenset(("à", "en")),
    "de": frozenset(("in", "bei", "nach")),
    "es": frozenset(("en",)),
    "it": frozenset(("a", "in")),
    "pt": frozenset(("em", "no", "na")),
    "nl": frozenset(("in", "te")),
    "sv": frozenset(("i",)),
    "da": frozenset(("i",)),
}
CAPITALISE_NOUNS = frozenset(("de",))


def retyped(passage: Passage, span: Span) -> Span:
    """The span as a place if it was seen as something else that has no record and must be one."""
    if span.type == "LOC" or span.known is not None:
        return span
    place = _own_name(passage, span.first, span.last)
    if place is None or (span.type == "PER" and is_given_name(passage.tokens[span.first].key)):
        return span
    region = place.kind in {Kind.COUNTRY, Kind.REGION} and place.prior >= LARGE_REGION
    stated = _is_stated(passage, span.first) and place.prior >= TOWN
    return span._replace(type="LOC") if region or stated else span


def unseen(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """Large places after a preposition that the recogniser passed over."""
    if passage.language not in _IN or passage.language in CAPITALISE_NOUNS:
        return []
    taken = {index for span in spans for index in range(span.first, span.last)}
    prepositions = _IN[passage.language]
    after = [index for index, token in enumerate(passage.tokens[:-1], 1) if token.key in prepositions]
    found = []
    for first in after:
        if not passage.tokens[first].opens and first not in taken and _is_capital(passage, first):
            last = _end(passage, first)
            place = _own_name(passage, first, last) if last - first <= LONGEST_NAME else None
            if place is not None and place.prior >= LARGE_TOWN and taken.isdisjoint(range(first, last)):
                start, end = passage.tokens[first].start, passage.tokens[last - 1].end
                found.append(Span(first, last, start, end, "LOC", HINTED_SCORE))
    return found


def _is_stated(passage: Passage, first: int) -> bool:
    """Whether a preposition of place stands before the token."""
    before = passage.tokens[first - 1].key if first else ""
    return before in _IN.get(passage.language, ()) and not passage.tokens[first].opens


def _is_capital(passage: Passage, index: int) -> bool:
    text = passage.tokens[index].text
    return text[0].isupper() and len(text) > 1 and not text.isupper()


def _end(passage: Passage, first: int) -> int:
    """Where the run of capitalised words ends."""
    last = first + 1
    while (
        last < len(passage.tokens)
        and passage.tokens[last].text[0].isupper()
        and not passage.tokens[last].opens
    ):
        last += 1
    return last


def _own_name(passage: Passage, first: int, last: int) -> Place | None:
    """The largest place that has the name as its own; None if the name is an ordinary word, too."""
    key = " ".join(passage.keys(first, last))
    if key in sections("rules.txt")["weak"]:
        return None
    own = [place for place, quality in Places.load().find(key) if quality < 2]  # noqa: PLR2004 - an alias
    return max(own, key=lambda place: place.prior, default=None)
