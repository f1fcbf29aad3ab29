"""The best well-formed tags, against a search of all paths."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from services.enrich.recognition.decoding import best_tags, label_probabilities, searched
from services.enrich.recognition.tags import (
    FORBIDDEN,
    TAGS,
    Floats,
    ids_of,
    spans_from_ids,
    spans_of,
    transitions,
)

BETWEEN, START, END = transitions()
SEEDS = range(20)


def drawn(seed: int, count: int, longest: int = 12) -> list[Floats]:
    """Scores of ``count`` sentences in whole numbers, so that sums are exact."""
    draw = np.random.default_rng(seed)
    return [
        draw.integers(-9, 9, (draw.integers(1, longest + 1), len(TAGS))).astype(np.float32)
        for _ in range(count)
    ]


def total(scores: Floats, ids: list[int]) -> float:
    """The sum of a path's scores; hugely negative if it is not well-formed."""
    steps = sum(float(BETWEEN[one, other]) for one, other in pairwise(ids))
    emitted = sum(float(scores[index, tag]) for index, tag in enumerate(ids))
    return emitted + steps + float(START[ids[0]]) + float(END[ids[-1]])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_path_of_two_words_is_better(seed: int) -> None:
    pair = drawn(seed, 1, longest=2)[0]

    best = max(total(pair, list(path)) for path in product(range(len(TAGS)), repeat=len(pair)))

    assert total(pair, best_tags([pair])[0]) == best


@pytest.mark.parametrize("seed", SEEDS)
def test_the_quick_way_is_as_good_as_the_search(seed: int) -> None:
    """Only sentences whose best tags are not well-formed one by one are searched."""
    batch = drawn(seed, 30)
    quick, thorough = best_tags(batch), searched(batch)

    for scores, one, other in zip(batch, quick, thorough, strict=True):
        assert total(scores, one) == pytest.approx(total(scores, other))
        assert total(scores, one) > FORBIDDEN / 2


def test_a_sentence_does_not_depend_on_the_others_of_its_batch() -> None:
    batch = drawn(7, 30)
    together = searched(batch)

    assert [searched([one])[0] for one in batch] == together


def test_spans_and_tags_are_two_forms_of_one_thing() -> None:
    spans = spans_of("B-PER I-PER O B-LOC I-ORG I-ORG I-ORG B-PER".split())

    assert spans == [(0, 2, "PER"), (3, 4, "LOC"), (4, 7, "ORG"), (7, 8, "PER")]
    assert spans_from_ids(ids_of(8, spans)) == spans


def test_probabilities_are_shares() -> None:
    scores = np.random.default_rng(1).normal(size=(7, len(TAGS))).astype(np.float32)

    assert label_probabilities(scores).sum(1) == pytest.approx(np.ones(7), abs=1e-5)
