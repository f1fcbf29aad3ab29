"""How common a word is in a language at large: what few texts use says more about the one at hand.

``data/background.txt`` has, by language, the stems that many sentences use, in classes: class ``c``
is used in one of ``e ** (c / 2)`` sentences. A stem that is not there is rare.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from services.enrich.inflection import inflects, stem
from services.enrich.text import fold, is_segmented
from services.enrich.wordlists import lines, sections

STEM_LETTERS = 7
SHORTEST_WORD = 3
RAREST = 8.0
"""The idf of a stem that is in no list: one sentence in 3,000."""

UNLISTED = 6.0
"""The same in a language without a list, where a common word looks like a rare one."""

MOST_WORDS, MOST_LANGUAGES = 8_192, 16
"""Words of a language whose stems are kept, then all are forgotten; and languages."""


@cache
def stopwords(language: str) -> frozenset[str]:
    """Words that hold sentences together and say nothing, folded; of English if there is no list."""
    lists = sections("stopwords.txt")
    return lists.get(language, lists["en"])


def term_stem(key: str, language: str) -> str:
    """What the forms of one word share; empty for a stop word, a number or too short a word."""
    if not key or key in stopwords(language) or not key[0].isalpha():
        return ""
    if is_segmented(key[0]):
        return key
    if len(key) < SHORTEST_WORD:
        return ""
    if inflects(language):
        key = stem(key, language)
    elif len(key) > SHORTEST_WORD and not key.endswith("ss"):
        key = key.removesuffix("s")
    return key[:STEM_LETTERS]


class TermStems(dict[str, str]):
    """The :func:`term_stem` of every word of a language; filled as texts are read."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __missing__(self, key: str) -> str:
        if len(self) >= MOST_WORDS:
            self.clear()
        found = self[key] = term_stem(key, self._language)
        return found


@lru_cache(maxsize=MOST_LANGUAGES)
def term_stems(language: str) -> TermStems:
    """The stems of the words of a language, by word."""
    return TermStems(language)


@cache
def _table(language: str) -> Mapping[str, float]:
    table: dict[str, float] = {}
    reading = False
    for line in lines("background.txt"):
        if line.startswith("["):
            reading = line == f"[{language}]"
        elif reading:
            number, *stems = line.split()
            table.update(dict.fromkeys(map(fold, stems), int(number) / 2))
    return table


def idf(term: str, language: str) -> float:
    """Natural logarithm of how many sentences of the language there are for one with the stem, 0 to 8."""
    table = _table(language)
    return table.get(term, RAREST if table else UNLISTED)
