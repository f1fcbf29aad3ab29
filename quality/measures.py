"""A measured figure and how it is told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure in [0, 1], higher is better; ``digest`` names the data it was measured on."""

    gate: str
    name: str
    value: float
    digest: str
    detail: str = ""


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
