"""Ratios from paired rounds: what is compared runs in turns, so that both meet the same machine."""

from __future__ import annotations

import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from newsfeed.eventlog.connection import Client, connect
from newsfeed.redis_server import EmbeddedRedis

TOLERANCE = 0.1
"""A target counts as failed when the median misses it by more than this share of it."""

Arm = Callable[[], Awaitable[float]]
"""Does its work once; how many seconds a unit of it took. What it prepares first is not counted."""

Rounds = Mapping[str, Sequence[float]]
"""What each arm gave, one figure a round."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One of ours divided by its baseline, a value a round. No ``target``: for information."""

    name: str
    values: Sequence[float]
    detail: str
    target: float | None = None
    at_most: bool = False

    @property
    def median(self) -> float:
        """The figure that counts."""
        return median(self.values)

    @property
    def met(self) -> bool:
        """Whether the median is as good as the target."""
        return self._within(0)

    @property
    def failed(self) -> bool:
        """Whether the median is worse than the target by more than :data:`TOLERANCE`."""
        return not self._within(TOLERANCE)

    def _within(self, tolerance: float) -> bool:
        if self.target is None:
            return True
        if self.at_most:
            return self.median <= self.target * (1 + tolerance)
        return self.median >= self.target * (1 - tolerance)


@dataclass(slots=True)
class Stopwatch:
    """Runs from its making to its first :meth:`stop`."""

    started: float = field(default_factory=time.perf_counter)
    seconds: float = 0.0

    def stop(self) -> None:
        """Keep the seconds; further calls change nothing."""
        self.seconds = self.seconds or time.perf_counter() - self.started


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Measure a block, or its part before ``stop()``, on a heap that was tidied before."""
    gc.collect()
    watch = Stopwatch()
    yield watch
    watch.stop()


async def alternate(arms: Mapping[str, Arm], rounds: int) -> Rounds:
    """Run every arm once a round, forwards and backwards by turns; a first round warms up."""
    figures: dict[str, list[float]] = {name: [] for name in arms}
    order = list(arms)
    for number in range(rounds + 1):
        for name in order:
            figure = await arms[name]()
            if number:
                figures[name].append(figure)
        order.reverse()
    return figures


def speed_ratio(
    name: str, figures: Rounds, arms: tuple[str, str], unit: str, target: float | None = None
) -> Ratio:
    """How fast the first arm is, as a share of the second; figures are seconds per unit."""
    ours, baseline = (figures[arm] for arm in arms)
    values = [theirs / own for own, theirs in zip(ours, baseline, strict=True)]
    speeds = f"{1 / median(ours):,.0f} against {1 / median(baseline):,.0f} {unit}/s"
    return Ratio(name, values, speeds, target)


@dataclass(frozen=True, slots=True)
class PrivateRedis:
    """A Redis of this benchmark alone, with the options of the embedded default."""

    url: str
    client: Client


@asynccontextmanager
async def private_redis() -> AsyncIterator[PrivateRedis]:
    """Start a Redis on a temporary folder, and stop it."""
    with TemporaryDirectory(prefix="nf-") as folder, EmbeddedRedis(Path(folder)) as server:
        client = connect(server.url)
        try:
            yield PrivateRedis(server.url, client)
        finally:
            await client.aclose()
