"""A guess at the charset of bytes that say nothing of it: the one that makes words of some language.

Each charset is tried, and its text rated by the language that explains it best: frequent letters
are likely, letters that it does not have and signs inside words are not. charset-normalizer is
asked only where no language explains anything: on a few sentences it mixes up charsets that share
most of their letters (``wróci³``).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from math import log
from unicodedata import category

from services.ingest.charset_letters import ALPHABETS, FREQUENT

_SINGLE_BYTE = (
    *("cp1252", "cp1251", "cp1250", "iso8859_2", "koi8_r", "koi8_u", "iso8859_5", "cp866", "cp1253"),
    *("iso8859_7", "cp1254", "cp1255", "cp1256", "iso8859_6", "cp1257", "iso8859_13", "iso8859_4"),
    *("iso8859_16", "cp1258", "cp874", "iso8859_15", "mac_roman", "cp850", "cp437", "cp852", "cp857"),
    *("cp865", "mac_latin2", "mac_cyrillic", "cp1125", "cp855", "cp737", "iso8859_8", "cp862"),
)
"""Of equals the first: the usual before the old."""

_OLD = frozenset(
    "mac_roman cp850 cp437 cp852 cp857 cp865 mac_latin2 mac_cyrillic cp1125 cp855 cp737 cp862".split()
)
_UNUSUAL = -3.0
"""What speaks against the charsets of DOS and of old Macs before anything is read: few write them today."""

_MULTI_BYTE = (
    *(("utf-16-le", "ja zh zh-hant ko"), ("utf-16-be", "ja zh zh-hant ko"), ("cp932", "ja")),
    *(("euc_jp", "ja"), ("euc_jis_2004", "ja"), ("gb18030", "zh"), ("big5", "zh-hant")),
    *(("big5hkscs", "zh-hant"), ("cp949", "ko"), ("johab", "ko")),
)
_SAMPLE_BYTES = 16 * 1024
_TELLING_BYTES = 4 * 1024
_BEYOND_ASCII = frozenset(range(0x80, 0x100))
_SPACES_APART = 25
"""So far apart are bytes of a space in UTF-16 without spaces, at least."""

_FREQUENT_SHARE = 0.12
"""So much of a text in these languages is frequent characters, at least; of a misread text it is less."""

_MARKS = frozenset("’‘“”„«»‹›–—…·¿¡§°€£©®™\u00a0\u00ad‚•ªº№″′")
_MONEY = frozenset("€£¥")
_BETWEEN_WORDS = frozenset("–—…·•")
_INSIDE_WORDS = frozenset("’·\u00ad\u2010‑")
_AT_HOME = -0.3
_CONTRACTED = re.compile(
    r"(?:\b[ldjcsmtn]|\bqu|\b[nsd]ell|\ball|\bsull|\bun|\baujourd)’(?=[^\W\d_])|(?<=\w)’(?:s|t|re|ve|ll|d|m)\b",
    re.IGNORECASE,
)
_NOT_IN_LANGUAGE, _MARK, _MARK_AT_HOME, _SIGN, _SPLIT_WORD = -7.0, -3.5, -1.0, -6.0, -8.0
_CAPITAL, _CAPITAL_INSIDE, _TWO_SCRIPTS = -0.7, -5.0, -4.0
_LATIN_END = 0x250
_EXPLAINED = -4.5
"""A mean of rates below this says that no language was found."""

_RATES = {
    name: {letter: -log(rank + 2) for rank, letter in enumerate(letters)}
    for name, letters in ALPHABETS.items()
}


def guess(data: bytes) -> str | None:
    """Python's name of the likeliest charset; None when nothing fits."""
    if wide := _frequent(data):
        return wide
    likeliest, is_explained = _likeliest(_telling(data))
    return likeliest if is_explained else _asked(data) or likeliest


@lru_cache(maxsize=256)
def _likeliest(telling: bytes) -> tuple[str | None, bool]:
    """The charset with the best rate, and whether a language explains it; the same header comes often."""
    rated = [
        (_rate(text) + (_UNUSUAL if name in _OLD else 0.0), -place, name)
        for place, name in enumerate(_SINGLE_BYTE)
        if (text := _read(telling, name)) is not None
    ]
    best = max(rated, default=(0.0, 0, None))
    beyond = sum(byte in _BEYOND_ASCII for byte in telling)
    return best[2], best[2] is not None and best[0] >= _EXPLAINED * beyond


def _telling(data: bytes) -> bytes:
    """The first lines that are not all ASCII, a few kilobytes of them."""
    found = bytearray()
    for line in data.splitlines():
        if not line.isascii():
            found += line + b"\n"
        if len(found) > _TELLING_BYTES:
            break
    return bytes(found[:_TELLING_BYTES])


def _frequent(data: bytes) -> str | None:
    """The charset of a language with thousands of characters, told by its frequent ones."""
    shares: list[tuple[float, int, str]] = []
    is_spaced = b"\0" not in data and data.count(b" ") * _SPACES_APART > len(data)
    for place, (name, languages) in enumerate(_MULTI_BYTE):
        if is_spaced and name.startswith("utf-16"):
            continue
        letters = [
            letter for letter in _read(data[:_SAMPLE_BYTES], name, cut=True) or "" if not letter.isascii()
        ]
        found = max(sum(letter in FREQUENT[language] for letter in letters) for language in languages.split())
        if found >= len(letters) * _FREQUENT_SHARE and found and _read(data, name) is not None:
            shares.append((round(found / len(letters), 3), -place, name))
    return max(shares, default=(0.0, 0, None))[2]


def _asked(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    known = [*_SINGLE_BYTE, *(name for name, _ in _MULTI_BYTE if not name.startswith("utf"))]
    best = from_bytes(data, cp_isolation=known).best()
    return best.encoding if best else None


def _rate(text: str) -> float:
    """How likely the characters beyond ASCII are in the language that has the most of them."""
    letters: Counter[str] = Counter()
    common = 0.0
    padded = f" {text} "
    for index, character in enumerate(padded):
        if character.isascii():
            continue
        before, after = padded[index - 1], padded[index + 1]
        if character.isalpha() or category(character)[0] == "M":
            letters[character if character in "ıİ" else character.lower()] += 1
            common += _oddity(before, character, after)
        else:
            common += _sign(before, character, after)
    contracted = sum(1 for _ in _CONTRACTED.finditer(text))
    common += contracted * (_AT_HOME - _MARK_AT_HOME)
    return common + max(_explained(letters, rates) for rates in _RATES.values())


def _explained(letters: Counter[str], rates: dict[str, float]) -> float:
    return sum(count * rates.get(letter, _NOT_IN_LANGUAGE) for letter, count in letters.items())


def _oddity(before: str, letter: str, after: str) -> float:
    """What speaks against a letter where it stands: capitals inside words, two scripts in one."""
    found = 0.0
    if letter.isupper():
        found += _CAPITAL
        is_inside = before.islower() or (before.isalpha() and after.islower())
        found += _CAPITAL_INSIDE if is_inside else 0.0
    elif before.isupper() and letter.islower() and not before.isascii() and after.isupper():
        found += _CAPITAL_INSIDE
    if ord(letter) >= _LATIN_END and (_is_latin(before) or _is_latin(after)) and category(letter)[0] != "M":
        found += _TWO_SCRIPTS
    return found


def _sign(before: str, sign: str, after: str) -> float:
    """What a sign costs: little where writers put it, much inside a word."""
    is_inside = before.isalpha() and after.isalpha() and sign not in _INSIDE_WORDS
    if is_inside or category(sign)[0] == "C":
        return _SPLIT_WORD
    if before.isalpha() and after.isalpha():
        return _MARK_AT_HOME
    if sign == "’" and after.isalpha():
        return _SIGN
    if sign in _MONEY and (before.isdigit() or after.isdigit()):
        return _AT_HOME
    if sign in _MARKS:
        return _MARK_AT_HOME if sign in _BETWEEN_WORDS and before == after == " " else _MARK
    return _SPLIT_WORD if before.isalpha() or after.isalpha() else _SIGN


def _is_latin(character: str) -> bool:
    return character.isalpha() and ord(character) < _LATIN_END


def _read(data: bytes, name: str, *, cut: bool = False) -> str | None:
    """``data`` in a charset, None where it is not; a sample that is ``cut`` may end inside a character."""
    for end in (len(data), len(data) - 1, len(data) - 2, len(data) - 3) if cut else (len(data),):
        try:
            return data[:end].decode(name)
        except (UnicodeError, LookupError):
            continue
    return None
