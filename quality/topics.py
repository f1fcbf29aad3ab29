"""Topics of our own gold items, by language: macro-F1 over top topics or desks, on the half for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from quality.measures import Measure, digest_of
from tools import topics_quality
from tools.topics_quality import GOLD


def measure(_data: Path) -> Iterator[Measure]:
    """The figures of our own items, which are everywhere."""
    sets = (("*.txt", topics_quality.measure()), ("desks/*.txt", topics_quality.measure_desks()))
    for files, figures in sets:
        digest = digest_of(sorted(GOLD.glob(files)))
        for name, value in figures.items():
            yield Measure("topics", name, value, digest)
