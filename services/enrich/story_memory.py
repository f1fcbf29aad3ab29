"""An index of stories in memory: for one process that need not remember, and for trying things out."""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.story_records import WINDOW_MS, Record, Seen

MOST_OTHERS = 40
"""Articles that one is compared with: those that it shares most names with."""


def is_candidate(shared: Sequence[str]) -> bool:
    """Whether what two articles have in common is worth a closer look."""
    return len(shared) > 1 or any(name.startswith("b:") for name in shared)


class MemoryIndex:
    """Gives the answers of the index on Redis."""

    def __init__(self, *, filled: bool = False) -> None:
        self._records: dict[str, Record] = {}
        self._sequence = 0
        self._newest_ms = 0
        self._filled = filled

    async def look(self, article_id: str, names: Sequence[str], at_ms: int) -> Seen:
        """What is there now that has something in common with an article."""
        counts = dict.fromkeys(names, 0)
        others: list[tuple[int, Record]] = []
        wanted = set(names)
        for other in self._records.values():
            if abs(other.at_ms - at_ms) > WINDOW_MS:
                continue
            shared = [name for name in other.names if name in wanted]
            for name in shared:
                counts[name] += 1
            if other.article_id != article_id and is_candidate(shared):
                others.append((len(shared), other))
        others.sort(key=lambda pair: (-pair[0], pair[1].article_id))
        known = self._records.get(article_id)
        best = [other for _, other in others[:MOST_OTHERS]]
        return Seen(self._sequence, self._filled, known, best, counts, len(self._records))

    async def place(self, record: Record, seen: Seen) -> bool:
        """Put a record in the place of the article's one before; False if anything changed since."""
        if seen.sequence != self._sequence:
            return False
        self._sequence += 1
        self._newest_ms = max(self._newest_ms, record.at_ms)
        self._records[record.article_id] = record
        horizon = self._newest_ms - WINDOW_MS
        self._records = {key: one for key, one in self._records.items() if one.at_ms >= horizon}
        return True

    async def mark_filled(self) -> None:
        """Say that everything that the log has to tell is in the index."""
        self._filled = True

    async def clear(self) -> None:
        """Forget everything."""
        self._records, self._newest_ms, self._filled = {}, 0, False
        self._sequence += 1
