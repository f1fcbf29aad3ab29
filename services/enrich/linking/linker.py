"""From names to entities: records, then countries, regions and cities, then an id of the name itself."""

from __future__ import annotations

from collections.abc import Sequence

from newsfeed.documents import Entity
from services.enrich.guards import trusted
from services.enrich.linking.agreeing import agreed
from services.enrich.linking.curated import CuratedNames
from services.enrich.linking.geography import Choice, resolve
from services.enrich.linking.hints import CAPITALISE_NOUNS, retyped, unseen, widened
from services.enrich.linking.naming import named
from services.enrich.linking.passage import Linked, Passage, Span
from services.enrich.linking.records import Records, country_of
from services.enrich.linking.salience import gathered
from services.enrich.linking.spans import merged
from services.enrich.matching import Hit, Known
from services.enrich.recognition.recognised import Recognised
from services.enrich.spotting import surname_hits

DOUBTFUL = {"PER": 0.6, "ORG": 0.7, "LOC": 0.75}
"""Below this score a lone word at the beginning of a sentence is taken for an ordinary one.

On the development sets as many are right as wrong just below it; of places that no table has, none is.
"""

COUNTRY_OF_RECORD = 0.5
"""What an organisation or person of a country says for the places of it, as a share of a mention of it."""


def link(passage: Passage, recognised: Sequence[Recognised]) -> tuple[Entity, ...]:
    """All entities of the article, the most salient first; ``recognised`` is sorted and has no overlaps.

    Every mention is a half-open range of characters of the text. Never raises, whatever the text is.
    """
    spans = widened(passage, merged(passage, recognised, _vouched(passage, recognised)))
    spans = retyped(passage, spans)
    spans += _surnames(passage, spans)
    spans += unseen(passage, spans)
    spans = agreed(passage, sorted(spans, key=lambda span: span.start))
    places = [span for span in spans if span.type == "LOC"]
    choices = resolve(passage, places, _evidence(spans))
    located = [_located(span, choice) for span, choice in zip(places, choices, strict=True)]
    countries = {one.country for one in located if one is not None and one.country}
    rest = [span for span in spans if span.type != "LOC"]
    rest += [span for span, one in zip(places, located, strict=True) if one is None]
    named_ones = named(passage, sorted(rest, key=lambda span: span.start), countries)
    vouched = {one.known.id for one in named_ones if not _may_owe_its_capital(passage, one)}
    linked = [one for one in named_ones if one.known.id in vouched]
    return gathered(passage, [*linked, *(one for one in located if one is not None)])


def _may_owe_its_capital(passage: Passage, one: Linked) -> bool:
    """A word that nobody knows, at the beginning of a sentence, of which the recogniser is not sure."""
    span = one.span
    lone = one.method == "name" and span.last - span.first == 1
    return lone and passage.tokens[span.first].opens and span.score < DOUBTFUL[span.type]


def _vouched(passage: Passage, recognised: Sequence[Recognised]) -> list[Hit]:
    """Known names that the words around them allow, or that the recogniser saw, too."""
    found = CuratedNames.load(passage.language).index.find(passage.tokens)
    seen = {(one.first, one.last, one.type) for one in recognised}
    sure = set(trusted(found, passage.tokens))
    kept = [hit for hit in found if hit in sure or (hit.first, hit.last, hit.known.type) in seen]
    covered = {index for one in recognised for index in range(one.first, one.last)}
    return [hit for hit in kept if hit.first in covered or not _owes_its_capital(passage, hit)]


def _owes_its_capital(passage: Passage, hit: Hit) -> bool:
    """An organisation of one word that begins a sentence: ``Let``, ``Target``, but not ``OTAN``.

    In German so may any noun: ``Bild``, ``Bahn``.
    """
    token = passage.tokens[hit.first]
    lone = hit.known.type == "ORG" and hit.last - hit.first == 1
    owes = token.opens or (hit.weak and passage.language in CAPITALISE_NOUNS)
    return lone and owes and token.text[0].isupper() and not token.text.isupper()


def _surnames(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """Mentions by surname that the recogniser missed, of people whose full name the article gives."""
    found = [Recognised(*span[:6]) for span in spans]
    hits = surname_hits(passage.text, passage.tokens, found, passage.language)
    return [Span(hit.first, hit.last, hit.start, hit.end, "PER", hit.score) for hit, _ in hits]


def _evidence(spans: Sequence[Span]) -> dict[str, float]:
    """Countries of the organisations and people that the article names."""
    by_id = Records.load().by_id
    records = (by_id.get(span.known.id) for span in spans if span.known is not None)
    countries = {country_of(record) for record in records if record is not None}
    return {country: COUNTRY_OF_RECORD for country in countries if country}


def _located(span: Span, choice: Choice | None) -> Linked | None:
    if choice is None:
        known = span.known
        return None if known is None else Linked(span, known, "area", span.score)
    place, score = choice
    known = Known(place.id, "LOC", place.name, verified=True)
    return Linked(span, known, place.kind.name.lower(), score, place, place.country)
