"""Tokens put together to the words that the model was trained on, and cut into sentences.

The tokeniser parts ``Jean-Luc``, ``J.``, ``St.`` and ``10,000`` into several tokens; in the training text
each is one word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.enrich.text import Token

LONGEST_SENTENCE = 96
"""Words; a longer sentence is read in pieces."""

_LONGEST_UNIT = 64
"""Characters; longer ones are no words and stay apart."""


_LONGEST_ABBREVIATION = 4
_HYPHENS = frozenset("-‑")
_JOINTS = _HYPHENS | frozenset(".,:")


class Unit(NamedTuple):
    """One word: ``tokens[first:last]``."""

    text: str
    first: int
    last: int


def sentences(tokens: Sequence[Token]) -> Iterator[list[Unit]]:
    """Non-empty sentences of at most ``LONGEST_SENTENCE`` words, in order; together they hold every token."""
    sentence: list[Unit] = []
    index, count = 0, len(tokens)
    while index < count:
        token = tokens[index]
        full = len(sentence) >= LONGEST_SENTENCE
        if full or (token.opens and sentence and not _continues(tokens, index, sentence)):
            yield sentence
            sentence = []
        joined = index + 1 < count and tokens[index + 1].text in _JOINTS
        last = _end(tokens, index) if joined else index + 1
        text = token.text if last == index + 1 else "".join([one.text for one in tokens[index:last]])
        sentence.append(Unit(text, index, last))
        index = last
    if sentence:
        yield sentence


def _continues(tokens: Sequence[Token], index: int, sentence: Sequence[Unit]) -> bool:
    """Whether the token opens a sentence only as more of the quotation marks and dashes that opened it."""
    return tokens[index - 1].opens and all(
        tokens[unit.first].opens and not unit.text[0].isalnum() for unit in sentence
    )


def _end(tokens: Sequence[Token], index: int) -> int:
    """Behind the last token of the word that begins at ``index``."""
    start, last = tokens[index].start, index + 1
    while last < len(tokens):
        mark = tokens[last]
        if mark.text not in _JOINTS or mark.start != tokens[last - 1].end or mark.opens:
            break
        joined = _joined(tokens, last)
        if not joined or mark.end - start > _LONGEST_UNIT:
            break
        last += joined
    return last


def _joined(tokens: Sequence[Token], index: int) -> int:
    """How many tokens from the mark at ``index`` on belong to the word before it: 0, 1 or 2."""
    if index + 1 == len(tokens):
        return 0
    before, mark, after = tokens[index - 1].text, tokens[index], tokens[index + 1]
    if after.opens:
        return 0
    if after.start > mark.end:  # a full stop inside a sentence: "Mme."
        return int(mark.text == "." and before[-1].isalpha() and len(before) <= _LONGEST_ABBREVIATION)
    if mark.text in _HYPHENS:
        return 2 * (before[-1].isalnum() and after.text[0].isalnum())
    return 2 * (before.isdecimal() and after.text.isdecimal())
