"""What other libraries find, as names over our tokens."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from newsfeed.documents import EntityType
from services.enrich.recognition.recognised import Recognised, place
from services.enrich.text import Token

TYPES: dict[str, EntityType] = {
    **dict.fromkeys(("PER", "PERSON"), "PER"),
    **dict.fromkeys(("LOC", "GPE", "FAC", "LOCATION"), "LOC"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION"), "ORG"),
}
"""The labels of other libraries, in capitals; a span with any other label is left out."""


class Claim(NamedTuple):
    """Code points ``[start, end)`` that a library calls by its ``label``; ``score`` in [0, 1]."""

    start: int
    end: int
    label: str
    score: float


def aligned(claims: Iterable[Claim], tokens: Sequence[Token]) -> list[Recognised]:
    """The claims widened to whole tokens, in order; of two that overlap the surer stays."""
    starts = [token.start for token in tokens]
    ends = [token.end for token in tokens]
    taken = bytearray(len(tokens))
    kept: list[Recognised] = []
    for claim in sorted(claims, key=lambda claim: (-claim.score, claim.start)):
        kind = TYPES.get(claim.label.upper())
        first, last = bisect_right(ends, claim.start), bisect_left(starts, claim.end)
        if kind is None or first >= last or any(taken[first:last]):
            continue
        taken[first:last] = b"\1" * (last - first)
        kept.append(Recognised(first, last, starts[first], ends[last - 1], kind, claim.score))
    return sorted(kept, key=place)
