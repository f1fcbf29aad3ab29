"""What ingest has done since it started, in numbers for its heartbeat."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from newsfeed.events import LogEvent, SeedRejected

_NAMES = {
    "article.ingested": "ingested",
    "article.revised": "revised",
    "article.withdrawn": "withdrawn",
    "article.duplicated": "duplicate",
    "seed.moved": "moved",
}
_COUNTED = (
    *("seen", "settled", "ingested", "revised", "withdrawn", "duplicate", "moved", "held", "stale"),
    *("retried", "move_failed", "bytes"),
)


@dataclass(slots=True)
class Counts:
    """Counters that only rise; ``parse_seconds`` is by format, ``rejected`` by code."""

    totals: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    parse_seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, name: str, count: int = 1) -> None:
        """Count something of these names: see :meth:`details`."""
        assert name in _COUNTED, name
        self.totals[name] += count

    def appended(self, events: Iterable[LogEvent]) -> None:
        """Count facts."""
        for event in events:
            if isinstance(event, SeedRejected):
                self.rejected[event.code] += 1
            else:
                self.add(_NAMES[event.type])

    def parsed(self, format_: str, seconds: float) -> None:
        """Count the time that reading a seed took."""
        self.parse_seconds[format_] += seconds

    def details(self) -> dict[str, object]:
        """Every counter, those that are still zero included."""
        return {
            **{name: self.totals[name] for name in _COUNTED},
            "rejected": dict(self.rejected),
            "parse_seconds": {name: round(seconds, 3) for name, seconds in self.parse_seconds.items()},
        }
