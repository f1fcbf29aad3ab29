"""Where a channel begins that was defined when the log already held something."""

from __future__ import annotations

from datetime import datetime

from newsfeed.errors import EventUnreadable
from newsfeed.eventlog import EventLog


async def positions_before(log: EventLog, moment: datetime) -> dict[int, int]:
    """In each partition the last position that was recorded before a moment; 0 where there is none."""
    tails = await log.tails()
    return {
        partition: await _last_before(log, partition, tail, moment) for partition, tail in enumerate(tails)
    }


async def _last_before(log: EventLog, partition: int, tail: int, moment: datetime) -> int:
    """By halving: times of record never fall."""
    low, high = 0, tail
    while low < high:
        middle = (low + high + 1) // 2
        at, recorded_at = await _readable_from(log, partition, middle, high)
        if recorded_at is not None and recorded_at < moment:
            low = at
        else:
            high = middle - 1
    return low


async def _readable_from(log: EventLog, partition: int, first: int, last: int) -> tuple[int, datetime | None]:
    """The first entry from a position on that says when it was recorded: an unreadable one does not."""
    for position in range(first, last + 1):
        entry = await log.entry(partition, position)
        if entry is not None and not isinstance(entry.event, EventUnreadable):
            return position, entry.event.recorded_at
    return last, None
