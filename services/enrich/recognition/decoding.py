"""The best well-formed tags of sentences, and how sure each span is.

The best tag of each word on its own is the best of all paths wherever it is well-formed, which is so in
nine sentences of ten; only the others are searched (Viterbi).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.enrich.recognition.tags import FORBIDDEN, LABELS, Floats, transitions

_BETWEEN, _START, _END = transitions()
_FOLLOWS, _OPENS, _CLOSES = _BETWEEN == 0, _START == 0, _END == 0
_COUNT = len(LABELS)
_LEAST = 1e-4
_CLOSING = np.flatnonzero(_CLOSES)
_OPENING = np.flatnonzero(_OPENS)
_BEGIN, _INSIDE, _LAST = (np.arange(_COUNT) * 4 + 1 + part for part in range(3))


def best_tags(scores: Sequence[Floats]) -> list[list[int]]:
    """Tag ids of each sentence, none of which may be empty."""
    lengths = np.array([len(one) for one in scores])
    greedy = np.concatenate(scores).argmax(1)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    sound = np.ones(len(greedy), bool)
    sound[1:] = _FOLLOWS[greedy[:-1], greedy[1:]]
    sound[starts] = _OPENS[greedy[starts]]
    sound[ends - 1] &= _CLOSES[greedy[ends - 1]]
    formed = np.logical_and.reduceat(sound, starts)
    ids = greedy.tolist()
    tags = [ids[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    doubtful: list[int] = np.flatnonzero(~formed).tolist()
    for index, path in zip(doubtful, searched([scores[index] for index in doubtful]), strict=True):
        tags[index] = path
    return tags


def searched(scores: Sequence[Floats]) -> list[list[int]]:
    """The well-formed tags with the highest sum of scores, for each sentence."""
    if not scores:
        return []
    emissions = _padded(scores)
    longest, count, _ = emissions.shape
    rows = np.arange(count)
    back = np.zeros((longest, count, len(_START)), np.int8)
    path = emissions[0] + _START
    for step in range(1, longest):
        closed = path[:, _CLOSING].argmax(1)
        reached = np.empty_like(path)
        reached[:, _OPENING] = path[rows, _CLOSING[closed]][:, None]
        back[step][:, _OPENING] = _CLOSING[closed][:, None]
        goes_on = path[:, _INSIDE] > path[:, _BEGIN]
        inner = np.where(goes_on, path[:, _INSIDE], path[:, _BEGIN])
        origin = np.where(goes_on, _INSIDE, _BEGIN)
        for part in (_INSIDE, _LAST):
            reached[:, part], back[step][:, part] = inner, origin
        path = reached + emissions[step]
    tags = np.zeros((count, longest), np.int8)
    tags[:, -1] = (path + _END).argmax(1)
    for step in range(longest - 1, 0, -1):
        tags[:, step - 1] = back[step][rows, tags[:, step]]
    return [tags[index, : len(one)].tolist() for index, one in enumerate(scores)]


def _padded(scores: Sequence[Floats]) -> npt.NDArray[np.float32]:
    """``[words, sentences, tags]``; behind its end every sentence is outside."""
    longest = max(len(one) for one in scores)
    padded = np.zeros((longest, len(scores), len(_START)), np.float32)
    padded[:, :, 1:] = FORBIDDEN
    for index, one in enumerate(scores):
        padded[: len(one), index] = one
    return padded


def span_odds(chances: Floats, label: str) -> float:
    """The log odds of the mean probability that the words of a span are of its label, within ±9.

    ``chances`` are the :func:`label_probabilities` of these words.
    """
    mean = float(chances[:, 1 + LABELS.index(label)].mean())
    return float(np.log(max(mean, _LEAST) / max(1 - mean, _LEAST)))


def label_probabilities(scores: Floats) -> Floats:
    """``[words, 1 + labels]``: how likely each word is outside, or part of a name of each label."""
    shifted = np.exp(scores - scores.max(1, keepdims=True))
    shifted /= shifted.sum(1, keepdims=True)
    grouped = shifted[:, 1:].reshape(len(shifted), _COUNT, 4).sum(2)
    return np.concatenate([shifted[:, :1], grouped], axis=1)
