"""Ways to look up a place name in a text: as it stands, without its case, without common nouns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from services.enrich.inflection import has_cases, inflects, prefix_lengths, stem
from services.enrich.linking.abbreviations import state_after
from services.enrich.linking.passage import Passage, Span
from services.enrich.linking.places import Kind, Places, Sense
from services.enrich.wordlists import sections

_NOMINATIVES = {
    "cyrillic": ("", "а", "я", "о", "е", "ь", "ы", "и", "ий", "ый", "ой", "ая", "ое", "ия", "ія", "ів", "їв"),
    "latin": ("", "a", "o", "e", "y", "i", "ý", "á", "é", "ów", "in", "ia", "ie"),
}
MOST_FORMS = 200
LONGEST_INFLECTED = 3
"""Words."""


def senses_of(places: Places, passage: Passage, span: Span) -> tuple[str, Sequence[Sense]]:
    """The key by which the span was found and what it can mean; its own key and nothing if it was not."""
    keys = passage.keys(span.first, span.last)
    whole = " ".join(keys)
    if span.known is not None:
        return whole, _with_record(places, places.find(whole), span.known.id)
    for key in _tries(keys, passage, span):
        if found := places.find(key):
            return key, [_abroad(sense, found) for sense in found if not _is_capital_of(sense, found)]
    return whole, []


def _abroad(sense: Sense, found: Sequence[Sense]) -> Sense:
    """A country under a name that it does not have in the language of the article is unlikely."""
    return sense._replace(quality=2) if sense.place.kind is Kind.COUNTRY and len(found) > 1 else sense


def _is_capital_of(sense: Sense, found: Sequence[Sense]) -> bool:
    """Whether a country has the name of a city of its own, as ``Tunis`` is Tunisia in Croatian."""
    place = sense.place
    own = (other.place for other in found if other.quality == 0 and other.place.country == place.country)
    return place.kind is Kind.COUNTRY and any(other.kind is Kind.CITY for other in own)


def _with_record(places: Places, found: Sequence[Sense], known: str) -> list[Sense]:
    """The record's own place in its best quality, and what else of note has the name."""
    record = places.by_id(known)
    others = [sense for sense in found if sense.place.kind is not Kind.COUNTRY and sense.quality == 0]
    return [*([Sense(record, 0)] if record else []), *others]


def _tries(keys: Sequence[str], passage: Passage, span: Span) -> Iterator[str]:
    state = state_after(passage.tokens, span.first - 1) if span.first else None
    if state and passage.language == "en":
        yield state
    yield " ".join(keys)
    for length in prefix_lengths(keys[0]):
        yield " ".join((keys[0][length:], *keys[1:]))
    yield from _uninflected(keys, passage.language)
    bare = _without_nouns(keys, passage, span)
    if bare and bare != list(keys):
        yield " ".join(bare)
        yield from _uninflected(bare, passage.language)


def _uninflected(keys: Sequence[str], language: str) -> Iterator[str]:
    if inflects(language):
        yield from base_forms(tuple(keys), language)


def _without_nouns(keys: Sequence[str], passage: Passage, span: Span) -> list[str]:
    """Without what says only that it is a place: ``the city of X``, ``X region``, ``eastern X``.

    Nothing of a sea that is named for a place: the ``golfe de Guinée`` is not Guinea.
    """
    if keys[0] in sections("rules.txt")["waters"]:
        return []
    nouns = sections("rules.txt")["place_nouns"] | sections("rules.txt")["compass"]
    first, last = 0, len(keys)
    texts = [token.text for token in passage.tokens[span.first : span.last]]
    while first < last and (
        keys[first] in nouns or texts[first][0].islower() or not texts[first][0].isalnum()
    ):
        first += 1
    while first < last and (keys[last - 1] in nouns or not texts[last - 1][0].isalnum()):
        last -= 1
    return list(keys[first:last])


@lru_cache(maxsize=4096)
def base_forms(keys: tuple[str, ...], language: str) -> tuple[str, ...]:
    """Dictionary forms that the words can be case forms of, at most 200."""
    if len(keys) > LONGEST_INFLECTED:
        return ()
    options = [_options(key, language) for key in keys]
    return tuple(" ".join(words) for words in islice(product(*options), MOST_FORMS))


def _options(key: str, language: str) -> tuple[str, ...]:
    bare = stem(key, language)
    if not has_cases(language) or not bare.isalpha():
        return tuple(dict.fromkeys((key, bare)))
    endings = _NOMINATIVES["cyrillic" if bare[0] >= "\u0400" else "latin"]
    return tuple(dict.fromkeys((key, *(bare + ending for ending in endings))))
