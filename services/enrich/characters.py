"""Runs of characters that come again, in scripts that put no space between words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from services.enrich.background import stopwords
from services.enrich.text import Token, has_segmented, is_segmented

SHORTEST, LONGEST = 2, 6


def runs_of_characters(
    tokens: Sequence[Token], language: str, blocked: set[int]
) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Runs of two to six characters and where they stand; of one inside a longer one as frequent, that one.

    Characters that hold sentences together (``的``) are in none.
    """
    if not has_segmented(tokens):
        return
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for stretch in _stretches(tokens, language, blocked):
        for first in range(len(stretch)):
            for last in range(first + SHORTEST, min(first + LONGEST, len(stretch)) + 1):
                run = "".join(token.text for token in stretch[first:last])
                places = found[run]
                if not places or places[-1][1] <= stretch[first].start:
                    places.append((stretch[first].start, stretch[last - 1].end))
    repeated = {run: places for run, places in found.items() if len(places) > 1}
    inner = {
        run[first:last]
        for run, places in repeated.items()
        for first in range(len(run))
        for last in range(first + SHORTEST, len(run) + 1)
        if last - first < len(run) and len(repeated.get(run[first:last], ())) == len(places)
    }
    for run, places in repeated.items():
        if run not in inner:
            yield run, places


def _stretches(tokens: Sequence[Token], language: str, blocked: set[int]) -> Iterator[list[Token]]:
    """Characters that follow each other without a mark, a stop character or an entity between them."""
    stretch: list[Token] = []
    for number, token in enumerate(tokens):
        speaks = (
            is_segmented(token.text[0]) and number not in blocked and token.key not in stopwords(language)
        )
        if stretch and (not speaks or token.start != stretch[-1].end):
            yield stretch
            stretch = []
        if speaks:
            stretch.append(token)
    if stretch:
        yield stretch
