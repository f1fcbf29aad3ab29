"""Which seeds were deleted, and which only seem to be. A pure decision; clock and listing come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.ingest.paths import source_of

SCANS = 3
"""A seed is gone when it was missing in so many complete listings, one after the other …"""

GONE_SECONDS = 60.0
"""… and for so long."""

MANY = 10
SHARE = 0.2
"""More than ``MANY`` and more than this share of a source at once: a disk went away, or somebody erred."""


@dataclass(slots=True)
class Absences:
    """Remembers since when each seed has been missing, and which of them an operator has to decide on."""

    alarmed: set[str] = field(default_factory=set)
    devices: dict[str, int] = field(default_factory=dict)
    _since: dict[str, tuple[float, int]] = field(default_factory=dict)
    _accepted: set[str] = field(default_factory=set)

    def accept(self, paths: Collection[str]) -> None:
        """An operator says that these were deleted indeed."""
        self._accepted |= set(paths)
        self.alarmed -= self._accepted

    @property
    def is_watching(self) -> bool:
        """Whether a seed is missing."""
        return bool(self._since)

    def unclear(self) -> None:
        """The folder could not be listed completely: what is missing from such a listing means nothing."""
        self._since.clear()

    def look(
        self, expected: Collection[str], files: Collection[str], devices: Mapping[str, int], now: float
    ) -> list[str]:
        """The seeds that were deleted, by a complete listing; ``expected`` are those that should be there."""
        missing = [path for path in expected if path not in files]
        self._since = {path: self._seen(path, now) for path in missing}
        self._accepted.intersection_update(missing)
        self.alarmed.intersection_update(missing)
        self.alarmed.update(set(self._suspicious(expected, missing, devices)) - self._accepted)
        self._remember_devices(missing, devices)
        return [path for path in missing if path not in self.alarmed and self._is_gone(path, now)]

    def _seen(self, path: str, now: float) -> tuple[float, int]:
        since, scans = self._since.get(path, (now, 0))
        return since, scans + 1

    def _is_gone(self, path: str, now: float) -> bool:
        since, scans = self._since[path]
        return path in self._accepted or (scans >= SCANS and now - since >= GONE_SECONDS)

    def _suspicious(
        self, expected: Collection[str], missing: Collection[str], devices: Mapping[str, int]
    ) -> list[str]:
        """What is missing from a source that lost too much at once, or that lies on another device now."""
        were, went = Counter(map(source_of, expected)), Counter(map(source_of, missing))
        if _too_many(len(missing), len(expected)):
            return list(missing)
        doubtful = {
            source
            for source, count in went.items()
            if _too_many(count, were[source]) or self._is_elsewhere(source, devices)
        }
        return [path for path in missing if source_of(path) in doubtful]

    def _is_elsewhere(self, source: str, devices: Mapping[str, int]) -> bool:
        before, now = self.devices.get(source), devices.get(source)
        return before is not None and now is not None and before != now

    def _remember_devices(self, missing: Collection[str], devices: Mapping[str, int]) -> None:
        """A source from which nothing is missing is where it belongs, whatever its device is called now."""
        doubtful = set(map(source_of, missing))
        self.devices.update({name: one for name, one in devices.items() if name not in doubtful})


def _too_many(missing: int, expected: int) -> bool:
    return missing > MANY and missing > SHARE * expected
