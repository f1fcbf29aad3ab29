"""Scores of confidence that mean what they say: of the names told with 0.8, eight in ten are right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from services.enrich.recognition.decoding import best_tags, label_probabilities, span_odds
from services.enrich.recognition.network import Network
from services.enrich.recognition.tags import spans_from_ids
from services.enrich.training.corpora import Sentence
from services.enrich.training.scoring import BATCH, TOLD

_STEPS = 50
_BINS = 10

Observation = tuple[float, bool]
"""The log odds of a span that was found, and whether it is right."""


def observations(network: Network, sentences: Sequence[Sentence]) -> Iterator[Observation]:
    """All told spans of the bare network."""
    order = sorted(sentences, key=lambda one: len(one.words))
    for start in range(0, len(order), BATCH):
        group = order[start : start + BATCH]
        scores = network.scores([one.words for one in group])
        for sentence, opinion, ids in zip(group, scores, best_tags(scores), strict=True):
            for first, last, label in spans_from_ids(ids):
                if label in TOLD:
                    odds = span_odds(label_probabilities(opinion[first:last]), label)
                    yield odds, (first, last, label) in sentence.spans


def fitted(seen: Iterable[Observation]) -> tuple[float, float]:
    """Slope and offset of the line through the log odds under which what was seen is likeliest."""
    pairs = list(seen)
    inputs = np.array([[odds, 1.0] for odds, _ in pairs])
    right = np.array([float(one) for _, one in pairs])
    line = np.zeros(2)
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(inputs @ line, -30, 30)))
        slope = inputs.T @ (right - chance)
        bend = (inputs * (chance * (1 - chance))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        line = line + np.linalg.solve(bend, slope)
    return float(line[0]), float(line[1])


def error(seen: Iterable[Observation], line: tuple[float, float]) -> float:
    """The mean distance, in [0, 1], between what is told and how often it is right, over ten bins."""
    pairs = [(1 / (1 + np.exp(-(line[0] * odds + line[1]))), right) for odds, right in seen]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for told, right in pairs:
        bins.setdefault(min(int(told * _BINS), _BINS - 1), []).append((told, right))
    gaps = (abs(sum(told for told, _ in one) - sum(right for _, right in one)) for one in bins.values())
    return float(sum(gaps) / max(1, len(pairs)))
