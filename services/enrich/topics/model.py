"""A newsroom's own model of topics: trained on its labels, kept in one file, told by its sha256."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newsfeed import vocabulary
from newsfeed.errors import Fatal
from services.enrich.text import Token
from services.enrich.topics.features import WIDTH, Features, features
from services.enrich.topics.logistic import Rows, fit, sigmoid

FEWEST_EXAMPLES = 5
"""A topic with fewer labelled texts is not learnt."""

FEWEST_TEXTS_OF_A_FEATURE = 2
STRENGTH = 10.0
FORMAT = 1


class ModelUnusable(Fatal):
    """The file of a model cannot be read, or was made by another version of this program."""


class TooFewLabels(Fatal):
    """Nothing can be learnt: no topic has enough labelled texts, or all texts have it."""


@dataclass(frozen=True, slots=True, eq=False)
class TopicModel:
    """``topics``: the ids it knows; ``columns``: feature id to column or -1; ``weights``: a row a topic.

    ``idf`` weighs the columns. The sha256 is that of the file.
    """

    topics: tuple[str, ...]
    columns: NDArray[np.int32]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    biases: NDArray[np.float32]
    sha256: str

    def scores(self, tokens: Sequence[Token]) -> dict[str, float]:
        """Each topic that the model knows with its probability."""
        columns, amounts = weighed(features(tokens), self.columns, self.idf)
        margins = (self.weights[:, columns] * amounts).sum(axis=1) + self.biases
        chances = sigmoid(margins.astype(np.float64))
        return {topic: round(float(one), 3) for topic, one in zip(self.topics, chances, strict=True)}

    @staticmethod
    def load(path: Path) -> TopicModel:
        """Read a model; raises :class:`ModelUnusable`."""
        try:
            return TopicModel.of(path.read_bytes())
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ModelUnusable(f"{path}: {error}; `newsfeed topics train` makes a new one") from error

    @staticmethod
    def of(data: bytes) -> TopicModel:
        """The model in the bytes of a file; raises what numpy does, and ValueError for another format."""
        with np.load(io.BytesIO(data), allow_pickle=False) as parts:
            if int(parts["format"]) != FORMAT:
                raise ValueError(f"format {int(parts['format'])} instead of {FORMAT}")
            ids = parts["ids"]
            columns = np.full(WIDTH, -1, dtype=np.int32)
            columns[ids] = np.arange(len(ids), dtype=np.int32)
            weights = parts["weights"].astype(np.float32)
            topics = tuple(map(str, parts["topics"]))
            if weights.shape != (len(topics), len(ids)) or not all(map(vocabulary.labels, topics)):
                raise ValueError("its parts do not fit together")
            return TopicModel(
                topics, columns, parts["idf"], weights, parts["biases"], hashlib.sha256(data).hexdigest()
            )


def weighed(
    found: Features, columns: NDArray[np.int32], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The known columns of a text and its amounts in them, of length 1 together."""
    known = columns[found.ids]
    chosen = known[known >= 0]
    amounts = found.amounts[known >= 0] * idf[chosen]
    length = float((amounts * amounts).sum()) ** 0.5 or 1.0
    return chosen.astype(np.int64), (amounts / length).astype(np.float32)


def learn(texts: Sequence[Sequence[Token]], labels: Sequence[Collection[str]]) -> bytes:
    """The file of a model that knows every topic with enough examples; the same for the same input.

    Raises :class:`TooFewLabels`.
    """
    counts = Counter(topic for one in labels for topic in set(one))
    topics = sorted(topic for topic, count in counts.items() if FEWEST_EXAMPLES <= count < len(texts))
    if not topics:
        raise TooFewLabels(f"no topic has {FEWEST_EXAMPLES} texts, and others that are not about it")
    found = [features(tokens) for tokens in texts]
    ids, idf = _vocabulary(found)
    columns = np.full(WIDTH, -1, dtype=np.int32)
    columns[ids] = np.arange(len(ids), dtype=np.int32)
    matrix = _matrix([weighed(one, columns, idf) for one in found], len(ids))
    fitted = [fit(matrix, np.array([topic in one for one in labels]), STRENGTH) for topic in topics]
    out = io.BytesIO()
    np.savez_compressed(
        out,
        format=np.array(FORMAT),
        topics=np.array(topics),
        ids=ids.astype(np.int32),
        idf=idf,
        weights=np.array([weights for weights, _ in fitted]).astype(np.float16),
        biases=np.array([bias for _, bias in fitted]).astype(np.float32),
    )
    return out.getvalue()


def _vocabulary(found: Sequence[Features]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The features that several texts have, ascending, and how rare each is."""
    spread = np.bincount(np.concatenate([one.ids for one in found]), minlength=WIDTH)
    ids = np.flatnonzero(spread >= FEWEST_TEXTS_OF_A_FEATURE)
    idf = np.log((1 + len(found)) / (1 + spread[ids])) + 1
    return ids, idf.astype(np.float32)


def _matrix(rows: Sequence[tuple[NDArray[np.int64], NDArray[np.float32]]], column_count: int) -> Rows:
    lengths = [len(columns) for columns, _ in rows]
    return Rows(
        rows=np.repeat(np.arange(len(rows)), lengths),
        columns=np.concatenate([columns for columns, _ in rows]),
        amounts=np.concatenate([amounts for _, amounts in rows]).astype(np.float64),
        row_count=len(rows),
        column_count=column_count,
    )
