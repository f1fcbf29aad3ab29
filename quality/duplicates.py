"""Near-duplicates among reports of invented words: what editors do to a report, and others.

A figure of edits is how many edited reports are alike enough and share a band with their originals;
that of unrelated pairs must be 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.prose import Prose
from quality.measures import Measure, digest_of_text
from services.enrich.likeness import NEAR_DUPLICATE, REVISION_CANDIDATE, Signature, bands, likeness, signature
from services.enrich.text import tokenise

REPORTS = 300
LENGTH = 2_500
"""Characters of a report."""

NOTICE = (
    "This report was made by the newsroom of the county. All rights are reserved by its publisher, as always."
)
CHANGED_WORDS = 0.05
Edit = Callable[[str, Random], str]


def measure(_data: Path) -> Iterator[Measure]:
    """Recall of each edit, and the share of pairs that are not taken for copies."""
    texts = reports(REPORTS)
    digest = digest_of_text("\n".join(texts))
    for name, edit in EDITS.items():
        yield Measure("duplicates", name, recall(texts, edit), digest, f"{len(texts)} reports")
    alike, pairs = falsely_alike(texts)
    detail = f"{alike} of {pairs} pairs"
    yield Measure("duplicates", "unrelated pairs", 1 - alike / pairs, digest, detail, margin=0.0)


@cache
def reports(count: int) -> tuple[str, ...]:
    """Reports that share no more than the words of the language."""
    prose = Prose(11)
    return tuple(f"{prose.title()}\n\n{prose.body(LENGTH)}" for _ in range(count))


def with_notice(report: str, _: Random) -> str:
    """The report with a paragraph that a publisher puts below."""
    return f"{report}\n\n{NOTICE}"


def with_other_words(report: str, random: Random) -> str:
    """The report with one word in twenty replaced."""
    words = report.split(" ")
    return " ".join(f"other{random.random()}" if random.random() < CHANGED_WORDS else word for word in words)


def beginning(report: str, _: Random) -> str:
    """The first 70 % of the report's words."""
    words = report.split(" ")
    return " ".join(words[: len(words) * 7 // 10])


EDITS: dict[str, Edit] = {
    "boilerplate": with_notice,
    "5% other words": with_other_words,
    "first 70%": beginning,
}


def recall(texts: Sequence[str], edit: Edit) -> float:
    """The share of reports that are known again after an edit."""
    random = Random(5)  # noqa: S311 nothing secret
    pairs = [(_signature(one), signature(tokenise(edit(one, random)))) for one in texts]
    return sum(_is_known(*pair) for pair in pairs) / len(pairs)


def _is_known(one: Signature, other: Signature) -> bool:
    return likeness(one, other) >= NEAR_DUPLICATE and bool({*bands(one)} & {*bands(other)})


@cache
def _signature(report: str) -> Signature:
    return signature(tokenise(report))


def falsely_alike(texts: Sequence[str]) -> tuple[int, int]:
    """How many pairs are alike enough to be a revision at least, and how many pairs there are."""
    stacked = np.stack([_signature(one) for one in texts])
    pairs = [likeness(one, other) for one, other in combinations(stacked, 2)]
    return sum(value >= REVISION_CANDIDATE for value in pairs), len(pairs)
