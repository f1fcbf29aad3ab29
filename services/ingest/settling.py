"""Which seeds are due: settled, and not known as they are. A pure decision; the clock comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from services.ingest.looks import Look, is_empty, parts_of

SORTED_AT_ONCE = 5000
"""So many files take a few milliseconds."""


@dataclass(slots=True)
class Settling:
    """Remembers since when each undone file has looked the way it looks.

    ``settle_seconds`` is the shortest time between the two looks, ``empty_seconds`` the grace of a
    file without content; times are seconds of any clock that never goes back.
    """

    settle_seconds: float
    empty_seconds: float
    fresh_count: int = 0
    """How many files were not waiting at the listing before the last."""
    _since: dict[str, tuple[Look, float]] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)
    _oldest: float | None = None
    _next: float | None = None

    def due(self, files: Mapping[str, Look], known: Mapping[str, Look], now: float) -> list[str]:
        """The settled files whose look is not the known one, by mtime and then by name.

        All that takes a while with many files is done here, which can be called in a thread.
        """
        waiting = {path: look for path, look in files.items() if known.get(path) != look}
        self.fresh_count = sum(path not in self._since for path in waiting)
        self._since = {path: self._first_look(path, look, now) for path, look in waiting.items()}
        self._not_before = {path: at for path, at in self._not_before.items() if path in waiting}
        self._oldest = min(
            (since for path, (_, since) in self._since.items() if path not in self._not_before), default=None
        )
        self._next = min((self._due_at(path) for path in self._since), default=None)
        return list(_in_order(waiting, [path for path in waiting if self._due_at(path) <= now]))

    def postpone(self, path: str, until: float) -> None:
        """Do not offer the file before ``until``, unless it looks different then."""
        self._not_before[path] = until

    def hurry(self, path: str) -> None:
        """Do not wait any longer with a file that was postponed."""
        self._not_before.pop(path, None)

    def waited_seconds(self, now: float) -> float:
        """How long the file has waited that waits longest, postponed ones left out; 0 while there is none."""
        return now - self._oldest if self._oldest is not None else 0.0

    @property
    def waiting_count(self) -> int:
        """How many files are not done: settling, due or postponed."""
        return len(self._since)

    def next_due_at(self) -> float | None:
        """When the next file could become due, as of the last listing; None while there is none."""
        return self._next

    def _first_look(self, path: str, look: Look, now: float) -> tuple[Look, float]:
        before = self._since.get(path)
        if before and before[0] == look:
            return before
        self._not_before.pop(path, None)
        return look, now

    def _due_at(self, path: str) -> float:
        look, since = self._since[path]
        settled_at = since + (self.empty_seconds if is_empty(look) else self.settle_seconds)
        return max(settled_at, self._not_before.get(path, settled_at))


def _in_order(looks: Mapping[str, Look], paths: Sequence[str]) -> Iterator[str]:
    """The paths by mtime and then by name.

    Python sorts without letting other threads run, which must not wait until 100,000 files are in order:
    so they are sorted some at a time, and merged.
    """
    keyed = ((parts_of(looks[path]).mtime_ns, path) for path in paths)
    slices = iter(lambda: sorted(islice(keyed, SORTED_AT_ONCE)), [])
    return (path for _, path in merge(*slices))
