"""A guess at the charset of bytes that say nothing of it: charset-normalizer, checked for absurd words.

The check is ours: on a few sentences charset-normalizer mixes up charsets that share most of
their letters, and the wrong one puts signs into words (``wróci³``).
"""

from __future__ import annotations

from itertools import pairwise
from unicodedata import category

_SINGLE_BYTE = (
    *(
        "cp1252",
        "cp1251",
        "cp1250",
        "iso8859_2",
        "koi8_r",
        "koi8_u",
        "iso8859_5",
        "cp866",
        "cp1253",
        "iso8859_7",
    ),
    *(
        "cp1254",
        "cp1255",
        "cp1256",
        "iso8859_6",
        "cp1257",
        "cp1258",
        "cp874",
        "iso8859_15",
        "mac_roman",
        "cp437",
    ),
    "cp850",
)
_CANDIDATES = (*_SINGLE_BYTE, "cp932", "euc_jp", "gb18030", "big5hkscs", "cp949")
"""What news is written in; without the list a short text is taken for EBCDIC or an old Mac."""

_SAMPLE_BYTES = 16 * 1024
_MARKS = frozenset("’‘“”„«»‹›–—…·¿¡§°€©®™\u00a0\u00ad")
_LATIN_END = 0x250


def guess(data: bytes) -> str | None:
    """Python's name of the likeliest charset; None when nothing fits."""
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=list(_CANDIDATES)).best()
    name = best.encoding if best else None
    if name is not None and name not in _SINGLE_BYTE:
        return name
    sample = data[:_SAMPLE_BYTES]
    rivals = {
        other: text for other in (name, *_SINGLE_BYTE) if other and (text := _read(sample, other)) is not None
    }
    return min(rivals, key=lambda other: _oddities(rivals[other]), default=name)


def _oddities(text: str) -> int:
    """How often two characters stand side by side that no writer puts there."""
    return sum(
        not before.isascii() or not after.isascii()
        for before, after in pairwise(text)
        if _is_odd(before, after)
    )


def _is_odd(before: str, after: str) -> bool:
    if before.isalpha() and after.isalpha():
        return (before.islower() and after.isupper()) or _script(before) != _script(after)
    return (before.isalpha() and _is_sign(after)) or (after.isalpha() and _is_sign(before))


def _is_sign(character: str) -> bool:
    if character.isascii() or character.isalpha() or character.isspace() or character in _MARKS:
        return False
    return category(character)[0] != "M" and category(character) != "Nd"


def _script(letter: str) -> int:
    return 0 if ord(letter) < _LATIN_END else ord(letter) >> 8


def _read(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None
