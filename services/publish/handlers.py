"""Closing windows: gather, compose, render, and one call that makes the digest a fact."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from newsfeed import logs, streams
from newsfeed.channels import Channel
from newsfeed.envelope import derive_id
from newsfeed.errors import LogDamaged, Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.channel_log import ChannelLog, Cursor, WindowClosed
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.redaction import redact
from newsfeed.events import DigestPublished, WindowSkipped
from newsfeed.health import server_time
from newsfeed.runtime import Runtime
from services.publish.cadence import due_boundary
from services.publish.composing import compose, facts_of
from services.publish.digests import Digest
from services.publish.rendering import Rendered, render
from services.publish.windows import Contents, contents

HALTING_ERRORS: tuple[type[Exception], ...] = (*PASSING_ERRORS, LogDamaged)
"""What concerns every channel: Redis is away, or the log is not to be trusted."""

Ancestors = Callable[[str], tuple[str, ...]]


class RenderingFailed(Poisonous):
    """A template or time zone could not be read; as a bare OSError it would look as if Redis were away."""


class ChannelPublisher:
    """Publishes one channel. Any number of processes may: the log lets one of them close a window."""

    def __init__(self, log: EventLog, channel: Channel, ancestors: Ancestors) -> None:
        self._log = log
        self._channel = channel
        self._ancestors = ancestors
        self._facts = ChannelLog(log.redis, channel.name)

    async def publish_due(self, now: datetime) -> int:
        """Close every window that is due; the number of digests that came out."""
        count = 0
        while True:
            cursor = await self._facts.cursor()
            boundary = due_boundary(self._channel, cursor.closed_at, now)
            if boundary is None or not await self._is_worth_closing(cursor):
                return count
            found = await contents(self._log, self._facts, self._channel, cursor, boundary)
            if found.is_empty and not self._channel.cron:
                return count
            try:
                count += await self._close(cursor, found)
            except WindowClosed:
                continue
            done = {one.partition: one.through for one in found.window.ranges}
            await advance(self._log.redis, streams.channel_reader(self._channel.name), done)

    async def _is_worth_closing(self, cursor: Cursor) -> bool:
        """A calendar's window is always recorded; one of seconds only if anything happened."""
        if self._channel.cron:
            return True
        tails = await self._log.tails()
        return any(tail > cursor.positions.get(partition, 0) for partition, tail in enumerate(tails))

    async def _close(self, cursor: Cursor, found: Contents) -> int:
        window_id = cursor.next_id(found.window.closed_at)
        number = cursor.number + 1
        digest = compose(
            self._channel,
            number,
            window_id,
            found.window,
            found.candidates,
            found.withdrawals,
            found.delivered,
            self._ancestors,
        )
        if digest is None:
            await self._facts.close(window_id, cursor, self._skipped(window_id, found), cursor.number)
            logs.get_logger().debug("publish.window_skipped", channel=self._channel.name, window_id=window_id)
            return 0
        await self._bring_out(window_id, cursor, found, digest)
        return 1

    async def _bring_out(self, window_id: str, cursor: Cursor, found: Contents, digest: Digest) -> None:
        rendered = await self._rendered(digest)
        bodies = {hashlib.sha256(body).hexdigest(): body for body in rendered.values()}
        await self._facts.write_bodies(bodies)
        items, notices = facts_of(digest, found.candidates)
        fact = DigestPublished(
            event_id=derive_id("digest", self._channel.name, window_id),
            occurred_at=found.window.closed_at,
            correlation_id=derive_id("digest", self._channel.name, window_id),
            channel=self._channel.name,
            channel_version=self._channel.version,
            number=digest.number,
            window=found.window,
            items=items,
            notices=notices,
            bodies={name: hashlib.sha256(body).hexdigest() for name, body in rendered.items()},
        )
        await self._facts.close(window_id, cursor, fact, digest.number, rendered["json"])
        await self._take_erased_out(fact)
        logs.get_logger().info(
            "publish.digest_published",
            channel=self._channel.name,
            number=digest.number,
            stream_id=window_id,
            item_count=len(items),
            notice_count=len(notices),
            article_ids=[*(item.article_id for item in items), *(notice.article_id for notice in notices)],
            correlation_ids=sorted({str(c.enriched.correlation_id) for c in found.candidates}),
            sha256=digest.sha256,
        )

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

    def _skipped(self, window_id: str, found: Contents) -> WindowSkipped:
        return WindowSkipped(
            event_id=derive_id("skipped", self._channel.name, window_id),
            occurred_at=found.window.closed_at,
            correlation_id=derive_id("skipped", self._channel.name, window_id),
            channel=self._channel.name,
            channel_version=self._channel.version,
            window=found.window,
        )


async def publish_channels(
    runtime: Runtime, channels: Sequence[Channel], ancestors: Ancestors, tick_seconds: float
) -> None:
    """Publish every channel for ever; one that fails is told of and tried again, the others go on."""
    publishers = {channel.name: ChannelPublisher(runtime.log, channel, ancestors) for channel in channels}
    runtime.details["channels"] = [*publishers]
    while True:
        now = datetime.fromtimestamp(await server_time(runtime.redis), UTC)
        for name, publisher in publishers.items():
            try:
                await publisher.publish_due(now)
                runtime.troubles.pop(name, None)
            except HALTING_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 one broken channel must not silence the others
                if name not in runtime.troubles:
                    logs.get_logger().exception("publish.channel_failed", channel=name)
                runtime.troubles[name] = f"channel {name}: {type(error).__name__}"
        await rest(tick_seconds)
