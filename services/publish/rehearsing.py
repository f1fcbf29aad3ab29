"""The digests that a channel would have published: the publisher itself on the log of the past.

Windows and ledger are kept in memory; nothing is written. Texts that were erased since are missing, and
what waits for no boundary (immediate channels, retractions at once, articles that waited enough) comes
out as if publish had looked at that very moment.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from newsfeed.channels import Channel
from newsfeed.errors import EventUnreadable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import NO_WINDOW, Cursor, Delivered, ledger_changes, window_milliseconds
from newsfeed.events import ChannelEvent, DigestPublished
from services.publish.beginning import positions_before
from services.publish.cadence import MILLISECOND, deadline, next_boundary
from services.publish.digests import Digest
from services.publish.pressing import Press
from services.publish.publisher import ChannelPublisher
from services.publish.querying import Ancestors


@dataclass(slots=True)
class Past:
    """What a channel had told up to a time: the end of its newest window, and what readers held."""

    cursor: Cursor = field(default_factory=Cursor)
    ledger: dict[str, Delivered] = field(default_factory=dict)


async def past_of(redis: Client, channel: str, until: datetime) -> Past:
    """What a channel had really told when a time came; nothing if it had no window yet."""
    log, past = ChannelLog(redis, channel), Past()
    async with aclosing(log.facts()) as facts:
        async for window_id, fact in facts:
            if fact.window.closed_at > until:
                break
            past.cursor = log.after(past.cursor, window_id, fact)
            past.ledger |= ledger_changes(fact)
    return past


async def fresh_past(log: EventLog, since: datetime) -> Past:
    """That of a channel which begins at a time."""
    window_id = f"{window_milliseconds(since)}-0"
    positions = await positions_before(log, since)
    return Past(Cursor(window_id, 0, positions, window_id))


class RehearsedChannel(ChannelLog):
    """The facts of a channel in memory, on top of what it had really told."""

    def __init__(self, redis: Client, channel: str, past: Past) -> None:
        super().__init__(redis, channel)
        self._cursor = past.cursor
        self._first = past.cursor.number + 1
        self._ledger = dict(past.ledger)
        self._bodies: dict[str, bytes] = {}
        self._told: dict[int, DigestPublished] = {}
        self.published: list[Digest] = []

    async def cursor(self) -> Cursor:
        """The end of the newest window."""
        return self._cursor

    async def delivered(self, article_ids: Iterable[str]) -> dict[str, Delivered]:
        """What readers would hold."""
        return {one: self._ledger[one] for one in article_ids if one in self._ledger}

    async def write_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Keep rendered bytes."""
        self._bodies |= bodies

    async def body(self, sha256: str) -> bytes | None:
        """Rendered bytes, of a rehearsed digest or of one that came out."""
        return self._bodies.get(sha256) or await super().body(sha256)

    async def close(
        self, window_id: str, cursor: Cursor, fact: ChannelEvent, number: int, public: bytes = b""
    ) -> None:
        """Take a window in."""
        self._cursor = cursor.after(window_id, fact)
        self._ledger |= ledger_changes(fact)
        if isinstance(fact, DigestPublished):
            self._told[number] = fact
            self.published.append(Digest.model_validate_json(public))

    async def digest(self, number: int) -> DigestPublished | None:
        """The fact of a rehearsed digest, or of one before it."""
        return self._told.get(number) if number >= self._first else await super().digest(number)

    async def public_body(self, number: int) -> bytes | None:
        """The JSON of a rehearsed digest, or of one before it."""
        if number < self._first:
            return await super().public_body(number)
        fact = self._told.get(number)
        return self._bodies.get(fact.bodies["json"]) if fact else None


class _RehearsedPress(Press):
    async def _take_erased_out(self, fact: DigestPublished) -> None:
        """What is erased is not in it, and nothing came out."""


class Rehearsal(ChannelPublisher):
    """A publisher that writes nothing, at times that it is told."""

    def __init__(self, log: EventLog, channel: Channel, ancestors: Ancestors, past: Past) -> None:
        super().__init__(log, channel, ancestors)
        self._facts: RehearsedChannel = RehearsedChannel(log.redis, channel.name, past)
        self._press = _RehearsedPress(log, channel, self._facts)
        self._superseding = None  # Nobody waits for what is only rehearsed.
        self._start = past.cursor
        self._recorded: list[list[datetime]] = []
        self._known_tails: list[int] = []

    async def run(self, through: datetime) -> list[Digest]:
        """Every digest from the end of the past up to a time."""
        self._recorded = [await self._times(p) for p in range(self._log.manifest.partitions)]
        times = sorted({time for recorded in self._recorded for time in recorded})
        for now in sorted({*_ticks(self._channel, times, self._start.closed_at, through)}):
            if now <= through:
                self._known_tails = [self._tail(partition, now) for partition in range(len(self._recorded))]
                await self.publish_due(now)
        return self._facts.published

    async def _times(self, partition: int) -> list[datetime]:
        """When each entry behind the past was recorded; an unreadable one like the one before it."""
        times: list[datetime] = []
        after = self._start.positions.get(partition, 0)
        async with aclosing(self._log.read(partition, after=after)) as entries:
            async for entry in entries:
                unreadable = isinstance(entry.event, EventUnreadable)
                recorded_at = None if unreadable else entry.readable().recorded_at
                times.append(recorded_at or (times[-1] if times else self._start.closed_at or _EARLY))
        return times

    def _tail(self, partition: int, now: datetime) -> int:
        return self._start.positions.get(partition, 0) + bisect_left(self._recorded[partition], now)

    async def _tails(self) -> list[int]:
        return self._known_tails

    async def _told(self, through: Mapping[int, int]) -> None:
        """Nobody waits for a rehearsal."""


_EARLY = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _ticks(
    channel: Channel, times: Sequence[datetime], begin: datetime | None, end: datetime
) -> Iterator[datetime]:
    """When publish would find something to do, of a log whose entries were recorded at some times."""
    settle = timedelta(seconds=channel.settle_seconds)
    first = begin or (times[0] if times else end)
    if channel.is_calendar:
        boundary = next_boundary(channel, first)
        while boundary + settle <= end:
            yield boundary + settle
            boundary = next_boundary(channel, boundary)
    for time in times:
        if not channel.is_calendar:
            yield next_boundary(channel, time) + settle
        if channel.retractions == "immediate":
            yield time + MILLISECOND
        due = deadline(channel, time)
        if due is not None:
            at = due if channel.is_calendar else next_boundary(channel, due - MILLISECOND)
            yield at + settle


async def rehearse(
    log: EventLog, channel: Channel, ancestors: Ancestors, since: datetime, through: datetime, *, fresh: bool
) -> list[Digest]:
    """The digests of a channel whose windows close between two times.

    They go on from what the channel really told, and begin at ``since`` where it told nothing or where
    it is ``fresh``.
    """
    past = Past() if fresh else await past_of(log.redis, channel.name, since)
    if past.cursor.window_id == NO_WINDOW:
        past = await fresh_past(log, since)
    return await Rehearsal(log, channel, ancestors, past).run(through)
