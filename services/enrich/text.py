"""Text cut into tokens and sentences, for any script, in linear time.

A token is a half-open code-point range of the text. Latin, Cyrillic, Arabic and their like give
one token a word; Han, Kana, Hangul, Thai, Lao, Khmer and Burmese, which put no space where a name
ends, give one token a character (a run of Katakana is one token).
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import NamedTuple

LONGEST_WORD = 64
"""Characters; a longer token is no word of any language and matches nothing."""

LONGEST_CUT, MOST_CLOSERS = 1_000, 20
"""Characters of what is cut at apostrophes, and marks that may stand behind the end of a sentence.

What is longer was not written by anybody, and would be looked through again at each apostrophe or mark.
"""

LARGEST_ORDINAL = 31
"""A number up to this before a full stop may be the day of a German date."""

_SEGMENTED = (
    (0x0E01, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3041, 0x309F),  # Hiragana
    (0x3400, 0x9FFF),  # Han
    (0xAC00, 0xD7AF),  # Hangul
    (0xF900, 0xFAFF),  # Han, compatibility
    (0x20000, 0x323AF),  # Han, extensions
)
_SEGMENTED_FROM = [first for first, _ in _SEGMENTED]
_FIRST_SEGMENTED = chr(_SEGMENTED_FROM[0])
_KATAKANA = (0x30A1, 0x30FF)
_PLANE = 0x10000
_WORD_CATEGORIES = frozenset("Lu Ll Lt Lm Lo Nd Nl No Mn Mc".split())
_APOSTROPHES = "'\u2019\u02bc"
_APOSTROPHE = re.compile(f"[{_APOSTROPHES}]")
_STRAIGHT, _CURLED, _LETTER = tuple(_APOSTROPHES)
_ELIDED = frozenset(
    """
    l d j m n s t c qu jusqu lorsqu puisqu quoiqu quelqu presqu
    un gl dell nell all sull dall coll quell quest bell sant tutt mezz cent anch com dov
    """.split(),
)
"""What French, Italian and Catalan put before an apostrophe that begins a new word."""

_ABBREVIATIONS = frozenset(
    """
    m mm mr mrs ms mme mlle dr drs prof st ste sr sra srta dna sig gen lt col sgt capt cmdr adm rev
    hon gov sen rep pres dipl ing hr fr bzw vgl ca nr no art abs str inc ltd co corp vs etc cf ed al
    jan feb mar apr jun jul aug sep sept oct okt nov dec dez déc janv févr juil av apr eeuu dott avv
    on mgr bros jr zw г гг ул им тов т тыс млн млрд руб рис стр св ст проф акад ген д-р м вул ім гр
    св ul im dr hab inż mgr płk ppłk tzw tzn np prof św godz tys mln mld nt str dl km
    """.split(),
)
_ENDS = frozenset(".!?…。！？؟۔।：")
_CLOSERS = frozenset("\"'”’»›)]}」』）】")
_BULLETS = frozenset("•*")
_MAY_END = _ENDS | _CLOSERS | _BULLETS
_FOLDS = str.maketrans(
    {
        "ё": "е",
        "\u0307": None,
        "\u0640": None,
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ک": "ك",
        "ی": "ي",
        "\u2019": "'",
        "\u02bc": "'",
        **{chr(code): None for code in (*range(0x064B, 0x0660), 0x0670, *range(0x0591, 0x05C8))},
    },
)


class Token(NamedTuple):
    """A word, number, mark or (in scripts without spaces) character: ``text[start:end]``.

    ``key`` is the form it is looked up by; ``opens`` tells that a sentence begins with it.
    """

    start: int
    end: int
    text: str
    key: str
    opens: bool


_TEXT = itemgetter(2)


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The form in which spellings of one word meet: NFC, case folded, without Arabic vowel signs."""
    if len(word) > LONGEST_WORD:
        return ""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFC", word).casefold().translate(_FOLDS)


def is_segmented(character: str) -> bool:
    """Whether the character is of a script that puts no space between words (Katakana is not)."""
    if character < _FIRST_SEGMENTED:
        return False
    code = ord(character)
    return code <= _SEGMENTED[bisect_right(_SEGMENTED_FROM, code) - 1][1]


def has_segmented(tokens: Sequence[Token]) -> bool:
    """Whether there may be characters of such scripts; False is sure, and told fast."""
    return bool(tokens) and max(map(_TEXT, tokens)) >= _FIRST_SEGMENTED


@cache
def _pattern() -> re.Pattern[str]:
    """One alternative per kind of token; nothing in it can backtrack over more than one character.

    Letters of the first plane are a bit map; the ranges beyond it are tried one by one, so only where
    such a character stands.
    """
    near, far = _word_classes()
    letters = rf"(?:[{near}]++|(?![\0-\uffff])[{far}])+"
    dotted = r"[A-ZА-Я]\.(?:[A-ZА-Я]\.)+"
    katakana = r"[\u30a1-\u30fa\u30fc-\u30ff]+"
    return re.compile(rf"{dotted}|{letters}(?:[{_APOSTROPHES}]{letters})*|{katakana}|\S")


def _word_classes() -> Iterator[str]:
    """Letters, digits and combining marks but those of scripts cut by character, of the first two planes."""
    are_word = bytearray(
        map(_WORD_CATEGORIES.__contains__, map(unicodedata.category, map(chr, range(2 * _PLANE))))
    )
    are_word[ord("_")] = True
    for first, last in (*_SEGMENTED, _KATAKANA):
        are_word[first : last + 1] = bytes(len(are_word[first : last + 1]))
    for first in (0, _PLANE):
        runs = re.compile(b"\x01+").finditer(are_word, first, first + _PLANE)
        yield "".join(f"{re.escape(chr(run.start()))}-{re.escape(chr(run.end() - 1))}" for run in runs)


MOST_TOKENS = 200_000
"""Of a longer text only so many tokens are read: some 150 pages, and 50 MB of memory."""


KEPT_CHARACTERS = 50_000
"""The tokens of the last texts that are no longer than this are kept for those who read them, too."""


def tokens_to_read(text: str) -> Sequence[Token]:
    """The tokens of a text as far as it is read, and one more if there are more."""
    return _kept_tokens(text) if len(text) <= KEPT_CHARACTERS else tokenise(text, MOST_TOKENS)


@lru_cache(maxsize=4)
def _kept_tokens(text: str) -> Sequence[Token]:
    return tokenise(text, MOST_TOKENS)


def tokenise(text: str, most: int = sys.maxsize) -> list[Token]:
    """All tokens of the text in order; none is empty, none overlap, white space is between them.

    After more than ``most`` of them it ends.
    """
    tokens: list[Token] = []
    opens, last_end, surface = True, 0, ""
    for match in _pattern().finditer(text):
        start, end = match.span()
        if not opens:
            gap = text[last_end:start]
            opens = "\n" in gap or (
                surface in _MAY_END and _is_boundary(text, tokens, start, spaced=bool(gap))
            )
        last_end = end
        for begin, stop in _cut(match[0], start, end):
            surface = text[begin:stop]
            tokens.append(Token(begin, stop, surface, fold(surface), opens))
            opens = opens and not surface[0].isalnum()
        if len(tokens) > most:
            del tokens[most + 1 :]
            break
    return tokens


def first_key(text: str) -> str:
    """The key of the first token, ``""`` if there is none."""
    word = text.partition(" ")[0]
    if word.isalpha() and max(word) < _FIRST_SEGMENTED:
        return fold(word)
    match = _pattern().search(text)
    if match is None:
        return ""
    begin, end = _cut(match[0], *match.span())[0]
    return fold(text[begin:end])


def _cut(word: str, start: int, end: int) -> Sequence[tuple[int, int]]:
    """A word cut at the apostrophes that join two words, as ``(start, end)``."""
    joined = _STRAIGHT in word or _CURLED in word or _LETTER in word
    if not joined or len(word) > LONGEST_CUT:
        return ((start, end),)
    pieces, begin = [], start
    for sign in _APOSTROPHE.finditer(word):
        left, right = word[begin - start : sign.start()], word[sign.end() :]
        if left.casefold() in _ELIDED:
            pieces.append((begin, start + sign.end()))
            begin = start + sign.end()
        elif left and _is_suffix(left, right):
            pieces.append((begin, start + sign.start()))
            begin = start + sign.start()
    return [*pieces, (begin, end)] if begin < end else pieces


def _is_suffix(left: str, right: str) -> bool:
    """English ``Macron's`` and Turkish ``Ankara'da``, but neither ``O'Brien`` nor ``aujourd'hui``."""
    return right.casefold() == "s" or (
        len(left) > 1 and left[0].isupper() and right.islower() and left[0] < "\u0400"
    )


def _is_boundary(text: str, tokens: list[Token], start: int, *, spaced: bool) -> bool:
    """Whether a sentence ends before ``start``, by the marks that stand there."""
    index = len(tokens) - 1
    first = max(0, index - MOST_CLOSERS)
    while index > first and tokens[index].text in _CLOSERS:
        index -= 1
    mark = tokens[index]
    if mark.text in "。！？":
        return True
    if not spaced or mark.text not in _ENDS or text[start].islower():
        return mark.text in {"•", "*"} and index == len(tokens) - 1 and mark.opens
    return mark.text != "." or index == 0 or not _is_abbreviation(tokens[index - 1], mark)


def _is_abbreviation(word: Token, mark: Token) -> bool:
    """A known short form, an initial or a German ordinal (``3. Mai``) before the full stop."""
    if word.end != mark.start:
        return False
    return (
        word.key in _ABBREVIATIONS or (len(word.text) == 1 and word.text.isalpha()) or _is_ordinal(word.text)
    )


def _is_ordinal(text: str) -> bool:
    return text.isdecimal() and len(text) < LONGEST_WORD and int(text) <= LARGEST_ORDINAL
