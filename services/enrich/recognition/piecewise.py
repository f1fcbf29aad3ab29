"""Reading a text in pieces, for engines that take only so much at once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from services.enrich.recognition.aligning import Claim, aligned
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import MOST_TOKENS, Token

OVERLAP = 24
"""Tokens that both pieces read on either side of a cut within a sentence; longer names are rare."""

_LONE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


class Piece(NamedTuple):
    """Tokens ``[first, last)``, read at once; it tells the names that begin in ``[begin, end)``."""

    first: int
    last: int
    begin: int
    end: int


def recognise_in_pieces(
    text: str, tokens: Sequence[Token], fits: Callable[[str], bool], find: Callable[[str], Iterable[Claim]]
) -> list[Recognised]:
    """Names among the first ``MOST_TOKENS`` tokens.

    ``fits`` tells whether the engine can take a text at once, ``find`` where the names are in one that
    fits. Half a pair of surrogates, which no library takes, is shown to them as a sign of its own.
    """
    read = tokens[:MOST_TOKENS]
    sound = _LONE.sub(_REPLACEMENT, text)
    return aligned(
        (claim for piece in pieces(sound, read, fits) for claim in _told(sound, read, piece, find)), read
    )


def pieces(text: str, tokens: Sequence[Token], fits: Callable[[str], bool]) -> Iterator[Piece]:
    """Pieces that fit, in order; each token is in ``[begin, end)`` of one, but for those that never fit.

    A text that does not fit is halved: between two sentences, the pair that is nearest to the middle, and
    where there is none within the sentence, whose halves then overlap.
    """
    bounds = [*(at for at in range(len(tokens)) if at == 0 or _opens(tokens, at)), len(tokens)]
    waiting = [(0, len(tokens))] if tokens else []
    while waiting:
        begin, end = waiting.pop()
        piece = _widened(bounds, begin, end)
        if fits(text[tokens[piece.first].start : tokens[piece.last - 1].end]):
            yield piece
        elif end - begin > 1:
            middle = _middle(bounds, begin, end)
            waiting += [(middle, end), (begin, middle)]


def _opens(tokens: Sequence[Token], at: int) -> bool:
    """Whether a sentence begins here; a mark and the word behind it may both open the same."""
    before = tokens[at - 1]
    return tokens[at].opens and (not before.opens or before.text[0].isalnum())


def _widened(bounds: Sequence[int], begin: int, end: int) -> Piece:
    """The piece that tells ``[begin, end)``, with what it needs of a sentence that is cut."""
    extra = min(OVERLAP, (end - begin) // 2)
    sentence, next_sentence = bounds[bisect_right(bounds, begin) - 1], bounds[bisect_left(bounds, end)]
    return Piece(max(begin - extra, sentence), min(end + extra, next_sentence), begin, end)


def _middle(bounds: Sequence[int], begin: int, end: int) -> int:
    """Where to cut ``[begin, end)``: never at its ends."""
    half = (begin + end) // 2
    at = bisect_left(bounds, half)
    near = [bound for bound in bounds[max(at - 1, 0) : at + 1] if begin < bound < end]
    return min(near, key=lambda bound: abs(bound - half), default=half)


def _told(
    text: str, tokens: Sequence[Token], piece: Piece, find: Callable[[str], Iterable[Claim]]
) -> Iterator[Claim]:
    """The claims of a piece at their places in the text."""
    origin = tokens[piece.first].start
    begin, end = tokens[piece.begin].start, tokens[piece.end - 1].end
    for claim in find(text[origin : tokens[piece.last - 1].end]):
        if begin <= origin + claim.start < end:
            yield claim._replace(start=origin + claim.start, end=origin + claim.end)
