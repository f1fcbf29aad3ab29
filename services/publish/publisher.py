"""Closing the windows of one channel: gather, compose, render, and one call that makes it a fact."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from newsfeed import logs, streams
from newsfeed.channels import Channel
from newsfeed.envelope import derive_id
from newsfeed.errors import Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, WindowClosed
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.cursor import NO_WINDOW, Cursor
from newsfeed.eventlog.redaction import redact
from newsfeed.events import DigestPublished, WindowSkipped
from newsfeed.values import DigestRevised, Range, Window
from services.publish.arrivals import Arrivals
from services.publish.beginning import positions_before
from services.publish.cadence import deadline, due_boundary, in_milliseconds, is_dropped
from services.publish.candidates import Candidate
from services.publish.composing import compose, compose_extra, facts_of
from services.publish.digests import Digest
from services.publish.querying import Ancestors
from services.publish.rendering import Rendered, render
from services.publish.resting import Rest, is_beyond
from services.publish.revising import revisions
from services.publish.windows import Contents, contents

QUIET = timedelta(seconds=2)
"""For so long an immediate channel keeps a window open that holds nothing for its readers."""


class RenderingFailed(Poisonous):
    """A template or time zone could not be read; as a bare OSError it would look as if Redis were away."""


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
    ) -> None:
        self._log = log
        self._arrivals = arrivals
        self._rest = Rest(channel)
        self._begins_at = begins_at
        """What was recorded before is no concern of a channel without windows."""
        self._channel = channel
        self._ancestors = ancestors
        self._facts = ChannelLog(log.redis, channel.name)
        self._seen: list[int] | None = None
        """The tails of the log when the open window was last looked into."""
        self._deadline: datetime | None = None
        """When an article of the open window must be out."""

    async def publish_due(self, now: datetime) -> int:
        """Close every window that is due; the number of digests that came out."""
        count = 0
        while not (self._arrivals and self._rest.lasts(now, self._arrivals.tails)):
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

    async def _begun(self, cursor: Cursor) -> int | None:
        """Skip what was recorded before a new channel began, as its first window; None where nothing was."""
        if self._begins_at is None or cursor.window_id != NO_WINDOW:
            return None
        begins_at = in_milliseconds(self._begins_at)
        through = await positions_before(self._log, begins_at)
        self._begins_at = None
        if not any(through.values()):
            return None
        ranges = (Range(partition=p, after=0, through=position) for p, position in through.items())
        window = Window(closed_at=begins_at, ranges=tuple(ranges))
        return await self._close(cursor, Contents(window, [], [], {}), None)

    async def _closed_one(self, cursor: Cursor, now: datetime) -> int | None:
        """The digests (0 or 1) of the next window that is due; None if none is."""
        boundary = due_boundary(self._channel, cursor.closed_at, now)
        if boundary is None or not await self._is_worth_closing(cursor):
            return await self._closed_early(cursor, now)
        found = await self._contents(cursor, boundary)
        if found.is_empty and not self._channel.is_calendar:
            return None
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
            self._log, self._facts, self._channel, cursor, boundary, arrivals=self._arrivals
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
        channel = self._channel
        may_wait = channel.is_calendar and channel.max_wait_seconds is not None
        if channel.retractions != "immediate" and not may_wait:
            return None
        tails = await self._tails()
        if tails == self._seen and (self._deadline is None or now < self._deadline):
            return None
        at = max(in_milliseconds(now), cursor.closed_at or in_milliseconds(now))
        found = await self._contents(cursor, at)
        if channel.retractions == "immediate" and await self._retracted(cursor, found):
            return 1
        self._seen, self._deadline = tails, None
        digest = self._composed(cursor, found) if may_wait else None
        if digest is None:
            return None
        self._deadline = due = deadline(channel, waiting_since(digest, found.candidates))
        if due is None or now < due + timedelta(seconds=channel.settle_seconds):
            return None
        found = await self._contents(cursor, max(due, cursor.closed_at or due))
        return await self._close(cursor, found, self._composed(cursor, found))

    async def _retracted(self, cursor: Cursor, found: Contents) -> bool:
        """Whether an extra digest came out for what was withdrawn in the open window."""
        ranges = (
            Range(partition=one.partition, after=one.after, through=one.after) for one in found.window.ranges
        )
        window = found.window.model_copy(update={"ranges": tuple(ranges)})
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
            await self._bring_out(cursor, digest, (), window, extra=True)
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
            window_id = cursor.next_id(found.window.closed_at)
            await self._facts.close(window_id, cursor, self._skipped(window_id, found.window), cursor.number)
            logs.get_logger().debug("publish.window_skipped", channel=self._channel.name, window_id=window_id)
        else:
            await self._bring_out(cursor, digest, found.candidates, found.window)
        await self._told({one.partition: one.through for one in found.window.ranges})
        return int(digest is not None)

    async def _told(self, through: Mapping[int, int]) -> None:
        """The log up to there is not needed any more."""
        await advance(self._log.redis, streams.channel_reader(self._channel.name), through)

    async def _bring_out(
        self,
        cursor: Cursor,
        digest: Digest,
        candidates: Iterable[Candidate],
        window: Window,
        *,
        extra: bool = False,
    ) -> None:
        rendered = await self._rendered(digest)
        revised = await self._revised(digest)
        items, notices = facts_of(digest, candidates)
        event_id = derive_id("digest", self._channel.name, digest.stream_id)
        fact = DigestPublished(
            event_id=event_id,
            occurred_at=window.closed_at,
            correlation_id=event_id,
            channel=self._channel.name,
            channel_version=self._channel.version,
            number=digest.number,
            window=window,
            items=items,
            notices=notices,
            bodies=await self._stored(rendered),
            extra=extra,
            revises=revised,
        )
        await self._facts.close(digest.stream_id, cursor, fact, digest.number, rendered["json"])
        await self._take_erased_out(fact)
        logs.get_logger().info(
            "publish.digest_published",
            channel=self._channel.name,
            number=digest.number,
            stream_id=digest.stream_id,
            item_count=len(items),
            notice_count=len(notices),
            article_ids=[*(item.article_id for item in items), *(notice.article_id for notice in notices)],
            correlation_ids=sorted({str(one.enriched.correlation_id) for one in candidates}),
            sha256=digest.sha256,
        )

    async def _revised(self, digest: Digest) -> tuple[DigestRevised, ...]:
        """The earlier digests that show a tombstone from this one on, their bodies stored."""
        revised = [
            DigestRevised(
                number=one.digest.number,
                revision=one.digest.revision,
                article_ids=one.article_ids,
                bodies=await self._stored(await self._rendered(one.digest)),
            )
            for one in await revisions(self._facts, digest.notices, digest)
        ]
        return tuple(revised)

    async def _stored(self, rendered: Rendered) -> dict[str, str]:
        """The sha256 of each body; the bodies stand in Redis before the fact that names them."""
        named = {name: hashlib.sha256(body).hexdigest() for name, body in rendered.items()}
        await self._facts.write_bodies({sha256: rendered[name] for name, sha256 in named.items()})
        return named

    async def _take_erased_out(self, fact: DigestPublished) -> None:
        """What was erased while the digest was made is in it; who dies before this leaves it to `keep`."""
        ends = {one.partition: one.through for one in fact.window.ranges}
        heads = await self._log.heads(fact.article_ids)
        erased = {
            article_id
            for article_id, head in heads.items()
            if head.erased > ends[self._log.partition_of(article_id)]
        }
        if erased:
            await redact(self._log.redis, self._channel.name, erased)

    async def _rendered(self, digest: Digest) -> Rendered:
        try:
            return await asyncio.to_thread(render, digest, self._channel)
        except OSError as error:
            raise RenderingFailed("rendering_failed", type(error).__name__) from error

    def _skipped(self, window_id: str, window: Window) -> WindowSkipped:
        return WindowSkipped(
            event_id=derive_id("skipped", self._channel.name, window_id),
            occurred_at=window.closed_at,
            correlation_id=derive_id("skipped", self._channel.name, window_id),
            channel=self._channel.name,
            channel_version=self._channel.version,
            window=window,
        )


def waiting_since(digest: Digest, candidates: Iterable[Candidate]) -> datetime | None:
    """When the first article of a digest that was not shown yet was enriched; None if it has none."""
    shown = {item.article_id for item in digest.items} | {*digest.more}
    recorded = (one.enriched.recorded_at for one in candidates if one.article_id in shown)
    return min((at for at in recorded if at), default=None)
