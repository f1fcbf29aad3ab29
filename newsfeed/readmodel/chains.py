"""Whose chain an entry belongs to, also when it cannot be read itself."""

from __future__ import annotations

from collections.abc import Mapping

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry


async def before_of(
    log: EventLog, partition: int, entry: Entry, at_hand: Mapping[int, Entry]
) -> Entry | None:
    """The entry before one in its chain; None at the beginning, and where the log was trimmed."""
    if not entry.previous:
        return None
    return at_hand.get(entry.previous) or await log.entry(partition, entry.previous)


async def named_before(log: EventLog, partition: int, entry: Entry, at_hand: Mapping[int, Entry]) -> Entry:
    """The newest entry of a chain, up to one, that tells whose it is; the first if none of it does."""
    while entry.nameless:
        before = await before_of(log, partition, entry, at_hand)
        if before is None:
            break
        entry = before
    return entry


async def first_of(log: EventLog, partition: int, entry: Entry, at_hand: Mapping[int, Entry]) -> Entry:
    """The entry that a chain begins with, as far as the log still knows it."""
    while (before := await before_of(log, partition, entry, at_hand)) is not None:
        entry = before
    return entry
