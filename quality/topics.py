"""Topics of our own gold items, by language: macro-F1 over the 17 top topics, on the half for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quality.measures import Measure, digest_of
from tools.topics_quality import GOLD
from tools.topics_quality import measure as measured


def measure(_data: Path) -> Iterator[Measure]:
    """The figures of our own items, which are everywhere."""
    digest = digest_of(sorted(GOLD.glob("*.txt")))
    for name, value in measured().items():
        yield Measure("topics", name, value, digest)
