"""A measured figure and how it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure in [0, 1], higher is better; ``digest`` names the data it was measured on.

    A floor is put ``margin`` below it: nothing below a figure that must be 1.
    """

    gate: str
    name: str
    value: float
    digest: str
    detail: str = ""
    margin: float = 0.005


GOLD = Path(__file__).parents[1] / "tests" / "unit" / "enrich" / "gold"
"""Our own gold sets."""

Gate = Callable[[Path], Iterable[Measure]]
"""Measures what it can with the folder of data sets; sets that are not there are left out."""


def digest_of(files: Sequence[Path]) -> str:
    """16 hexadecimal digits of the SHA-256 of the files' bytes, in order."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def digest_of_text(text: str) -> str:
    """The same of a text that stands in no file of ours."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
