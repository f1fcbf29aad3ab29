"""Names of people in scripts without capitals, only where a title or a given name marks them.

Arabic: a title or given name, then the surname. Chinese: transliterated names around ``·``, and a
title before a Chinese surname. What no rule marks is left out: a guess would be wrong too often.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.inflection import prefix_lengths
from services.enrich.persons import Name
from services.enrich.text import Token
from services.enrich.wordlists import sections

ARABIC_NAME, CHINESE_TRANSLITERATED, CHINESE_TITLED = 0.75, 0.8, 0.65
_TITLE_REACH = 2
"""Words between an Arabic title and the name: الرئيس الأوكراني."""

_COMPOUND = frozenset({"عبد", "ابو", "بن", "ابن", "ال", "ولد", "دي", "فون", "دير", "فان", "لو"})
_NO_SURNAME = frozenset(
    """
    في من الي علي عن مع ان انه بعد قبل خلال الذي التي هذا هذه قال قالت اكد اعلن او ثم حيث
    كما لكن وقال واكد اليوم امس
    """.split(),
)
_LONGEST_TRANSLITERATION = 12


def arabic_names(tokens: Sequence[Token], blocked: frozenset[int]) -> list[Name]:
    """A given name of the list and the words that complete it, if a title stands before."""
    found: list[Name] = []
    index = 0
    while index < len(tokens):
        last = _arabic_end(tokens, index, blocked)
        if last:
            found.append(Name(index, last, "PER", ARABIC_NAME))
        index = max(last, index + 1)
    return found


def _arabic_end(tokens: Sequence[Token], index: int, blocked: frozenset[int]) -> int:
    """Where a name that begins here ends, or 0."""
    given = sections("given_names.txt")["arabic"]
    key = tokens[index].key
    if index in blocked or (key not in given and key != "عبد") or not _arabic_title_before(tokens, index):
        return 0
    last = index + 1
    while last < len(tokens) and tokens[last].key in _COMPOUND | given and last - index < 4:  # noqa: PLR2004 - words
        last += 1
    if tokens[last - 1].key in given and last - index > 1 and not _is_surname(tokens, last, blocked):
        return last
    return last + 1 if _is_surname(tokens, last, blocked) else 0


def _is_surname(tokens: Sequence[Token], index: int, blocked: frozenset[int]) -> bool:
    if index >= len(tokens) or index in blocked or tokens[index].opens:
        return False
    key = tokens[index].key
    return len(key) > 2 and "\u0621" <= key[0] <= "\u064a" and key not in _NO_SURNAME  # noqa: PLR2004 - letters


def _arabic_title_before(tokens: Sequence[Token], index: int) -> bool:
    titles = sections("rules.txt")["titles"]
    for before in range(index - 1, max(index - 2 - _TITLE_REACH, -1), -1):
        if tokens[before + 1].opens or not tokens[before].text[0].isalpha():
            return False
        key = tokens[before].key
        if key in titles or any(key[length:] in titles for length in prefix_lengths(key)):
            return True
    return False


def chinese_names(tokens: Sequence[Token], blocked: frozenset[int]) -> list[Name]:
    """Transliterated names with ``·`` and Chinese names after a title."""
    found = [name for index in range(len(tokens)) if (name := _transliterated(tokens, index, blocked))]
    taken = {index for name in found for index in range(name.first, name.last)} | blocked
    return sorted(found + _titled(tokens, frozenset(taken)))


def _transliterated(tokens: Sequence[Token], dot: int, blocked: frozenset[int]) -> Name | None:
    if tokens[dot].text not in "·•・" or dot in blocked:
        return None
    first, last = dot, dot + 1
    while (
        first > 0
        and _is_transliteration(tokens, first - 1, blocked)
        and dot - first < _LONGEST_TRANSLITERATION
    ):
        first -= 1
    while (
        last < len(tokens)
        and _is_transliteration(tokens, last, blocked)
        and last - dot < _LONGEST_TRANSLITERATION
    ):
        last += 1
    if dot - first < 2 or last - dot < 3:  # noqa: PLR2004 - two characters on each side
        return None
    return Name(first, last, "PER", CHINESE_TRANSLITERATED)


def _is_transliteration(tokens: Sequence[Token], index: int, blocked: frozenset[int]) -> bool:
    return index not in blocked and tokens[index].text in sections("rules.txt")["transliteration"]


def _titled(tokens: Sequence[Token], blocked: frozenset[int]) -> list[Name]:
    words = sections("rules.txt")
    found = []
    for index in range(2, len(tokens) - 2):
        if index in blocked or tokens[index].text not in words["chinese_surnames"]:
            continue
        titled = any(
            "".join(t.text for t in tokens[index - n : index]) in words["chinese_titles"] for n in (2, 3)
        )
        length = _chinese_length(tokens, index, blocked) if titled else 0
        if length:
            found.append(Name(index, index + length, "PER", CHINESE_TITLED))
    return found


def _chinese_length(tokens: Sequence[Token], index: int, blocked: frozenset[int]) -> int:
    """2 or 3 characters, told by what can only come after a name; 0 if nothing tells."""
    after = sections("rules.txt")["chinese_after"]
    for length in (2, 3):
        end = index + length
        if end in blocked or end > len(tokens) or any(i in blocked for i in range(index, end)):
            return 0
        if end < len(tokens) and tokens[end].text in after and tokens[end - 1].text not in after:
            return length
    return 0
