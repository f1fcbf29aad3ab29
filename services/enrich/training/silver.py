"""Silver text: modern sentences whose parts of speech are gold and whose names a model tells.

The part of speech decides where a name is, the model its type; a sentence whose proper nouns the
model leaves out, or whose types it doubts, is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from services.enrich.recognition.decoding import best_tags, label_probabilities
from services.enrich.recognition.network import Network
from services.enrich.recognition.tags import LABELS, TAGS, Floats, Span, spans_from_ids
from services.enrich.training.corpora import Sentence

TREEBANKS = {
    "fr": "French-GSD",
    "es": "Spanish-GSD",
    "de": "German-GSD",
    "pt": "Portuguese-GSD",
    "nl": "Dutch-Alpino",
}
"""Language to the folder under ``ud-gsd``."""

NAME_BONUS = 3.0
"""Taken from the log probability of *outside* at a proper noun."""

SURE = 0.55
"""The least share of a span's probability of being a name that its type must have."""

_BATCH = 64
_MISC = [index for index, tag in enumerate(TAGS) if tag.endswith("MISC")]


class Tagged(NamedTuple):
    """A word and its universal part of speech; contractions (``du``) are ``_``."""

    word: str
    tag: str


def treebank(folder: Path, language: str) -> list[list[Tagged]]:
    """All sentences of a language's treebank."""
    files = sorted((folder / "ud-gsd" / TREEBANKS[language]).glob("*.conllu"))
    return [sentence for path in files for sentence in _read(path)]


def _read(path: Path) -> Iterator[list[Tagged]]:
    sentence: list[Tagged] = []
    covered = 0
    for line in path.read_text(encoding="utf-8").split("\n"):
        columns = line.split("\t")
        if line.startswith("#"):
            continue
        if not line.strip():
            if sentence:
                yield sentence
            sentence, covered = [], 0
        elif "-" in columns[0]:
            covered = int(columns[0].split("-")[1])
            sentence.append(Tagged(columns[1], columns[3]))
        elif columns[0].isdecimal() and int(columns[0]) > covered:
            sentence.append(Tagged(columns[1], columns[3]))


def silver(
    sentences: Sequence[Sequence[Tagged]], language: str, teachers: Sequence[Network]
) -> list[Sentence]:
    """The sentences that the teachers together are sure of."""
    kept: list[Sentence] = []
    order = sorted(sentences, key=len)
    for start in range(0, len(order), _BATCH):
        group = order[start : start + _BATCH]
        opinions = [
            teacher.scores([[one.word for one in sentence] for sentence in group]) for teacher in teachers
        ]
        means = [
            np.mean([_logarithms(one) for one in column], axis=0) for column in zip(*opinions, strict=True)
        ]
        tags = best_tags([_told(mean, sentence) for mean, sentence in zip(means, group, strict=True)])
        for sentence, mean, ids in zip(group, means, tags, strict=True):
            spans = spans_from_ids(ids)
            if _is_sure(sentence, mean, spans):
                kept.append(Sentence(tuple(one.word for one in sentence), tuple(spans), language, "silver"))
    return kept


def _logarithms(scores: Floats) -> Floats:
    shifted = scores - scores.max(1, keepdims=True)
    logarithms: Floats = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return logarithms


def _told(scores: Floats, sentence: Sequence[Tagged]) -> Floats:
    """The scores with what the part of speech says about each word."""
    told = scores.copy()
    told[:, _MISC] = -1e9
    for index, (word, tag) in enumerate(sentence):
        if tag == "PROPN":
            told[index, 0] -= NAME_BONUS
        else:
            told[index, 1:] -= _penalty(word, tag)
    return told


def _penalty(word: str, tag: str) -> float:
    if word[:1].isupper() and tag in {"NOUN", "ADJ", "NUM"}:
        return 0.5
    if word[:1].isupper() and tag == "X":
        return 0.0
    return 1.0 if word.isalpha() and word.islower() else 2.0


def _is_sure(sentence: Sequence[Tagged], scores: Floats, spans: Sequence[Span]) -> bool:
    inside = {index for first, last, _ in spans for index in range(first, last)}
    if any(one.tag == "PROPN" and index not in inside for index, one in enumerate(sentence)):
        return False
    chances = label_probabilities(scores)[:, 1:] + 1e-6
    for first, last, label in spans:
        shares = np.exp(np.log(chances[first:last]).mean(0))
        if shares[LABELS.index(label)] < SURE * shares.sum():
            return False
    return True
