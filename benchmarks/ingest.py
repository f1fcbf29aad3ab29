"""Ingest: a seed of each format, from bytes to articles, against the bare call of the library on it.

Ours is what a parse child does with a seed: recognise the format, choose the charset, read.
 Neither side starts a process; seconds are those of the processor.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.bare import BARE, BY_HAND, READS
from benchmarks.measuring import Ratio, alternate
from benchmarks.samples import samples
from services.ingest.article import Reading, ReadingHint
from services.ingest.reading_child import read_hinted

TARGET = 0.7
BURST_SECONDS = 0.03
"""So long one arm works before the other has its turn."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A call, over and over on the same bytes."""

    call: Callable[[bytes], object]
    data: bytes
    times: int

    @classmethod
    def of(cls, call: Callable[[bytes], object], data: bytes) -> Burst:
        """As many calls as fill a burst."""
        call(data)
        began = time.process_time()
        call(data)
        took = time.process_time() - began
        return cls(call, data, max(1, round(BURST_SECONDS / max(took, 1e-6))))

    async def __call__(self) -> float:
        """Processor seconds of one call."""
        gc.collect()
        began = time.process_time()
        for _ in range(self.times):
            self.call(self.data)
        return (time.process_time() - began) / self.times


def reader(file_name: str) -> Callable[[bytes], Reading]:
    """Our whole way from bytes to articles."""
    hint = ReadingHint(file_name=file_name)
    return lambda data: read_hinted(data, hint)


async def measure(rounds: int) -> list[Ratio]:
    """Seeds a second on one core, for every format."""
    found: list[Ratio] = []
    for name, (file_name, data) in samples().items():
        library, bare = BARE[name]
        arms = {"ours": reader(file_name), library: bare}
        arms |= {"by hand": BY_HAND[name]} if name in BY_HAND else {}
        figures = await alternate({arm: Burst.of(call, data) for arm, call in arms.items()}, rounds)
        for arm in list(arms)[1:]:
            counts = name not in READS or name == "docx" if arm == "by hand" else name in READS
            values = [theirs / own for own, theirs in zip(figures["ours"], figures[arm], strict=True)]
            speeds = f"{speed(figures['ours'], data)} against {speed(figures[arm], data)}"
            found.append(Ratio(f"{name} / {arm}", values, speeds, TARGET if counts else None))
    return found


def speed(seconds: Sequence[float], data: bytes) -> str:
    """Seeds and megabytes a second."""
    each = median(seconds)
    return f"{1 / each:,.0f} seeds/s ({len(data) / each / 1e6:.1f} MB/s)"
