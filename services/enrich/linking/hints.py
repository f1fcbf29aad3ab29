"""Places that the words around them or their size give away, whatever the recogniser made of them.

``in Karnataka`` is a place even if it was taken for a person or not seen. Only a place's own names count
for this, never an alias, and the place must be large.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.enrich.guards import is_given_name
from services.enrich.inflection import has_cases
from services.enrich.linking.passage import Passage, Span
from services.enrich.linking.place_keys import base_forms
from services.enrich.linking.places import Kind, Place, Places
from services.enrich.wordlists import sections

GREAT_CITY, LARGE_REGION, LARGE_TOWN, TOWN, SMALL_TOWN = 6.1, 5.5, 5.3, 4.7, 4.0
"""Decades of people: of a city or region that needs no preposition, of a place nobody saw, of a seen one.

A small town needs to be in a country that the article names.

On the development sets no lone word that is a great city is a person, unless it is a given name, too.
"""

HINTED_SCORE = 0.6
LONGEST_NAME = 3
LONGEST_PLACE = 7
"""Tokens, hyphens among them."""
_IN = {
    "en": frozenset(("in", "near", "off", "outside", "across", "throughout", "toward", "towards")),
    "fr": frozenset(("à", "en", "vers")),
    "de": frozenset(("in", "bei", "nach")),
    "es": frozenset(("en", "hacia")),
    "it": frozenset(("a", "in")),
    "pt": frozenset(("em", "no", "na")),
    "nl": frozenset(("in", "te")),
    "sv": frozenset(("i",)),
    "da": frozenset(("i",)),
}
CAPITALISE_NOUNS = frozenset(("de",))


def retyped(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """The spans, those as places that were seen as something else, have no record and must be one."""
    full = [span for span in spans if span.type == "PER" and _is_long(span)]
    people = {key for span in full for key in passage.keys(span.first, span.last)}
    return [_retyped(passage, span, people) for span in spans]


def _retyped(passage: Passage, span: Span, people: Collection[str]) -> Span:
    if span.type == "LOC" or span.known is not None:
        return span
    place = _own_name(passage, span.first, span.last)
    if place is None or (span.type == "PER" and is_given_name(passage.tokens[span.first].key)):
        return span
    region = place.kind in {Kind.COUNTRY, Kind.REGION} and place.prior >= LARGE_REGION
    stated = _is_stated(passage, span.first) and place.prior >= TOWN
    alone = span.type == "PER" and not _is_long(span) and passage.tokens[span.first].key not in people
    return span._replace(type="LOC") if region or stated or (alone and place.prior >= GREAT_CITY) else span


def widened(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """The spans, places as the end of the longest name of a place that stands there: ``Pays de la Loire``."""
    free, whole = 0, []
    for span in spans:
        one = _widened(passage, span, free) if span.type == "LOC" else span
        free = one.last
        whole.append(one)
    return whole


def _widened(passage: Passage, span: Span, free: int) -> Span:
    """The span from the farthest capital on with which it is a name, not before token ``free``."""
    first = span.first
    while first > max(free, span.last - LONGEST_PLACE) and not passage.tokens[first].opens:
        first -= 1
    for start in range(first, span.first):
        if passage.tokens[start].text[0].isupper() and _own_name(passage, start, span.last):
            return span._replace(first=start, start=passage.tokens[start].start, known=None)
    return span


def _is_long(span: Span) -> bool:
    return span.last - span.first > 1


def unseen(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """Places after a preposition that the recogniser passed over: large, or in a country that is named."""
    if passage.language not in _IN or passage.language in CAPITALISE_NOUNS:
        return []
    taken = {index for span in spans for index in range(span.first, span.last)}
    countries = {span.known.id for span in spans if span.known is not None}
    prepositions = _IN[passage.language]
    after = [index for index, token in enumerate(passage.tokens[:-1], 1) if token.key in prepositions]
    found = []
    for first in after:
        if not passage.tokens[first].opens and first not in taken and _is_capital(passage, first):
            last = _end(passage, first)
            place = _own_name(passage, first, last) if last - first <= LONGEST_NAME else None
            least = SMALL_TOWN if place and f"iso3166:{place.country}" in countries else LARGE_TOWN
            if place is not None and place.prior >= least and taken.isdisjoint(range(first, last)):
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
    keys = passage.keys(first, last)
    forms = base_forms(tuple(keys), passage.language) if has_cases(passage.language) else ()
    weak = sections("rules.txt")["weak"]
    for key in (" ".join(keys), *forms):
        own = [place for place, quality in Places.load().find(key) if quality < 2]  # noqa: PLR2004 - an alias
        if own:
            return None if key in weak else max(own, key=lambda place: place.prior)
    return None
