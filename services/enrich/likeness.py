"""How much two texts have of the same words: MinHash over shingles of three words.

A signature estimates the Jaccard index of the shingles of two texts to about 0.04. Scripts without
spaces have one token a character, so their shingles are three characters. Signatures that agree in
four consecutive values fall into one band: of 32 bands, texts of likeness 0.5 share one in 87 of 100
cases by chance, and in practice nearly always more, since edits come in runs.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from services.enrich.text import Token

NEAR_DUPLICATE = 0.5
"""Likeness from which two articles are the same report."""

REVISION_CANDIDATE = 0.3
"""Likeness from which one may be a later form of the other."""

HASHES = 128
ROWS = 4
WORDS = 20_000
"""Of a longer text only so many words are compared: any news article is shorter."""

_CHUNK = 2_048
"""Shingles hashed at a time: one megabyte."""

_WIDTH = 3
Signature = NDArray[np.uint32]


_PLACES = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
_FACTORS = np.random.Generator(np.random.PCG64(2)).integers(1 << 31, size=HASHES, dtype=np.uint32) * 2 + 1
_SHIFTS = np.random.Generator(np.random.PCG64(3)).integers(1 << 32, size=HASHES, dtype=np.uint32)


@lru_cache(maxsize=65_536)
def _word_hash(key: str) -> int:
    data = key.encode("utf-8", "surrogatepass")
    return zlib.crc32(data) << 32 | zlib.adler32(data)


def shingles(tokens: Sequence[Token]) -> Signature:
    """The distinct hashes of every three words in a row; marks do not count, case neither."""
    words = [_word_hash(token.key) for token in tokens if token.text[0].isalnum()][:WORDS]
    if not words:
        return np.zeros(0, np.uint32)
    words += [0] * max(0, _WIDTH - len(words))
    hashes = np.array(words, np.uint64)
    count = len(hashes) - _WIDTH + 1
    mixed = np.zeros(count, np.uint64)
    for place, factor in enumerate(_PLACES):
        mixed += hashes[place : place + count] * np.uint64(factor)
    return np.unique(mixed >> np.uint64(32)).astype(np.uint32)


def signature(tokens: Sequence[Token]) -> Signature:
    """128 minima, the same for the same words everywhere; empty for a text without words."""
    values = shingles(tokens)
    if not len(values):
        return np.zeros(0, np.uint32)
    lowest = np.full(HASHES, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(values), _CHUNK):
        hashed = _FACTORS[:, None] * values[start : start + _CHUNK]
        hashed += _SHIFTS[:, None]
        np.minimum(lowest, hashed.min(axis=1), out=lowest)
    return lowest


def likeness(one: Signature, other: Signature) -> float:
    """The estimated Jaccard index of two texts, 0 to 1; 0 where one has no words."""
    if len(one) != HASHES or len(other) != HASHES:
        return 0.0
    return float(np.count_nonzero(one == other)) / HASHES


def bands(mine: Signature) -> tuple[str, ...]:
    """32 names of buckets: texts that are alike have one in common."""
    return tuple(
        f"{band}:{mine[band * ROWS : (band + 1) * ROWS].tobytes().hex()}" for band in range(len(mine) // ROWS)
    )
