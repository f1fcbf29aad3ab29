"""How well topics are found: precision, recall and F of each, and their mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """Texts about the topic, texts said to be about it, and those that are both."""

    topic: str
    gold_count: int
    found_count: int
    right_count: int

    @property
    def precision(self) -> float:
        """0 to 1; 0 where nothing was found."""
        return self.right_count / self.found_count if self.found_count else 0.0

    @property
    def recall(self) -> float:
        """0 to 1; 0 where there is nothing to find."""
        return self.right_count / self.gold_count if self.gold_count else 0.0

    @property
    def f(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.gold_count + self.found_count
        return 2 * self.right_count / both if both else 0.0


def score(pairs: Iterable[tuple[Collection[str], Collection[str]]]) -> list[Score]:
    """The score of every topic in gold, by id, from pairs of what is right and what was found."""
    gold: Counter[str] = Counter()
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for wanted, seen in pairs:
        gold.update(set(wanted))
        found.update(set(seen))
        right.update(set(wanted) & set(seen))
    return [Score(topic, gold[topic], found[topic], right[topic]) for topic in sorted(gold)]


def macro_f(scores: Collection[Score]) -> float:
    """The mean F of topics, each counting the same however rare it is; 0 for none."""
    return sum(one.f for one in scores) / len(scores) if scores else 0.0
