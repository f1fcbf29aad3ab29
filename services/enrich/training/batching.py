"""Sentences as arrays: word ids, tags and styles in batches of like length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.enrich.recognition.features import FEATURES, features
from services.enrich.recognition.tags import ids_of
from services.enrich.training.corpora import FAMILIES, Sentence

LENGTHS = (14, 24, 36, 52, 96)
"""Batches are padded to one of these; a longer sentence is cut."""

TYPES = 2048
"""Different words of a batch, padded to a multiple of this, so that few shapes are compiled."""

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Batch:
    """``rows[types, FEATURES]`` of different words, ``styles[sentences]``, else ``[sentences, length]``."""

    rows: Ints
    words: Ints
    tags: Ints
    mask: npt.NDArray[np.float32]
    styles: Ints


class Words:
    """Every different word once, with its features."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._rows: list[list[int]] = [[]]

    def __call__(self, word: str) -> int:
        """The word's number, from 1."""
        if word not in self._ids:
            self._ids[word] = len(self._rows)
            self._rows.append(features(word))
        return self._ids[word]

    def table(self) -> Ints:
        """``[words, FEATURES]``, padded with 0."""
        rows = np.zeros((len(self._rows), FEATURES), np.int32)
        for index, row in enumerate(self._rows):
            rows[index, : len(row)] = row
        return rows


Item = tuple[list[int], list[int], int]


def numbered(sentences: Sequence[Sentence], words: Words) -> list[Item]:
    """Word ids, tag ids and style (from 1) of each sentence, none longer than the longest batch."""
    items: list[Item] = []
    longest = LENGTHS[-1]
    for sentence in sentences:
        ids = [words(word) for word in sentence.words]
        tags = ids_of(len(ids), sentence.spans)
        style = FAMILIES.index(sentence.family) + 1
        items += [
            (ids[start : start + longest], tags[start : start + longest], style)
            for start in range(0, len(ids), longest)
        ]
    return items


def batches(items: Sequence[Item], table: Ints, size: int, draw: random.Random) -> Iterator[Batch]:
    """All items once, in random batches of about ``size`` words."""
    groups: dict[int, list[Item]] = {length: [] for length in LENGTHS}
    for item in items:
        groups[next(length for length in LENGTHS if len(item[0]) <= length)].append(item)
    plan: list[tuple[int, int, list[Item]]] = []
    for length, group in groups.items():
        draw.shuffle(group)
        count = max(1, size // length)
        plan += [(length, count, group[start : start + count]) for start in range(0, len(group), count)]
    draw.shuffle(plan)
    for length, count, members in plan:
        yield _batch(members, (count, length), table)


def _batch(members: Sequence[Item], shape: tuple[int, int], table: Ints) -> Batch:
    words, tags = np.zeros(shape, np.int64), np.zeros(shape, np.int32)
    mask, styles = np.zeros(shape, np.float32), np.zeros(shape[0], np.int32)
    for index, (ids, wanted, style) in enumerate(members):
        words[index, : len(ids)], tags[index, : len(ids)] = ids, wanted
        mask[index, : len(ids)] = 1
        styles[index] = style
    kinds, inverse = np.unique(words, return_inverse=True)
    rows = np.zeros((-(-len(kinds) // TYPES) * TYPES, FEATURES), np.int32)
    rows[: len(kinds)] = table[kinds]
    return Batch(rows, inverse.reshape(shape).astype(np.int32), tags, mask, styles)
