"""The archiver: seals what is due, partition by partition, and lets the log go if it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta

from newsfeed import logs, streams
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.sealing import seal
from newsfeed.eventlog.archive.segments import SegmentManifest
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.leases import Lease, Leases
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.trimming import Trim, trim
from newsfeed.settings import Settings

LOOK_SECONDS = 5.0
"""How often the archiver looks for what is due."""


async def seal_up_to(
    log: EventLog, archive: Archive, partition: int, *, through: int, limit: int
) -> list[SegmentManifest]:
    """Seal everything up to a position, in segments of at most ``limit`` events; what was sealed."""
    sealed: list[SegmentManifest] = []
    while segment := await seal(log, archive, partition, through=through, limit=limit):
        sealed.append(segment)
        logs.get_logger().info("archive.segment_sealed", segment=segment.name, count=segment.count)
    return sealed


async def due(log: EventLog, partition: int, settings: Settings, now: datetime) -> int:
    """The position up to which a partition is to be sealed now; 0 when nothing is due.

    Whole segments always are; the rest is when its oldest event is old enough.
    """
    mark, tail = await checkpoint(log.redis, streams.ARCHIVE, partition), await log.tail(partition)
    whole = mark + (tail - mark) // settings.archive_events * settings.archive_events
    oldest = await _recorded_at(log, partition, whole)
    if oldest is not None and oldest <= now - timedelta(seconds=settings.archive_seconds):
        return tail
    return whole if whole > mark else 0


async def _recorded_at(log: EventLog, partition: int, after: int) -> datetime | None:
    """When the first entry behind a position that tells it was recorded."""
    async with aclosing(log.read(partition, after=after)) as entries:
        async for entry in entries:
            if not isinstance(entry.event, Exception):
                return entry.event.recorded_at
    return None


async def trim_old(log: EventLog, archive: Archive, partition: int, before: datetime) -> Trim | None:
    """Trim the segments that were recorded before a moment; None when there is none."""
    old = [
        piece.last
        for piece in await archive.pieces(partition)
        if piece.segment.last_recorded_at and piece.segment.last_recorded_at < before
    ]
    return await trim(log, partition, through=max(old)) if old else None


@asynccontextmanager
async def held(leases: Leases, partition: int, renew_seconds: float) -> AsyncIterator[Lease | None]:
    """The archiver's lease of a partition, kept for as long as needed; None while somebody else has it.

    It only saves double work: whoever loses it on the way and goes on does no harm.
    """
    lease = await leases.acquire(partition)
    if lease is None:
        yield None
        return
    keeper = asyncio.create_task(_keep(leases, lease, renew_seconds))
    try:
        yield lease
    finally:
        await end(keeper)
        await leases.release(lease)


async def _keep(leases: Leases, lease: Lease, renew_seconds: float) -> None:
    while await leases.renew(lease):
        await rest(renew_seconds)


async def archive_log(log: EventLog, archive: Archive, settings: Settings, owner: str) -> None:
    """Seal, and if so set trim, for ever; any number of processes may do it beside each other."""
    leases = Leases(log.redis, streams.ARCHIVE, owner, settings.lease_seconds)
    while True:
        for partition in range(log.manifest.partitions):
            async with held(leases, partition, settings.renew_seconds) as lease:
                if lease:
                    await archive_due(log, archive, partition, settings)
        await rest(LOOK_SECONDS)


async def archive_due(log: EventLog, archive: Archive, partition: int, settings: Settings) -> None:
    """One look at one partition."""
    seconds, microseconds = await log.redis.time()
    now = datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)
    through = await due(log, partition, settings, now)
    await seal_up_to(log, archive, partition, through=through, limit=settings.archive_events)
    if settings.trim_after_seconds is None:
        return
    trimmed = await trim_old(log, archive, partition, now - timedelta(seconds=settings.trim_after_seconds))
    if trimmed and (trimmed.count or trimmed.refused):
        logs.get_logger().info(
            "archive.log_trimmed" if not trimmed.refused else "archive.trim_refused",
            partition=partition,
            count=trimmed.count,
            floor=trimmed.floor,
            holder=trimmed.holder,
            unknown=trimmed.refused,
        )
