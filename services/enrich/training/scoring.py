"""Precision, recall and F of spans, exact in bounds and label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.enrich.recognition.decoding import best_tags
from services.enrich.recognition.network import Network
from services.enrich.recognition.tags import LABELS, Span, spans_from_ids
from services.enrich.training.corpora import Sentence

TOLD = LABELS[:3]
BATCH = 64


@dataclass(frozen=True, slots=True)
class Score:
    """Spans right, found and wanted."""

    right: int
    found: int
    wanted: int

    @property
    def f(self) -> float:
        """The harmonic mean of precision and recall, in [0, 1]."""
        return 2 * self.right / max(1, self.found + self.wanted)

    def __add__(self, other: Score) -> Score:
        return Score(self.right + other.right, self.found + other.found, self.wanted + other.wanted)


def compare(wanted: Iterable[Iterable[Span]], found: Iterable[Iterable[Span]]) -> dict[str, Score]:
    """Label to score, ``all`` for the three told labels together, ``untyped`` for bounds alone."""
    right: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    gold: Counter[str] = Counter()
    for want, find in zip(wanted, found, strict=True):
        ours, theirs = ({span for span in spans if span[2] in TOLD} for spans in (find, want))
        for counter, spans in ((right, ours & theirs), (seen, ours), (gold, theirs)):
            counter.update(span[2] for span in spans)
        bare, bare_gold = ({span[:2] for span in spans} for spans in (ours, theirs))
        right["untyped"] += len(bare & bare_gold)
        seen["untyped"] += len(bare)
        gold["untyped"] += len(bare_gold)
    for counter in (right, seen, gold):
        counter["all"] = sum(counter[label] for label in TOLD)
    return {name: Score(right[name], seen[name], gold[name]) for name in ("all", "untyped", *TOLD)}


def predicted(network: Network, sentences: Sequence[Sequence[str]]) -> list[list[Span]]:
    """The spans the bare network finds in sentences that are cut into words."""
    order = sorted(range(len(sentences)), key=lambda index: len(sentences[index]))
    spans: list[list[Span]] = [[] for _ in sentences]
    for start in range(0, len(order), BATCH):
        members = order[start : start + BATCH]
        tags = best_tags(network.scores([sentences[index] for index in members]))
        for index, ids in zip(members, tags, strict=True):
            spans[index] = spans_from_ids(ids)
    return spans


def score(network: Network, sentences: Sequence[Sentence]) -> dict[str, Score]:
    """How well the bare network does on gold words."""
    found = predicted(network, [one.words for one in sentences])
    return compare([one.spans for one in sentences], found)
