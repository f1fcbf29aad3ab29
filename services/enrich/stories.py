"""Which story an article belongs to, and which earlier articles it is like. Pure.

A story is known by its articles, not by a centre: so what is decided depends on which articles there
are and never on the order in which they came into the index. An article joins the story with the
article that resembles it most. In one language words and entities tell; across languages only
entities that have an id of their own, and topics.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from newsfeed.envelope import derive_id
from newsfeed.values import ArticleAlike
from services.enrich.likeness import NEAR_DUPLICATE, REVISION_CANDIDATE, likeness
from services.enrich.profiles import LOCAL, TERRITORY, Profile
from services.enrich.story_records import WINDOW_MS, Decision, Seen

JOINS = 0.36
"""Resemblance from which an article joins a story; tuned on one half of the gold set."""

TERM_SHARE = 0.75
"""How much of the resemblance words make, in one language; entities make the rest."""

LANGUAGE_FACTOR = 0.8
"""Across languages entities alone must be so much more alike."""

RARE = 0.6
"""Rarity from which one entity, with the country around it, may tell a story across languages."""

SECOND_SHARE = 0.15
"""How much the second article of a story counts: two witnesses are better than one."""

AGE_SHARE = 0.2
"""What a resemblance loses in 72 hours."""

OTHER_TOPICS_FACTOR = 0.7
COMMONEST = 200
"""Articles that a fresh index is treated as if it held already: without them nothing would be rare."""

MOST_ALIKE = 10


def decide(profile: Profile, seen: Seen, kept_story: str | None = None) -> Decision:
    """What becomes of a version; ``kept_story`` is the story of the article's version before."""
    alike = _alike(profile, seen)
    if kept_story:
        return Decision(kept_story, alike)
    story_id = _joined(profile, seen, alike)
    return Decision(story_id or str(derive_id("story", profile.article_id)), alike)


def _alike(profile: Profile, seen: Seen) -> tuple[ArticleAlike, ...]:
    found = [
        ArticleAlike(article_id=other.article_id, version=other.version, likeness=round(index, 3))
        for other in seen.others
        if other.profile
        and (index := likeness(profile.signature, other.profile.signature)) >= REVISION_CANDIDATE
    ]
    return tuple(sorted(found, key=lambda one: (-one.likeness, one.article_id))[:MOST_ALIKE])


def _joined(profile: Profile, seen: Seen, alike: Sequence[ArticleAlike]) -> str | None:
    """The story that an article joins: that of its near-duplicate, else the one that resembles it most."""
    stories = {other.article_id: other.story_id for other in seen.others}
    if alike and alike[0].likeness >= NEAR_DUPLICATE:
        return stories[alike[0].article_id]
    scores = defaultdict[str, list[float]](list)
    for other in seen.others:
        if other.profile:
            scores[other.story_id].append(resemblance(profile, other.profile, seen))
    ranked = sorted(((_of_story(values), story) for story, values in scores.items()), reverse=True)
    return ranked[0][1] if ranked and ranked[0][0] >= JOINS else None


def _of_story(values: Sequence[float]) -> float:
    best, second = (*sorted(values, reverse=True), 0.0)[:2]
    return best + SECOND_SHARE * second


def resemblance(one: Profile, other: Profile, seen: Seen) -> float:
    """How much two articles are about the same event, 0 to 1."""
    ages = abs(one.at_ms - other.at_ms) / WINDOW_MS
    if ages > 1:
        return 0.0
    if one.language == other.language:
        score = _within(one, other, seen)
    else:
        score = LANGUAGE_FACTOR * _across(one, other, seen)
    if one.topics and other.topics and not one.topics & other.topics:
        score *= OTHER_TOPICS_FACTOR if one.language == other.language else 0.0
    return score * (1 - AGE_SHARE * ages)


def _within(one: Profile, other: Profile, seen: Seen) -> float:
    """In one language words tell most; they tell all where no entity was found."""
    words = _cosine(one.terms, other.terms)
    if not one.entities or not other.entities:
        return words
    return TERM_SHARE * words + (1 - TERM_SHARE) * _entities(one, other, seen)


def _across(one: Profile, other: Profile, seen: Seen) -> float:
    """Across languages two linked entities must be shared, one of them no country.

    A country and one thing more are two only while few articles name that thing.
    """
    shared = {key for key in one.entities if key in other.entities and not key.startswith(LOCAL)}
    things = [key for key in shared if not key.startswith(TERRITORY)]
    if len(shared) < 2 or not things:  # noqa: PLR2004 see above
        return 0.0
    if len(shared) == 2 and len(things) == 1 and rarity(things[0], seen) < RARE:  # noqa: PLR2004 see above
        return 0.0
    return _entities(_linked(one), _linked(other), seen)


def _linked(profile: Profile) -> Mapping[str, float]:
    return {key: weight for key, weight in profile.entities.items() if not key.startswith(LOCAL)}


def _entities(one: Profile | Mapping[str, float], other: Profile | Mapping[str, float], seen: Seen) -> float:
    """The cosine of two sets of entities, times how telling the most telling one is that they share."""
    mine, theirs = (
        {key: weight * rarity(key, seen) for key, weight in of.items()}
        for of in (side.entities if isinstance(side, Profile) else side for side in (one, other))
    )
    telling = max((min(1.0, mine[key], theirs[key]) for key in mine if key in theirs), default=0.0)
    return math.sqrt(telling) * _cosine(mine, theirs)


def rarity(entity: str, seen: Seen) -> float:
    """1 for an entity that no other article names, towards 0 for one that all name."""
    total = seen.total + COMMONEST
    return math.log(1 + total / (1 + seen.counts.get(f"e:{entity}", 0))) / math.log(1 + total)


K = TypeVar("K", int, str)


def _cosine(one: Mapping[K, float], other: Mapping[K, float]) -> float:
    shared = sum(weight * other.get(key, 0.0) for key, weight in one.items())
    if not shared:
        return 0.0
    return shared / math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
