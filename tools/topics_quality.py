"""How well topics are found in the gold items: short news of our own, each with its topics.

    python -m tools.topics_quality [tune|test]

The first topic of an item leads. Every second item of a topic is for tuning, the others for testing;
what is measured for the gates is the test half. ``en-news`` and ``fr-news`` are longer general news
in the six topics that desks ask for most, of which only these six are allowed as an answer.

``desks/`` is short news of these six desks, as told by feeds: headline and lead, labelled by its desk, with
oblique openings and figurative words. Its author had not seen the word lists when writing the first twenty
of a desk; of the ten after them, those for tuning were written before the last words were added to the
lists, the others after.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from newsfeed import vocabulary
from newsfeed.documents import Topic
from services.enrich.text import tokenise
from services.enrich.topics import find_topics
from services.enrich.topics.scoring import macro_f, score

GOLD = Path(__file__).parents[1] / "tests" / "unit" / "enrich" / "topics" / "gold"
DESKS = frozenset({"01", "04", "07", "11", "13", "15"})
"""Entertainment, business, health, politics, technology and sports, as the first digits of their codes."""

SHORT_NEWS = ("desks/en", "desks/fr")

Half = Literal["tune", "test"]


@dataclass(frozen=True, slots=True)
class GoldItem:
    """``topics`` are two digits each; ``half`` says whether thresholds may be tuned on it."""

    language: str
    topics: tuple[str, ...]
    title: str
    body: str
    half: Half

    @property
    def text(self) -> str:
        """Headline, blank line, body."""
        return f"{self.title}\n\n{self.body}"

    def found(self) -> list[Topic]:
        """The top topics that are found in it, the strongest first."""
        first_sentence = self.body.find(". ") + 1 or len(self.body)
        lead_end = len(self.title) + 2 + first_sentence
        found = find_topics(tokenise(self.text), self.language, lead_end)
        return [topic for topic in found if not vocabulary.ancestors(topic.id)]


def gold_names() -> list[str]:
    """The files of gold items: one a language, and longer general news in two of them."""
    return sorted(path.stem for path in GOLD.glob("*.txt"))


def gold_items(name: str) -> Iterator[GoldItem]:
    """All items of a file, in its order."""
    seen: Counter[str] = Counter()
    for block in (GOLD / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        head, title, body = block.split("\n")
        topics = tuple(head.strip("[]").split())
        half: Half = "test" if seen[topics[0]] % 2 else "tune"
        seen[topics[0]] += 1
        yield GoldItem(Path(name).name[:2], topics, title, body, half)


def measure(half: Half = "test") -> dict[str, float]:
    """Figure to value, 0 to 1.

    ``<file>.macro_f``: the leading topic of each item, 17-way (6-way for general news), as the mean F of
    topics. ``all.precision`` and ``all.recall``: every topic that was found, beside all gold topics.
    ``all.primary``: how often a topic marked as primary is one of the item's.
    """
    figures: dict[str, float] = {}
    right = found_count = gold_count = primary = primary_right = 0
    for name in gold_names():
        allowed = DESKS if name.endswith("-news") else None
        pairs = []
        for item in gold_items(name):
            if item.half != half:
                continue
            found = item.found()
            codes = {_digits(topic) for topic in found}
            pairs.append(((item.topics[0],), _leading(found, allowed)))
            right += len(codes & set(item.topics))
            found_count += len(codes)
            gold_count += len(set(item.topics))
            first = [_digits(topic) for topic in found if topic.primary]
            primary += len(first)
            primary_right += len(set(first) & set(item.topics))
        figures[f"{name}.macro_f"] = round(macro_f(score(pairs)), 3)
    return figures | {
        "all.precision": round(right / found_count, 3),
        "all.recall": round(right / gold_count, 3),
        "all.primary": round(primary_right / primary, 3),
    }


def measure_desks(half: Half = "test") -> dict[str, float]:
    """Figure to value, 0 to 1, of the leading topic of each item, as the mean F of the six desks.

    ``desks/<language>.macro_f`` counts an answer that is none of the six as wrong; ``.of_six`` passes
    over it.
    """
    figures: dict[str, float] = {}
    for name in SHORT_NEWS:
        items = [item for item in gold_items(name) if item.half == half]
        for figure, allowed in (("macro_f", None), ("of_six", DESKS)):
            pairs = [((item.topics[0],), _leading(item.found(), allowed)) for item in items]
            figures[f"{name}.{figure}"] = round(macro_f(score(pairs)), 3)
    return figures


def _leading(found: list[Topic], allowed: Collection[str] | None) -> tuple[str, ...]:
    """The strongest allowed topic, if there is one."""
    return tuple(_digits(topic) for topic in found if not allowed or _digits(topic) in allowed)[:1]


def _digits(topic: Topic) -> str:
    return topic.id.removeprefix(vocabulary.SCHEME)[:2]


def main() -> None:
    """Print the figures of one half."""
    half: Half = "tune" if sys.argv[1:] == ["tune"] else "test"
    for name, value in (measure(half) | measure_desks(half)).items():
        sys.stdout.write(f"{name:20} {value:.3f}\n")


if __name__ == "__main__":
    main()
