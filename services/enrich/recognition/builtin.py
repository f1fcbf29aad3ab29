"""The built-in engine: the model that ships in the package."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain

import numpy as np
from threadpoolctl import threadpool_limits

from services.enrich.recognition.decoding import best_tags, label_probabilities, span_odds
from services.enrich.recognition.network import Network
from services.enrich.recognition.recognised import Recognised, place
from services.enrich.recognition.refining import refined
from services.enrich.recognition.tags import spans_from_ids
from services.enrich.recognition.units import Unit, sentences
from services.enrich.text import MOST_TOKENS, Token

BATCH_WORDS = 4_096
"""Words that go through the network at once; this bounds its memory."""

LEARNED = frozenset("cs da de en es fi fr hr hu it nb nl nn no pl pt ro ru sk sr sv uk".split())
"""Languages it was trained on and tells names in better than the name rules (not Arabic, nor Turkish)."""


class BuiltinRecogniser:
    """The model that ships in the package; not for several threads at once."""

    name = "nano"

    def __init__(self, network: Network, version: str = "1") -> None:
        self._network = network
        self.version = version

    @classmethod
    @cache
    def load(cls) -> BuiltinRecogniser:
        """The shipped model, read once in a process (about 0.2 s).

        Matrix products of the process keep to one core from then on: a worker has one, and the products
        are so small that a second one only waits.
        """
        threadpool_limits(1, user_api="blas")
        folder = files("services.enrich").joinpath("models", "nano")
        version = folder.joinpath("version.txt").read_text(encoding="ascii").strip()
        return cls(Network.load(folder.joinpath("weights.npz")), version)

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names of people, places and organisations among the first ``MOST_TOKENS`` tokens."""
        del text  # the tokens hold all of it
        read = tokens[:MOST_TOKENS]
        found = sorted(chain.from_iterable(self._told(batch, read) for batch in _batches(read)), key=place)
        return refined(found, read, language)

    def _told(self, batch: Sequence[Sequence[Unit]], tokens: Sequence[Token]) -> Iterator[Recognised]:
        scores = self._network.scores([[unit.text for unit in sentence] for sentence in batch])
        chances = label_probabilities(np.concatenate(scores))
        start = 0
        for sentence, tags in zip(batch, best_tags(scores), strict=True):
            for first, last, label in spans_from_ids(tags):
                if label != "MISC":
                    begin, end = sentence[first].first, sentence[last - 1].last
                    odds = span_odds(chances[start + first : start + last], label)
                    sure = certainty(odds, self._network.confidence)
                    yield Recognised(begin, end, tokens[begin].start, tokens[end - 1].end, label, sure)  # type: ignore[arg-type] # one of three
            start += len(sentence)


def certainty(odds: float, confidence: tuple[float, float]) -> float:
    """How likely a span with these log odds is right, in [0, 1]; ``confidence`` is slope and offset."""
    slope, offset = confidence
    return round(1 / (1 + math.exp(-(slope * odds + offset))), 4)


def _batches(tokens: Sequence[Token]) -> Iterator[list[list[Unit]]]:
    """All sentences, those of like length together, about ``BATCH_WORDS`` words at once."""
    ordered = sorted(sentences(tokens), key=len)
    batch: list[list[Unit]] = []
    for sentence in ordered:
        if batch and (len(batch) + 1) * len(sentence) > BATCH_WORDS:
            yield batch
            batch = []
        batch.append(sentence)
    if batch:
        yield batch
