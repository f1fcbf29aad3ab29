"""The words of a text, folded, with their places: what keywords and phrases of a query are looked up in.

A word is a run of letters and digits; scripts that put no space between words (Han, Kana, Hangul, Thai,
Lao, Khmer, Burmese) give one word a character. What stands between two words does not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from newsfeed.documents import ArticleDocument, Mention
from newsfeed.queries.clauses import Part

_UNSPACED = (
    "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Kana, Han
    "\uac00-\ud7af"  # Hangul
)
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
"""Marks on Latin, Greek, Cyrillic, Hebrew and Arabic letters; elsewhere they make another letter."""
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "ی": "ي", "ک": "ك", "ى": "ي"}
)


class Word(NamedTuple):
    """``text[start:end]``, and the ``key`` in which its spellings meet."""

    start: int
    end: int
    key: str


@cache
def _pattern() -> re.Pattern[str]:
    marks = "".join(chr(code) for code in range(0x20000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
    mark, letter = f"[{re.escape(marks)}\u0640]", rf"[^\W_{_UNSPACED}]"
    return re.compile(rf"[{_UNSPACED}]{mark}*|{letter}+(?:{mark}+{letter}*)*")


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Small letters without accents, in their compatible form: ``Sécurité`` and ``SECURITE`` meet."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word))
    return unicodedata.normalize("NFKC", bare).casefold().translate(_LETTERS)


def words_of(text: str) -> list[Word]:
    """The words of a text in order; none is empty."""
    return [
        Word(match.start(), match.end(), key)
        for match in _pattern().finditer(text)
        if (key := fold(match[0]))
    ]


@lru_cache(maxsize=4096)
def keys_of(text: str) -> tuple[str, ...]:
    """The keys of the words that a query names."""
    return tuple(word.key for word in words_of(text))


class FoldedText:
    """An article's words, and which of them are its title and its lead (the first paragraph)."""

    def __init__(self, document: ArticleDocument) -> None:
        self._text = document.text
        self._title = document.title
        self._body = document.body
        self.words = words_of(self._text)

    @cached_property
    def keys(self) -> Mapping[str, list[int]]:
        """Where each word stands, by its key."""
        return _placed(self.words)

    @cached_property
    def title_keys(self) -> frozenset[str]:
        """The words of a derived title that is no part of the text."""
        if self._text.startswith(self._title):
            return frozenset()
        return frozenset(word.key for word in words_of(self._title))

    def find(self, wanted: tuple[str, ...], part: Part | None, *, is_prefix: bool) -> list[Mention] | None:
        """Where words stand side by side, the first places first; None if nowhere.

        A derived title that is not in the text is found without a place.
        """
        if part == "title" and not self._text.startswith(self._title):
            words = words_of(self._title)
            return [] if next(_runs(words, _placed(words), wanted, is_prefix), None) else None
        begin, end = self._range(part)
        runs = _runs(self.words, self.keys, wanted, is_prefix)
        found = [Mention(start=start, end=stop) for start, stop in runs if begin <= start and stop <= end]
        return found or None

    def _range(self, part: Part | None) -> tuple[int, int]:
        if part == "title":
            return 0, len(self._title)
        begin = len(self._text) - len(self._body) if self._body else 0
        if part == "lead":
            return begin, begin + len(self._body.partition("\n\n")[0])
        return 0, len(self._text)


def _placed(words: list[Word]) -> Mapping[str, list[int]]:
    keys: dict[str, list[int]] = {}
    for index, word in enumerate(words):
        keys.setdefault(word.key, []).append(index)
    return keys


def _runs(
    words: list[Word], keys: Mapping[str, list[int]], wanted: tuple[str, ...], is_prefix: bool
) -> Iterator[tuple[int, int]]:
    """Start and end of each place where the wanted words follow each other."""
    first, last = wanted[0], len(wanted) - 1
    if last or not is_prefix:
        begins = keys.get(first, [])
    else:
        begins = sorted(index for key, places in keys.items() if key.startswith(first) for index in places)
    for index in begins:
        run = words[index : index + last + 1]
        if len(run) == len(wanted) and _meets(run, wanted, is_prefix):
            yield run[0].start, run[-1].end


def _meets(run: list[Word], wanted: tuple[str, ...], is_prefix: bool) -> bool:
    *heads, tail = (word.key for word in run)
    fits = tail.startswith(wanted[-1]) if is_prefix else tail == wanted[-1]
    return fits and all(key == other for key, other in zip(heads, wanted[:-1], strict=True))
