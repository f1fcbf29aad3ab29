"""Where a text says words of the lexicon: one pass over its tokens."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from services.enrich.text import Token
from services.enrich.topics.lexicon import Lexicon, Sense, Word
from services.enrich.topics.stems import stem

Span = tuple[int, int]
"""A half-open range of characters of the text."""


class Spots(NamedTuple):
    """``senses``: what was said, and where; ``stems``: where the stems of labels stand."""

    senses: dict[Sense, list[Span]]
    stems: dict[str, list[Span]]


def spot(tokens: Sequence[Token], lexicon: Lexicon) -> Spots:
    """All words and phrases of the lexicon; a word within a phrase is not said a second time."""
    spots = Spots(defaultdict(list), defaultdict(list))
    words = [lexicon[key] for _, _, _, key, _ in tokens]
    read_to = 0
    for index in [index for index, word in enumerate(words) if word]:
        word = words[index]
        assert word is not None
        start, end = tokens[index][:2]
        if word.label:
            spots.stems[word.label].append((start, end))
        if index < read_to:
            continue
        sense, last = _longest(word, tokens, index, lexicon.language)
        read_to = last + 1
        if sense is not None:
            spots.senses[sense].append((start, tokens[last].end))
    return spots


def _longest(word: Word, tokens: Sequence[Token], index: int, language: str) -> tuple[Sense | None, int]:
    """The longest phrase that stands here, else the word alone, with the index of its last token."""
    for rest, sense in word.phrases:
        last = index + len(rest)
        if last < len(tokens) and _stand(rest, tokens, index + 1, language):
            return sense, last
    return word.sense, index


def _stand(stems: Sequence[str], tokens: Sequence[Token], begin: int, language: str) -> bool:
    return all(stem(tokens[step].key, language) == one for step, one in enumerate(stems, begin))
