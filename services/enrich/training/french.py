"""Historic French sets brought to the conventions of the modern ones."""

from __future__ import annotations

import re
from dataclasses import replace

from services.enrich.recognition.tags import Span
from services.enrich.training.corpora import Sentence

_ELIDED = re.compile(r"(?:[ldnsqcjm]|qu|lorsqu|jusqu|puisqu)", re.IGNORECASE)
_SHORT = frozenset(("M", "MM", "Dr", "Mgr"))
_TITLES = frozenset(
    """
    m. mm. mme mlle mmes général colonel capitaine commandant amiral docteur dr dr. président maréchal
    lieutenant abbé me le la les l' l’ comte prince princesse roi reine baron marquis duc sir lord
    ministre sénateur député professeur maire monsieur madame mgr mgr.
    """.split()
)


def normalised(sentence: Sentence) -> Sentence:
    """Elisions and abbreviations in one word (``l'``, ``M.``), titles outside the names of people."""
    words: list[str] = []
    place: list[int] = []
    for index, word in enumerate(sentence.words):
        if index and _joins(sentence.words[index - 1], word):
            words[-1] += "'" if word in "'’" else word
        else:
            words.append(word)
        place.append(len(words) - 1)
    moved = [(place[first], place[last - 1] + 1, label) for first, last, label in sentence.spans]
    spans = [span for one in moved if (span := _untitled(one, words))]
    return replace(sentence, words=tuple(words), spans=_disjoint(spans))


def _joins(before: str, word: str) -> bool:
    return (word in {"'", "’"} and _ELIDED.fullmatch(before) is not None) or (
        word == "." and before in _SHORT
    )


def _untitled(span: Span, words: list[str]) -> Span | None:
    first, last, label = span
    while label == "PER" and first < last and words[first].lower() in _TITLES:
        first += 1
    return (first, last, label) if first < last else None


def _disjoint(spans: list[Span]) -> tuple[Span, ...]:
    """The spans without those that a joined word made to overlap the one before."""
    kept: list[Span] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return tuple(kept)
