"""The network at inference, in numpy: hashed sub-words, residual convolutions, scores per tag.

Sentences lie in one long row with as many blank words between them as a convolution reaches, so that
one matrix product serves a whole batch. What a word brings in itself is kept per word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from io import BytesIO
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.enrich.recognition.features import FEATURES, features
from services.enrich.recognition.tags import Floats

CACHED_WORDS = 32_768
"""Words whose vectors are kept; when they are full, all are forgotten."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution over three words, ``reach`` apart: weights, bias, and the norm after it."""

    weights: Floats
    bias: Floats
    gain: Floats
    shift: Floats
    reach: int


class Network:
    """Scores of all tags for the words of some sentences; not for several threads at once."""

    def __init__(self, arrays: Mapping[str, npt.NDArray[np.generic]]) -> None:
        self._table = arrays["table"].astype(np.int8)
        self._scales = _floats(arrays["scales"])
        self._weights, self._bias = _floats(arrays["weights"]), _floats(arrays["bias"])
        self._out, self._out_bias = _floats(arrays["out"]), _floats(arrays["out_bias"])
        reaches = arrays["reaches"].astype(np.int64).tolist()
        self._layers = [_layer(arrays, index, reach) for index, reach in enumerate(reaches)]
        self._pad = max(reaches)
        slope, offset = arrays.get("confidence", np.array([1.0, 0.0])).astype(np.float64).tolist()
        self.confidence: tuple[float, float] = (slope, offset)
        self._rows: dict[str, int] = {}
        self._vectors = np.zeros((CACHED_WORDS, self._weights.shape[1]), np.float32)

    @classmethod
    def load(cls, source: Path | Traversable) -> Network:
        """The network of an ``.npz`` file; raises ``OSError`` if it cannot be read."""
        with np.load(BytesIO(source.read_bytes()), allow_pickle=False) as arrays:
            return cls({name: arrays[name] for name in arrays.files})

    def scores(self, sentences: Sequence[Sequence[str]]) -> list[Floats]:
        """One array ``[words, tags]`` of log scores (not normalised) for each sentence."""
        lengths = [len(sentence) for sentence in sentences]
        starts = np.cumsum([self._pad, *(length + self._pad for length in lengths)])
        where = np.concatenate(
            [np.arange(start, start + length) for start, length in zip(starts, lengths, strict=False)]
        )
        state = np.zeros((int(starts[-1]), self._vectors.shape[1]), np.float32)
        state[where] = self._word_vectors([word for sentence in sentences for word in sentence])
        is_word = np.zeros((len(state), 1), np.float32)
        is_word[where] = 1
        for layer in self._layers:
            state = _convolved(state, layer)
            state *= is_word
        flat = state[where] @ self._out + self._out_bias
        return [flat[end - length : end] for length, end in zip(lengths, accumulate(lengths), strict=True)]

    def _word_vectors(self, words: Sequence[str]) -> Floats:
        """One row per word, from those that are kept or computed anew."""
        fresh = {word for word in words if word not in self._rows}
        if len(self._rows) + len(fresh) > CACHED_WORDS:
            self._rows.clear()
            fresh = set(words)
            if len(fresh) > CACHED_WORDS:
                raise ValueError(f"a batch has more than {CACHED_WORDS} different words")
        self._remember(sorted(fresh))
        return self._vectors[[self._rows[word] for word in words]]

    def _remember(self, words: Sequence[str]) -> None:
        if not words:
            return
        first = len(self._rows)
        self._vectors[first : first + len(words)] = self._computed(words)
        self._rows.update(zip(words, range(first, first + len(words)), strict=True))

    def _computed(self, words: Iterable[str]) -> Floats:
        rows = [features(word) for word in words]
        ids = np.zeros((len(rows), FEATURES), np.int64)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
        counts = (ids > 0).sum(1, keepdims=True).astype(np.float32)
        summed = np.einsum("wfe,wf->we", self._table[ids], self._scales[ids] * (ids > 0))
        hidden: Floats = (summed / np.sqrt(counts)) @ self._weights + self._bias
        np.maximum(hidden, 0, out=hidden)
        return hidden


def _floats(array: npt.NDArray[np.generic]) -> Floats:
    return array.astype(np.float32)


def _layer(arrays: Mapping[str, npt.NDArray[np.generic]], index: int, reach: int) -> Layer:
    weights, bias, gain, shift = (
        _floats(arrays[f"{name}{index}"]) for name in ("weights", "bias", "gain", "shift")
    )
    return Layer(weights, bias, gain, shift, reach)


def _convolved(state: Floats, layer: Layer) -> Floats:
    """``norm(x + relu(conv(x)))`` for every word; blanks are not yet blank again."""
    size, reach = state.shape[1], layer.reach
    wide = np.zeros((len(state), 3 * size), np.float32)
    wide[reach:, :size] = state[:-reach]
    wide[:, size : 2 * size] = state
    wide[:-reach, 2 * size :] = state[reach:]
    new = wide @ layer.weights
    new += layer.bias
    np.maximum(new, 0, out=new)
    new += state
    new -= new.mean(1, keepdims=True)
    variance = np.einsum("ij,ij->i", new, new) / size
    new *= (1 / np.sqrt(variance + 1e-5))[:, None]
    new *= layer.gain
    new += layer.shift
    return new
