"""What a capital letter is worth: in which language, and in which line."""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.text import Token

SPARING = frozenset(
    "fr es it pt ca gl ro nl pl cs sk hr sr sl ru uk be bg mk sv da nb nn fi et lv lt el tr".split()
)
"""Languages that capitalise little but names."""

NOUN_CAPITALS = frozenset({"de", "lb"})
"""Languages in which a capital says nothing."""

CYRILLIC = frozenset({"ru", "uk", "be", "bg", "mk"})
"""Languages in which a name in Latin letters is a brand rather than a person."""

HEADLINE_RATIO = 0.65
"""From this share of capitalised words on, a line is in title case and its capitals say nothing."""


def headline_tokens(tokens: Sequence[Token]) -> frozenset[int]:
    """Indices of tokens in sentences that are mostly capitalised."""
    found: list[int] = []
    start = 0
    for end in range(1, len(tokens) + 1):
        if end < len(tokens) and not tokens[end].opens:
            continue
        words = [token.text for token in tokens[start:end] if token.text[0].isalpha()]
        capitals = sum(word[0].isupper() for word in words)
        if len(words) > 5 and capitals >= HEADLINE_RATIO * len(words):  # noqa: PLR2004 - a bare name is no headline
            found += range(start, end)
        start = end
    return frozenset(found)
