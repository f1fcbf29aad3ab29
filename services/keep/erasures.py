"""Ending what an erasure began, whoever died in between; and, if so set, erasing what a wire killed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

from newsfeed import logs, streams
from newsfeed.errors import LogConflict
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.channel_log import recorded_channels
from newsfeed.eventlog.checkpoints import advance, checkpoint
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.erasure import (
    erase,
    forget_on_disk,
    is_passed,
    keep_out,
    redact_all,
    shared_with,
    texts_of,
)
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.shares import Shares
from newsfeed.events import ArticleErased, ArticleWithdrawn
from newsfeed.health import instance_name
from newsfeed.runtime import Runtime

KILLED = "wire_canceled"
"""The reason of a withdrawal, and of an erasure, that a wire asked for."""


async def follow_erasures(runtime: Runtime, *, erase_on_kill: bool) -> None:
    """See every erasure through, for a fair share of the partitions, until cancelled."""
    owner = f"{instance_name()}:{uuid4().hex[:8]}"
    leases = Leases(runtime.redis, streams.ERASURES, owner, runtime.settings.lease_seconds)
    follow = partial(_follow, runtime, erase_on_kill=erase_on_kill)
    await Shares(leases, runtime.log.manifest.partitions, follow).run(
        runtime.settings.renew_seconds, _nothing
    )


async def _nothing() -> None:
    return


async def _follow(runtime: Runtime, partition: int, *, erase_on_kill: bool) -> None:
    log = runtime.log
    follower = Follower(log, partition, erase_on_kill=erase_on_kill)
    position = await checkpoint(log.redis, streams.ERASURES, partition)
    while True:
        position = await follower.step(position)
        if position == await log.tail(partition):
            await log.wait({partition: position}, runtime.settings.polling_seconds)
        await rest(0)


class Follower:
    """Follows one partition. An erasure is done with when no window gathered before it can close any more."""

    def __init__(self, log: EventLog, partition: int, *, erase_on_kill: bool) -> None:
        self._log = log
        self._partition = partition
        self._erase_on_kill = erase_on_kill
        self._open: dict[int, str] = {}
        self._is_on_disk = False

    async def step(self, after: int) -> int:
        """See through what stands behind a position; the position that was looked at last.

        The checkpoint waits for the channels, the reading does not: whoever starts again begins there.
        """
        through = min(await self._log.tail(self._partition), after + MAX_BATCH)
        async with aclosing(self._log.read(self._partition, after=after, through=through)) as entries:
            async for entry in entries:
                await self._see(entry)
        await self._close()
        if self._is_on_disk:
            await self._forget()
        done = min((position - 1 for position in self._open), default=through)
        await advance(self._log.redis, streams.ERASURES, {self._partition: done})
        return through

    async def _see(self, entry: Entry) -> None:
        match entry.event:
            case ArticleErased() as event:
                await keep_out(self._log, event.content_sha256s)
                await self._redact({event.article_id})
                self._open[entry.position] = event.article_id
                self._is_on_disk = True
            case ArticleWithdrawn(reason="wire_canceled") as event if self._erase_on_kill:
                await self._erase(event)

    async def _erase(self, killed: ArticleWithdrawn) -> None:
        """Take the texts down; what other articles share is theirs, and is told of."""
        while True:
            texts = await texts_of(self._log, killed.article_id)
            shared = await shared_with(self._log, [texts])
            copied = {sha256 for sha256s in shared.copies.values() for sha256 in sha256s}
            if texts.newest != killed:
                return
            if copied:
                logs.get_logger().warning("keep.text_shared", article_ids=[killed.article_id, *shared.copies])
            try:
                await erase(self._log, texts, KILLED, datetime.now(UTC), kept=shared.enrichments | copied)
            except LogConflict:
                continue
            return

    async def _close(self) -> None:
        """Look once more at the digests of channels that were on their way when an article was erased."""
        channels = await recorded_channels(self._log.redis) if self._open else []
        passed = {
            position: article_id
            for position, article_id in self._open.items()
            if await is_passed(self._log, channels, self._partition, position)
        }
        if passed:
            await self._redact({*passed.values()})
            for position in passed:
                del self._open[position]

    async def _redact(self, article_ids: Collection[str]) -> None:
        for digest in await redact_all(self._log.redis, article_ids):
            self._is_on_disk = True
            logs.get_logger().info("keep.digest_redacted", channel=digest.channel, number=digest.number)

    async def _forget(self) -> None:
        """Once for all that was erased in a step: Redis writes all of its data anew."""
        for refusal in await forget_on_disk(self._log.redis):
            logs.get_logger().warning("keep.files_not_rewritten", detail=refusal)
        self._is_on_disk = False
