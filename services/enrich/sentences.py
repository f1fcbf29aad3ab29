"""The sentences of an article that can stand alone, as ranges of its text.

Headline, cross-headings, bylines, captions and list items are none; of a first sentence the dateline
(``PARIS (Reuters) -``) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsfeed.documents import ArticleDocument
from services.enrich.parts import body_start
from services.enrich.text import Token, is_segmented

MOST_SENTENCES = 300
"""Sentences that are read; a longer text says what it is about before."""

FEWEST_WORDS, MOST_WORDS = 5, 120
FEWEST_CHARACTERS = 7
"""Words of a sentence, or characters where words are not spaced."""

_ENDS = frozenset(".!?…。！？؟۔।")
_CLOSERS = frozenset("\"'”’»›)]}」』）】")
_ITEMS = frozenset("*•‣▪-–—#>|@©")
_CAPS = "A-ZÀ-ÖØ-ÞА-ЯЁІЇЄҐ"
_DATELINE = re.compile(
    r"(?:[^\W\d_][^\n()]{1,40}\([^()\n]{2,30}\)|[\u0600-\u06ff][^\n.،()]{1,30}"
    rf"|[{_CAPS}][{_CAPS} .,'’/-]{{2,40}}(?:, \d[^\n()]{{1,20}}?)?)"
    r"\s*(?:[—–]|--?)\s+",
)
_CAPTION = re.compile(
    r"(?:photo|foto|image|imagen|bild|caption|crédit|credit|copyright|légende|source|quelle|fuente|fonte|bron|"
    r"källa|kilde|źródło|kaynak|фото|источник|джерело|صورة|المصدر|图|来源)[^\n.]{0,40}?[:：/©(]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Characters ``[start, end)`` of the text, and the tokens in it."""

    start: int
    end: int
    tokens: Sequence[Token]


def sentences(document: ArticleDocument, text: str, tokens: Sequence[Token]) -> tuple[list[Sentence], bool]:
    """The first 300 sentences of the body, and whether there are more.

    Where nothing ends as a sentence does (Thai, bare lists) lines of enough words stand for sentences.
    """
    found: list[Sentence] = []
    lines: list[Sentence] = []
    headings = _headings(document)
    for cut in _cut(tokens, body_start(document)):
        if any(start <= cut.start < end for start, end in headings):
            continue
        one = cut if found else _without_dateline(cut, text)
        if not _is_long_enough(one) or _is_apart(one, text):
            continue
        (found if _is_ended(one) else lines).append(one)
        if len(found) > MOST_SENTENCES or len(lines) > MOST_SENTENCES:
            break
    chosen = found or lines
    return chosen[:MOST_SENTENCES], len(chosen) > MOST_SENTENCES


def _cut(tokens: Sequence[Token], start: int) -> Iterator[Sentence]:
    """The tokens from a place on, cut where sentences begin; marks before a word belong to it."""
    run: list[Token] = []
    has_words = False
    for token in tokens:
        if token.start < start:
            continue
        if token.opens and has_words:
            yield Sentence(run[0].start, run[-1].end, run)
            run, has_words = [], False
        run.append(token)
        has_words = has_words or token.text[0].isalnum()
    if run:
        yield Sentence(run[0].start, run[-1].end, run)


def _headings(document: ArticleDocument) -> list[tuple[int, int]]:
    """Where the cross-headings stand, in characters of the text."""
    wanted, found, at = set(document.headings), [], body_start(document)
    if not wanted:
        return []
    for number, paragraph in enumerate(document.body.split("\n\n")):
        if number in wanted:
            found.append((at, at + len(paragraph)))
        at += len(paragraph) + 2
    return found


def _without_dateline(sentence: Sentence, text: str) -> Sentence:
    match = _DATELINE.match(text, sentence.start, sentence.end)
    if not match:
        return sentence
    rest = [token for token in sentence.tokens if token.start >= match.end()]
    return Sentence(match.end(), sentence.end, rest) if rest else sentence


def _is_long_enough(sentence: Sentence) -> bool:
    words = [token for token in sentence.tokens if token.text[0].isalnum()]
    spaced = [token for token in words if not is_segmented(token.text[0])]
    if len(spaced) * 2 < len(words):
        return FEWEST_CHARACTERS <= len(words) <= MOST_WORDS * 2
    return FEWEST_WORDS <= len(words) <= MOST_WORDS


def _is_apart(sentence: Sentence, text: str) -> bool:
    """An item of a list or the words under a picture."""
    return text[sentence.start] in _ITEMS or bool(_CAPTION.match(text, sentence.start, sentence.end))


def _is_ended(sentence: Sentence) -> bool:
    for token in reversed(sentence.tokens):
        if token.text not in _CLOSERS:
            return token.text in _ENDS
    return False
