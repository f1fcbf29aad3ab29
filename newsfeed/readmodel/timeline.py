"""The log as one sequence: all partitions merged by time of record, then partition, then position."""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import UTC, datetime

from newsfeed.envelope import as_document
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry and where it stands; one that cannot be read has the time of the one before it."""

    partition: int
    recorded_at: datetime
    entry: Entry

    @property
    def rank(self) -> tuple[datetime, int, int]:
        """The place in the sequence."""
        return self.recorded_at, self.partition, self.entry.position


async def timeline(
    log: EventLog, after: Mapping[int, int], through: Mapping[int, int]
) -> AsyncGenerator[Recorded, None]:
    """The entries ``(after, through]`` of each partition as one sequence, one of each in memory."""
    async with AsyncExitStack() as stack:
        readers: dict[int, AsyncGenerator[Entry, None]] = {}
        for partition, position in after.items():
            reader = log.read(partition, after=position, through=through[partition])
            readers[partition] = await stack.enter_async_context(aclosing(reader))
        newest = dict.fromkeys(readers, LONG_AGO)
        heap = [found for p in readers if (found := await _next(readers, p, newest))]
        heapq.heapify(heap)
        while heap:
            _, recorded = heapq.heappop(heap)
            yield recorded
            following = await _next(readers, recorded.partition, newest)
            if following:
                heapq.heappush(heap, following)


async def _next(
    readers: Mapping[int, AsyncGenerator[Entry, None]], partition: int, newest: dict[int, datetime]
) -> tuple[tuple[datetime, int, int], Recorded] | None:
    entry = await anext(readers[partition], None)
    if entry is None:
        return None
    newest[partition] = recorded_at(entry) or newest[partition]
    recorded = Recorded(partition, newest[partition], entry)
    return recorded.rank, recorded


def recorded_at(entry: Entry) -> datetime | None:
    """When the log took an entry in; None for one that cannot be read."""
    return None if isinstance(entry.event, Exception) else entry.event.recorded_at


def entry_document(entry: Entry) -> dict[str, object]:
    """An entry as people and programs are shown it: the envelope and ``data``, or why it cannot be read."""
    if isinstance(entry.event, Exception):
        return {"event_id": entry.event_id, "position": entry.position, "error": str(entry.event)}
    return as_document(entry.event)


async def position_before(log: EventLog, partition: int, moment: datetime) -> int:
    """The last position recorded before a moment, by halving: times of record never fall."""
    low, high = 0, await log.tail(partition)
    while low < high:
        middle = (low + high + 1) // 2
        if await _is_before(log, partition, middle, moment):
            low = middle
        else:
            high = middle - 1
    return low


async def _is_before(log: EventLog, partition: int, position: int, moment: datetime) -> bool:
    """Entries that tell no time are passed over downwards."""
    while position:
        entry = await log.entry(partition, position)
        known = recorded_at(entry) if entry else None
        if known:
            return known < moment
        position -= 1
    return True
