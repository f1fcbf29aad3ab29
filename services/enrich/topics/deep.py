"""Topics below the top: those whose label the text says, close together and more than in passing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.enrich.topics.labels import Labels, top_topic
from services.enrich.topics.spotting import Span, Spots

ONE_WORD_TIMES, SEVERAL_WORDS_TIMES = 3, 2
"""How often the only word of a label must stand there, and the most frequent one of several."""

REACH = 40
"""Characters within which the words of a label must meet once."""

MOST_DEEP = 5
FACTOR = 0.9
"""A topic below the top scores this part of the top one."""


def find_deep(spots: Spots, labels: Labels, scores: Mapping[str, float]) -> dict[str, float]:
    """Topic to score, the best five; only below the top topics in ``scores``."""
    candidates = {topic for key in spots.stems for topic in labels.topics_of.get(key, ())}
    found: list[tuple[int, str]] = []
    for topic in candidates:
        if top_topic(topic) in scores:
            strength = _strength(spots.stems, sorted(labels.contents[topic]))
            if strength:
                found.append((-strength, topic))
    return {topic: round(scores[top_topic(topic)] * FACTOR, 3) for _, topic in sorted(found)[:MOST_DEEP]}


def _strength(spots: Mapping[str, Sequence[Span]], stems: Sequence[str]) -> int:
    """How often the words of a label were seen, or 0 if that is too seldom or never together."""
    counts = [len(spots.get(key, ())) for key in stems]
    if len(stems) == 1:
        return counts[0] if counts[0] >= ONE_WORD_TIMES else 0
    if min(counts) == 0 or max(counts) < SEVERAL_WORDS_TIMES or not _meet(spots, stems):
        return 0
    return sum(counts)


def _meet(spots: Mapping[str, Sequence[Span]], stems: Sequence[str]) -> bool:
    places = sorted((span[0], key) for key in stems for span in spots[key])
    last: dict[str, int] = {}
    for start, key in places:
        last[key] = start
        if len(last) == len(stems) and start - min(last.values()) <= REACH:
            return True
    return False
