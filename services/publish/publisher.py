"""Closing the windows of one channel: gather, compose, render, and one call that makes it a fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, WindowClosed
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.cursor import NO_WINDOW, Cursor
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.values import Range, Window
from services.publish.arrivals import Arrivals
from services.publish.beginning import positions_before
from services.publish.cadence import deadline, due_boundary, extra_moment, in_milliseconds, is_dropped
from services.publish.candidates import Candidate
from services.publish.composing import compose, compose_extra, facts_of
from services.publish.digests import Digest
from services.publish.pressing import Press
from services.publish.querying import Ancestors
from services.publish.resting import Rest, is_beyond
from services.publish.superseding import Superseding
from services.publish.windows import Contents, contents, uncovered

QUIET = timedelta(seconds=2)
"""For so long an immediate channel keeps a window open that holds nothing for its readers."""


class ChannelPublisher:
    """Publishes one channel. Any number of processes may: the log lets one of them close a window."""

    def __init__(
        self,
        log: EventLog,
        channel: Channel,
        ancestors: Ancestors,
        *,
        arrivals: Arrivals | None = None,
        begins_at: datetime | None = None,
        registry_log: RegistryLog | None = None,
    ) -> None:
        self._log = log
        self._arrivals = arrivals
        self._rest = Rest(channel)
        self._begins_at = begins_at
        """What was recorded before is no concern of a channel without windows."""
        self._channel = channel
        self._ancestors = ancestors
        self._facts = ChannelLog(log.redis, channel.name)
        self._press = Press(log, channel, self._facts)
        self._superseding: Superseding | None = Superseding(
            log, channel, ancestors, self._facts, registry_log or RegistryLog(log.redis)
        )
        self._withdrawn: list[int] | None = None
        """How much had been withdrawn when it was last seen that nothing has to be replaced."""
        self._seen: list[int] | None = None
        """The tails of the log when the open window was last looked into."""
        self._deadline: datetime | None = None
        """When an article of the open window must be out."""

    async def publish_due(self, now: datetime) -> int:
        """Close every window that is due; the number of digests that came out."""
        count = 0
        while not self._rests(now):
            try:
                cursor = await self._facts.cursor()
                closed = await self._begun(cursor)
                closed = await self._closed_one(cursor, now) if closed is None else closed
            except WindowClosed:
                continue
            if closed is None:
                self._rest.begin(cursor)
                break
            count += closed
        return count

    def _rests(self, now: datetime) -> bool:
        """Whether there is nothing to look at: no boundary passed, and nothing was withdrawn."""
        arrivals = self._arrivals
        if arrivals is None or arrivals.withdrawn_through != self._withdrawn:
            return False
        return self._rest.lasts(now, arrivals.tails)

    async def _begun(self, cursor: Cursor) -> int | None:
        """Skip what was recorded before a new channel began, as its first window; None where nothing was."""
        if self._begins_at is None or cursor.window_id != NO_WINDOW:
            return None
        begins_at = in_milliseconds(self._begins_at)
        if self._arrivals:
            through = await self._arrivals.positions_before(begins_at)
        else:
            through = await positions_before(self._log, begins_at)
        self._begins_at = None
        if not any(through.values()):
            return None
        ranges = (Range(partition=p, after=0, through=position) for p, position in through.items())
        window = Window(closed_at=begins_at, ranges=tuple(ranges))
        return await self._close(cursor, Contents(window, [], [], {}), None)

    async def _closed_one(self, cursor: Cursor, now: datetime) -> int | None:
        """The digests (0 or 1) of the next window that is due; None if none is."""
        boundary = due_boundary(self._channel, cursor.due_after, now)
        if boundary is None or not await self._is_worth_closing(cursor):
            return await self._closed_early(cursor, now)
        found = await self._contents(cursor, boundary)
        if found.is_empty and not self._channel.is_calendar:
            return await self._closed_early(cursor, now)
        if await self._replaced(cursor, found, now):
            return 1
        if is_dropped(self._channel, boundary, now):
            found.candidates = [one for one in found.candidates if one.article_id in found.delivered]
        digest = self._composed(cursor, found)
        if self._is_held(cursor, digest, found):
            return await self._closed_early(cursor, now)
        return await self._close(cursor, found, digest)

    async def _is_worth_closing(self, cursor: Cursor) -> bool:
        """A calendar's window is always recorded; any other only if anything happened."""
        if self._channel.is_calendar:
            return True
        return is_beyond(await self._tails(), cursor)

    async def _tails(self) -> list[int]:
        return self._arrivals.tails if self._arrivals else await self._log.tails()

    async def _contents(self, cursor: Cursor, boundary: datetime) -> Contents:
        return await contents(
            self._log,
            self._facts,
            self._channel,
            cursor,
            boundary,
            ancestors=self._ancestors,
            arrivals=self._arrivals,
        )

    def _is_held(self, cursor: Cursor, digest: Digest | None, found: Contents) -> bool:
        """Whether a window stays open at its boundary: too few articles, or nothing and no need to say so."""
        closed_at = found.window.closed_at
        if digest is None:
            before = cursor.closed_at
            return self._channel.immediate and before is not None and closed_at - before < QUIET
        if digest.notices or not 0 < len(digest.items) < self._channel.min_items:
            return False
        due = deadline(self._channel, waiting_since(digest, found.candidates))
        return due is not None and closed_at < due

    async def _closed_early(self, cursor: Cursor, now: datetime) -> int | None:
        """Between two boundaries: a retraction that may not wait, an article that has waited enough."""
        if await self._replaced_early(cursor, now):
            return 1
        channel = self._channel
        may_wait = channel.is_calendar and channel.max_wait_seconds is not None
        if channel.retractions != "immediate" and not may_wait:
            return None
        tails = await self._tails()
        if tails == self._seen and (self._deadline is None or now < self._deadline):
            return None
        found = await self._open_now(cursor, now)
        if channel.retractions == "immediate" and await self._retracted(cursor, found):
            return 1
        self._seen, self._deadline = tails if _reaches(found, now) else None, None
        return await self._waited(cursor, found, now) if may_wait else None

    async def _waited(self, cursor: Cursor, found: Contents, now: datetime) -> int | None:
        """Close the open window if an article of it has waited enough."""
        channel, digest = self._channel, self._composed(cursor, found)
        if digest is None:
            return None
        self._deadline = due = deadline(channel, waiting_since(digest, found.candidates))
        if due is None or now < due + timedelta(seconds=channel.settle_seconds):
            return None
        found = await self._contents(cursor, max(due, cursor.closed_at or due))
        return await self._close(cursor, found, self._composed(cursor, found))

    async def _open_now(self, cursor: Cursor, now: datetime) -> Contents:
        """The open window as far as a digest may tell of it that waits for no boundary."""
        return await self._contents(cursor, extra_moment(self._channel, cursor.closed_at, now))

    async def _replaced_early(self, cursor: Cursor, now: datetime) -> bool:
        """Whether a digest was replaced of which something was withdrawn, before its successor is due."""
        if self._superseding is None:
            return False
        arrivals = self._arrivals
        through = arrivals.withdrawn_through if arrivals else await self._tails()
        if through == self._withdrawn:
            return False
        withdrawn = arrivals.withdrawn(cursor.positions) if arrivals else None
        if await self._superseding.may_concern(withdrawn, now):
            found = await self._open_now(cursor, now)
            if await self._replaced(cursor, found, now):
                return True
            if not _reaches(found, now):
                return False  # What was withdrawn after that moment is seen when the boundary is closed.
        self._withdrawn = [*through]
        return False

    async def _replaced(self, cursor: Cursor, found: Contents, now: datetime) -> bool:
        """Whether a digest came out in the place of one that a part was taken out of on its way."""
        if self._superseding is None or not found.withdrawals:
            return False
        new = await self._superseding.found(cursor, found, now)
        if new is not None:
            self._seen = None
            await self._press.bring_out(cursor, new.digest, new.items, new.notices, extra=True)
        return new is not None

    async def _retracted(self, cursor: Cursor, found: Contents) -> bool:
        """Whether an extra digest came out for what was withdrawn in the open window."""
        window = uncovered(found.window)
        window_id = cursor.next_id(window.closed_at)
        digest = compose_extra(
            self._channel,
            cursor.number + 1,
            window_id,
            window,
            found.candidates,
            found.withdrawals,
            found.delivered,
        )
        if digest:
            await self._press.bring_out(cursor, digest, *facts_of(digest, found.candidates), extra=True)
        return digest is not None

    def _composed(self, cursor: Cursor, found: Contents) -> Digest | None:
        return compose(
            self._channel,
            cursor.number + 1,
            cursor.next_id(found.window.closed_at),
            found.window,
            found.candidates,
            found.withdrawals,
            found.delivered,
            self._ancestors,
        )

    async def _close(self, cursor: Cursor, found: Contents, digest: Digest | None) -> int:
        self._seen = None
        if digest is None:
            await self._press.skip(cursor, found.window)
        else:
            parts = facts_of(digest, found.candidates)
            await self._press.bring_out(cursor, digest, *parts, candidates=found.candidates)
        await self._told({one.partition: one.through for one in found.window.ranges})
        return int(digest is not None)

    async def _told(self, through: Mapping[int, int]) -> None:
        """The log up to there is not needed any more."""
        await advance(self._log.redis, streams.channel_reader(self._channel.name), through)


def waiting_since(digest: Digest, candidates: Iterable[Candidate]) -> datetime | None:
    """When the first article of a digest that was not shown yet was enriched; None if it has none."""
    shown = {item.article_id for item in digest.items} | {*digest.more}
    recorded = (one.enriched.recorded_at for one in candidates if one.article_id in shown)
    return min((at for at in recorded if at), default=None)


def _reaches(found: Contents, now: datetime) -> bool:
    """Whether a look at the open window saw everything there was."""
    return found.window.closed_at >= in_milliseconds(now)
