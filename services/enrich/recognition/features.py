"""A word as numbers: hashed sub-words, the same at training and at inference."""

from __future__ import annotations

import zlib

BUCKETS = 2**17
"""Rows of the embedding table; row 0 stands for no feature."""

FEATURES = 32
"""Most features of one word."""

LONGEST_WORD = 48
"""Characters of a word that are looked at."""

_SHAPE_LENGTH = 8
_NORMAL = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("–—‑", "-"),
        "\u00ad": None,
        "\u200b": None,
        "\u200c": None,
        "\ufeff": None,
    }
)


def features(word: str) -> list[int]:
    """Rows of the embedding table for a word, at most ``FEATURES``, each in ``[1, BUCKETS)``."""
    word = word[:LONGEST_WORD].translate(_NORMAL) or word[:1]
    lower = word.lower()
    named = [
        "w" + lower,
        "W" + word,
        "s" + shape(word),
        *("1" + lower[:1], "2" + lower[:2], "3" + lower[:3]),
        *("a" + lower[-1:], "b" + lower[-2:], "c" + lower[-3:], "d" + lower[-4:]),
    ]
    bounded = f"<{lower}>"
    grams = ["g" + bounded[i : i + size] for size in (3, 4, 5) for i in range(len(bounded) - size + 1)]
    return [
        zlib.crc32(name.encode("utf-8", "surrogatepass")) % (BUCKETS - 1) + 1
        for name in named + grams[: FEATURES - len(named)]
    ]


def shape(word: str) -> str:
    """``Xxd`` and the like: classes of characters, no class more than twice in a row."""
    shaped: list[str] = []
    for character in word:
        kind = _kind(character)
        if shaped[-2:] != [kind, kind]:
            shaped.append(kind)
    return "".join(shaped[:_SHAPE_LENGTH])


def _kind(character: str) -> str:
    if character.isupper():
        return "X"
    if character.islower():
        return "x"
    if character.isdigit():
        return "d"
    return "c" if character.isalpha() else character
