"""Endings that names take in running text: cut off, so that a case form finds its dictionary form.

The lists hold case endings of nouns (and of the adjectives inside names such as ``Северная
Корея``), written from grammar, not learnt. Cutting is deliberately shallow: at least three letters
stay, and :func:`is_adjective` tells ``Минский`` from ``Минск``.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile

SHORTEST_STEM = 3
"""Letters that are never cut off."""

_EAST_SLAVIC = (
    "ими ыми ами ями ого его ому ему ими ові еві ая яя ое ее ые ие ый ой ей ою ею єю ом ем єм ём "
    "ам ям ах ях ых их ым им ую юю ої еї а я ы и і ї е є у ю о ь й"
)
_WEST_SLAVIC = (
    "ami ach ego emu ého ému ých ích ými owi ovi ech ům ách ou ie em om ej ym im ich ych ě é í á ý "
    "a e i y o u ą ę"
)
_SUFFIXES = {
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk"), _EAST_SLAVIC),
    **dict.fromkeys(("pl", "cs", "sk", "hr", "sl", "bs", "sr"), _WEST_SLAVIC),
    **dict.fromkeys(("de", "sv", "da", "nb", "nn", "no", "nl"), "s"),
    "fi": "ssa ssä sta stä lla llä lta ltä lle aan ään an än ksi n a ä",
    "hu": "ban ben ból ből nak nek val vel ról ről ra re hoz hez ön on en n t",
}
_ADJECTIVES = tuple(
    "ого его ому ему ими ыми ая яя ое ее ые ие ый ий ій ых их ым им ую юю ої ego emu ých ými ych ich ého ému "
    "ý".split(),
)
ARABIC_PREFIXES = ("و", "ف", "ب", "ل", "ك")
"""Conjunctions and prepositions that Arabic writes together with the next word."""

HEBREW_PREFIXES = ("ו", "ה", "ב", "ל", "מ", "ש", "כ")

_GERMAN_ADJECTIVES = tuple(
    stem + ending for stem in "sch nal tral eint oß eu ot".split() for ending in ("e", "er", "es")
)
"""What the adjectives end in that German names begin with: ``Deutsche``, ``Vereinte``, ``Rotes``."""


def inflects(language: str) -> bool:
    """Whether names of the language carry endings that :func:`stem` knows."""
    return language in _SUFFIXES


def has_cases(language: str) -> bool:
    """Whether given names take endings too, beyond the genitive of Germanic languages."""
    return language in _SUFFIXES and _SUFFIXES[language] != "s"


@lru_cache(maxsize=64)
def _suffixes(language: str) -> tuple[str, ...]:
    return tuple(sorted(_SUFFIXES.get(language, "").split(), key=len, reverse=True))


@lru_cache(maxsize=65_536)
def stem(key: str, language: str) -> str:
    """The folded word without its longest known ending; the word itself if nothing can go."""
    for suffix in _suffixes(language):
        if key.endswith(suffix) and len(key) - len(suffix) >= _letters_left(suffix):
            return key[: -len(suffix)]
    return key


def _letters_left(suffix: str) -> int:
    """A longer ending takes more of a word to be believed: ``Китая`` is no adjective, ``Рафах`` no plural."""
    if suffix in _ADJECTIVES:
        return SHORTEST_STEM + 2
    return SHORTEST_STEM if len(suffix) == 1 else SHORTEST_STEM + 1


def declined(name: str, language: str) -> tuple[str, ...]:
    """The name; a German one that begins with adjectives also as after an article: ``der Deutschen Bahn``."""
    return (name, *_german_forms(name)) if language == "de" else (name,)


def _german_forms(name: str) -> tuple[str, ...]:
    words = name.split()
    head = list(takewhile(lambda word: word.endswith(_GERMAN_ADJECTIVES), words[:-1]))
    return tuple(
        " ".join([*(word[: word.rindex("e")] + ending for word in head), *words[len(head) :]])
        for ending in ("e", "en")
        if head
    )


def is_adjective(key: str) -> bool:
    """Whether the word ends as only adjectives do in Slavic languages."""
    return any(
        key.endswith(ending) and len(key) - len(ending) >= _letters_left(ending) for ending in _ADJECTIVES
    )


def prefix_lengths(key: str) -> tuple[int, ...]:
    """How many leading letters may be a proclitic (Arabic, Hebrew); ``()`` for other scripts."""
    if len(key) < 4 or not "\u0590" <= key[0] <= "\u06ff":  # noqa: PLR2004 - a shorter rest is no name
        return ()
    if key[0] in ARABIC_PREFIXES:
        return (1, 2) if key[0] in "وف" and key[1] in ARABIC_PREFIXES else (1,)
    return (1,) if key[0] in HEBREW_PREFIXES else ()
