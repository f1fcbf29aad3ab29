"""Mentions gathered into entities, and what the article is about most."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsfeed.documents import Entity, Mention
from services.enrich.linking.passage import Linked, Passage

TITLE_WEIGHT, LEAD_WEIGHT, SPREAD_WEIGHT = 3.0, 2.0, 1.0
PARTS = 4
"""The text has this many parts of one length; spread is the share of them that name the entity."""


def gathered(passage: Passage, linked: Sequence[Linked]) -> tuple[Entity, ...]:
    """One entity for each id, the most salient first."""
    groups: dict[str, list[Linked]] = {}
    for one in sorted(linked, key=lambda one: (one.span.start, one.span.end)):
        groups.setdefault(one.known.id, []).append(one)
    weights = {key: weight(passage, group) for key, group in groups.items()}
    heaviest = max(weights.values(), default=1.0)
    entities = [_entity(group, weights[key] / heaviest) for key, group in groups.items()]
    return tuple(sorted(entities, key=lambda entity: (-entity.salience, entity.mentions[0].start, entity.id)))


def weight(passage: Passage, group: Sequence[Linked]) -> float:
    """In the headline, in the lead, how often (in doublings), and in how many parts of the text."""
    starts = [one.span.start for one in group]
    title = any(start < passage.title_end for start in starts)
    lead = any(passage.title_end <= start < passage.lead_end for start in starts)
    parts = {start * PARTS // max(len(passage.text), 1) for start in starts}
    spread = SPREAD_WEIGHT * len(parts) / PARTS
    return TITLE_WEIGHT * title + LEAD_WEIGHT * lead + math.log2(1 + len(starts)) + spread


def _entity(group: Sequence[Linked], salience: float) -> Entity:
    best = max(group, key=lambda one: (one.link_score or 0.0, one.span.score, -one.span.start))
    place = best.place
    return Entity(
        id=best.known.id,
        type=best.known.type,
        name=best.known.name,
        score=round(max(one.span.score for one in group), 3),
        salience=round(salience, 3),
        method=best.method,
        mentions=tuple(Mention(start=one.span.start, end=one.span.end) for one in group),
        link_score=None if best.link_score is None else round(best.link_score, 3),
        country=place.country if place else best.country,
        latitude=place.latitude if place else None,
        longitude=place.longitude if place else None,
    )
