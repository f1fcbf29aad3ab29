"""Which of the places of one name an article means.

Each place name has senses; a sense is likelier the more people live there, and more so when its
country is mentioned, when places near it are, or when its region or country follows it (``Paris,
Texas``). One name has one sense in an article.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from services.enrich.cldr import countries_speaking
from services.enrich.linking.abbreviations import state_after
from services.enrich.linking.passage import Passage, Span
from services.enrich.linking.place_keys import senses_of
from services.enrich.linking.places import Kind, Place, Places, Sense, distance_km

QUALITY_MALUS = (0.0, 0.2, 0.9)
FOREIGN_COUNTRY_MALUS = 1.5
"""The name of a country in a small language may be that of a city here (``Tunis``)."""

TOWN_OF_REGION, SHARED_NAME_MALUS = 0.25, 2.0
"""A region loses against a city of its name that has a good part of its people."""

COUNTRY_MENTIONED, SPOKEN_THERE, SAME_REGION, SAME_COUNTRY, NEAR, INSIDE, AROUND = (
    1.8,
    0.4,
    1.0,
    0.5,
    0.8,
    6.0,
    2.0,
)
NEAR_KM = 150.0
LOOKS = 3
MOST_NAMES, MOST_NEAR = 1_000, 50
"""Different place names that are resolved, and those of one country that each is compared with."""

CLEAR_MARGIN, UNCLEAR = 1.0, 0.5
"""Decades by which the first sense must lead to count as evidence in full, and what another one counts."""

SAYS = {Kind.COUNTRY: 1.0, Kind.REGION: 0.8, Kind.COUNTY: 0.6, Kind.CITY: 0.6, Kind.AREA: 0.6}
"""How much a place speaks for the other places of its country."""

WEAKEST_ALIAS, WEAKEST_AMONG = 4.7, 3.7
"""A place of fewer people (decades) that is known by an alias, or one of several, needs support by others."""

ALONE, LEAST, STEP = 0.95, 0.5, 0.25
_JOINTS = frozenset({",", "(", "in", "en", "au", "aux", "à", "im", "nel", "na", "no", "w", "в", "у"})


class Choice(NamedTuple):
    """The place a name means, and how sure that is (0 to 1)."""

    place: Place
    score: float


class _Name(NamedTuple):
    key: str
    senses: tuple[Sense, ...]
    bases: tuple[float, ...]


def resolve(passage: Passage, spans: Sequence[Span], evidence: Mapping[str, float]) -> list[Choice | None]:
    """The place of each span, in order; ``evidence`` are countries something else speaks for (0 to 1)."""
    places = Places.load()
    keyed = [senses_of(places, passage, span) for span in spans]
    names = {key: _name(key, senses, passage.language) for key, senses in keyed if senses}
    holders = _holders(passage, spans, keyed)
    beside = {key: places.find(key) for key in sorted({*holders.values()} - {*names})}
    names |= {key: _name(key, senses, passage.language) for key, senses in beside.items() if senses}
    context = _Context(names, holders, evidence)
    chosen = context.choices()
    return [chosen.get(key) for key, _ in keyed]


def _name(key: str, senses: Iterable[Sense], language: str) -> _Name:
    known = tuple(senses)
    spoken = countries_speaking(language)
    return _Name(key, known, tuple(_base(sense, known, spoken) for sense in known))


def _base(sense: Sense, senses: Sequence[Sense], spoken: frozenset[str]) -> float:
    """How likely the sense is where nothing else is known."""
    place = sense.place
    base = place.prior - QUALITY_MALUS[sense.quality] + SPOKEN_THERE * (place.country in spoken)
    if place.kind is Kind.COUNTRY and sense.quality > 1:
        base -= FOREIGN_COUNTRY_MALUS
    if place.kind in {Kind.REGION, Kind.COUNTY} and any(_is_town_of(other.place, place) for other in senses):
        base -= SHARED_NAME_MALUS
    return base


def _is_town_of(town: Place, region: Place) -> bool:
    inside = town.region == region.row or (region.kind is Kind.COUNTY and town.region == region.region)
    return town.kind is Kind.CITY and inside and town.prior >= region.prior - TOWN_OF_REGION


def _holders(
    passage: Passage, spans: Sequence[Span], keyed: Sequence[tuple[str, Sequence[Sense]]]
) -> dict[str, str]:
    """Names by key that are said to lie in what follows them, with the key of that."""
    found: dict[str, str] = {}
    for span, (key, _) in zip(spans, keyed, strict=True):
        if passage.language == "en" and (state := state_after(passage.tokens, span.last)):
            found.setdefault(key, state)
    for (left, (key, _)), (right, (holder, _)) in pairwise(zip(spans, keyed, strict=True)):
        between = passage.tokens[left.last : right.first]
        if 1 <= len(between) <= 2 and all(token.key in _JOINTS for token in between):  # noqa: PLR2004 - ", in"
            found.setdefault(key, holder)
    return {key: holder for key, holder in found.items() if holder != key}


class _Context:
    """The place names of one article and what each says of the others."""

    def __init__(
        self, names: Mapping[str, _Name], holders: Mapping[str, str], evidence: Mapping[str, float]
    ) -> None:
        self._names = dict(islice(names.items(), MOST_NAMES))
        self._holders = holders
        self._held: dict[str, list[str]] = {}
        for key, holder in holders.items():
            self._held.setdefault(holder, []).append(key)
        self._evidence = evidence
        self._leads = {key: _lead(name) for key, name in self._names.items()}
        self._firm: dict[str, Sense] = {}
        self._said: dict[str, list[tuple[float, str]]] = {}
        self._near: dict[str, list[tuple[str, Place]]] = {}

    def choices(self) -> dict[str, Choice]:
        """The best sense of each name, after two looks at all the others."""
        for _ in range(LOOKS):
            self._look_around()
            scored = {key: self._scores(name) for key, name in self._names.items()}
            self._firm = {
                key: self._names[key].senses[max(range(len(scores)), key=scores.__getitem__)]
                for key, scores in scored.items()
            }
        found = {key: _choice(name, scored[key]) for key, name in self._names.items()}
        return {key: choice for key, choice in found.items() if choice is not None}

    def _look_around(self) -> None:
        """Gather what every name says by its sense so far: for its country, and for what is near."""
        self._said, self._near = {}, {}
        for key in self._names:
            best, weight = self._leads[key]
            place = self._firm.get(key, best).place
            country = place.country or ""
            says = SAYS[place.kind] * (weight if place == best.place else UNCLEAR)
            self._said[country] = sorted([*self._said.get(country, ()), (says, key)], reverse=True)[:2]
            around = self._near.setdefault(country, [])
            if key in self._firm and place.kind is not Kind.COUNTRY and len(around) < MOST_NEAR:
                around.append((key, place))

    def _scores(self, name: _Name) -> list[float]:
        holder = self._names.get(self._holders.get(name.key, ""))
        held = [self._firm[key].place for key in self._held.get(name.key, ()) if key in self._firm]
        return [
            base
            + COUNTRY_MENTIONED * self._said_for(sense.place.country or "", name.key)
            + _nearness(sense.place, name.key, self._near.get(sense.place.country or "", ()))
            + INSIDE * (holder is not None and _lies_in(sense.place, holder.senses))
            + AROUND * any(_lies_in(place, (sense,)) for place in held)
            for sense, base in zip(name.senses, name.bases, strict=True)
        ]

    def _said_for(self, country: str, asking: str) -> float:
        """How much the other names, and what else the article names, speak for the country (0 to 1)."""
        said = (says for says, key in self._said.get(country, ()) if key != asking)
        return max(self._evidence.get(country, 0.0), *said, 0.0) if country else 0.0


def _lead(name: _Name) -> tuple[Sense, float]:
    """The likeliest sense by itself, and how clearly it leads (0 to 1)."""
    order = sorted(range(len(name.bases)), key=lambda index: -name.bases[index])
    best = name.senses[order[0]]
    rivals = [name.bases[i] for i in order[1:] if name.senses[i].place.country != best.place.country]
    margin = name.bases[order[0]] - max(rivals, default=-math.inf)
    return best, min(1.0, margin / CLEAR_MARGIN)


def _nearness(place: Place, asking: str, compatriots: Sequence[tuple[str, Place]]) -> float:
    """What other places of its country say for this one: that they are there, in its region, or near."""
    if place.kind is Kind.COUNTRY:
        return 0.0
    around = [other for key, other in compatriots if key != asking]
    own = place.row if place.kind is Kind.REGION else place.region
    region = own >= 0 and any(own in {other.row, other.region} for other in around)
    near = any(distance_km(place, other) < NEAR_KM for other in around)
    return SAME_COUNTRY * bool(around) + SAME_REGION * region + NEAR * near


def _lies_in(place: Place, holders: Sequence[Sense]) -> bool:
    """Whether the place is in the country or region that one of the senses is."""
    for holder, _ in holders:
        land = (
            holder.kind is Kind.COUNTRY and place.kind is not Kind.COUNTRY and place.country == holder.country
        )
        if land or (holder.kind is Kind.REGION and place.region == holder.row):
            return True
    return False


def _choice(name: _Name, scores: Sequence[float]) -> Choice | None:
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], name.senses[index].place.row))
    best = name.senses[order[0]]
    supported = scores[order[0]] > name.bases[order[0]] + SPOKEN_THERE
    weakest = WEAKEST_ALIAS if best.quality > 1 else WEAKEST_AMONG * (len(order) > 1)
    if best.place.prior < weakest and not supported:
        return None
    if len(order) == 1:
        return Choice(best.place, ALONE if best.quality < 2 else ALONE - STEP)  # noqa: PLR2004 - an alias
    margin = scores[order[0]] - scores[order[1]]
    return Choice(best.place, min(ALONE, LEAST + STEP * margin))
