"""Reading a text in pieces, for engines that take only so much at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from services.enrich.recognition.aligning import Claim, aligned
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import MOST_TOKENS, Token


def recognise_in_pieces(
    text: str, tokens: Sequence[Token], size: int, find: Callable[[str], Iterable[Claim]]
) -> list[Recognised]:
    """Names among the first ``MOST_TOKENS`` tokens; ``find`` says where they are in one piece."""
    read = tokens[:MOST_TOKENS]
    claims = (
        claim._replace(start=start + claim.start, end=start + claim.end)
        for start, piece in pieces(text[: read[-1].end] if read else "", size)
        for claim in find(piece)
    )
    return aligned(claims, read)


def pieces(text: str, size: int) -> Iterator[tuple[int, str]]:
    """Pieces of at most ``size`` characters with their starts, cut at line ends, sentences or blanks."""
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(". ", start, end))
            cut = cut if cut > start else text.rfind(" ", start, end)
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end
