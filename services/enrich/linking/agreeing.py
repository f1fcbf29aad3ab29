"""One name has one type in an article, unless a person of that surname or a record says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from newsfeed.documents import EntityType
from services.enrich.linking.passage import Passage, Span


def agreed(passage: Passage, spans: Sequence[Span]) -> list[Span]:
    """The spans, those that are seen as several types in words that are the same as the surest of these.

    Left alone are names that stand inside another one, as a surname does, and names with a record.
    """
    types: dict[str, dict[EntityType, float]] = defaultdict(dict)
    for span in spans:
        scores = types[_surface(passage, span)]
        scores[span.type] = scores.get(span.type, 0.0) + span.score
    inside = {word for surface in types for word in surface.split() if word != surface}
    recorded = {_surface(passage, span) for span in spans if span.known is not None}
    settled = {
        surface: max(sorted(found), key=found.__getitem__)
        for surface, found in types.items()
        if len(found) > 1 and surface not in inside | recorded
    }
    return [span._replace(type=settled.get(_surface(passage, span), span.type)) for span in spans]


def _surface(passage: Passage, span: Span) -> str:
    return passage.text[span.start : span.end]
