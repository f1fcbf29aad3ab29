"""A text as numbers for a linear model: hashed words, pairs of words, and runs of characters.

Hashes depend on nothing but the text, so a model means the same on every machine.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.enrich.text import Token

WORD_BITS = CHARACTER_BITS = 17
WIDTH = (1 << WORD_BITS) + (1 << CHARACTER_BITS)
"""Feature ids are below it: words and pairs of words first, then runs of characters."""

RUNS = (3, 4, 5)
"""Characters of a run; a blank stands between words."""

MOST_TOKENS = 5_000
"""Of a longer text only the beginning is read."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


class Features(NamedTuple):
    """Feature ids, ascending and different, and how much the text has of each (1 + log of its count)."""

    ids: NDArray[np.int64]
    amounts: NDArray[np.float64]


def features(tokens: Sequence[Token]) -> Features:
    """The features of a text; empty for one without words."""
    keys = [token.key for token in tokens[:MOST_TOKENS] if token.key[:1].isalnum()]
    hashes = np.fromiter(map(_hash, keys), dtype=np.uint64, count=len(keys))
    pairs = _mixed(hashes[:-1] * np.uint64(3) + hashes[1:]) if len(keys) > 1 else hashes[:0]
    words = np.concatenate([_mixed(hashes), pairs]) >> np.uint64(64 - WORD_BITS)
    runs = _runs(" ".join(["", *keys, ""])) + np.uint64(1 << WORD_BITS)
    ids, counts = np.unique(np.concatenate([words, runs]).astype(np.int64), return_counts=True)
    return Features(ids, 1.0 + np.log(counts))


@lru_cache(maxsize=65_536)
def _hash(key: str) -> int:
    return zlib.crc32(key.encode()) + 1


def _mixed(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread over all 64 bits; multiplication wraps on purpose."""
    spread = hashes * _FACTOR
    return (spread ^ (spread >> _SHIFT)) * _FACTOR


def _runs(text: str) -> NDArray[np.uint64]:
    """The hashes of all runs of characters."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found = [np.zeros(0, dtype=np.uint64)]
    for length in RUNS:
        if len(codes) >= length:
            run = np.full(len(codes) - length + 1, length, dtype=np.uint64)
            for offset in range(length):
                run = _mixed(run + codes[offset : len(codes) - length + 1 + offset])
            found.append(run >> np.uint64(64 - CHARACTER_BITS))
    return np.concatenate(found)
