"""Sealing: the next events of a partition become a segment, and only what was read back counts.

The order makes a crash harmless at every step: the segment's file, read back and compared with the
log; the manifest, which seals it; the checkpoint, which lets the log be trimmed. Whoever comes next
finds the first step that is missing. Two who seal at once cannot overwrite each other: a file is
created, never changed, and what the other wrote is compared like one's own.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

from newsfeed import streams
from newsfeed.errors import LogDamaged, LogLost, SegmentDamaged
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.rows import Row, moment, row_of
from newsfeed.eventlog.archive.segments import (
    BEGINNING,
    FORMAT,
    SegmentManifest,
    data_file,
    manifest_file,
    segment_name,
)
from newsfeed.eventlog.archive.tables import NotATable, parquet, rows_in
from newsfeed.eventlog.checkpoints import advance, checkpoint
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.log import EventLog


async def seal(
    log: EventLog, archive: Archive, partition: int, *, through: int, limit: int
) -> SegmentManifest | None:
    """Seal the next segment of at most ``limit`` events up to a position; None when all is archived.

    Raises :class:`LogDamaged` for events that cannot be archived, :class:`SegmentDamaged` for a segment
    that is there already and is not what it should be.
    """
    first = await checkpoint(log.redis, streams.ARCHIVE, partition) + 1
    if first > through:
        return None
    await archive.pieces(partition)
    found = await archive.find(partition, first)
    if found:  # Somebody sealed it and did not live to say so, or is about to.
        segment = found.segment
        await compare(log, archive, segment)
        tail = await log.tail(partition)
        if segment.last > tail:
            raise LogLost(f"partition {partition} ends at {tail}, the archive holds {segment.last}")
    else:
        last = min(through, first + limit - 1)
        rows = await hot_rows(log, partition, first, last)
        here = {row.position for row in rows}
        for position in range(first, last + 1):
            if position not in here:
                raise LogDamaged(
                    f"partition {partition}: position {position} is neither in the log nor archived"
                )
        segment = await _sealed(archive, rows, await _previous(archive, partition, first))
    await advance(log.redis, streams.ARCHIVE, {partition: segment.last})
    return segment


async def hot_rows(log: EventLog, partition: int, first: int, last: int) -> list[Row]:
    """The entries from ``first`` to ``last`` that Redis still holds, as rows of a segment."""
    rows: list[Row] = []
    start = first
    while page := await log.redis.xrange(
        streams.log(partition), entry_id(start), entry_id(last), count=MAX_BATCH
    ):
        rows += [row_of(partition, raw) for raw in page]
        start = rows[-1].position + 1
    return rows


async def compare(log: EventLog, archive: Archive, segment: SegmentManifest) -> list[Row]:
    """The rows of a sealed segment, compared with its manifest and with what Redis holds of it.

    Raises :class:`SegmentDamaged`.
    """
    rows = await archive.rows(segment)
    if [row.position for row in rows] != list(range(segment.first, segment.last + 1)):
        raise SegmentDamaged(segment.name, "it does not hold the positions that its manifest says")
    if _times(rows) != (segment.first_recorded_at, segment.last_recorded_at):
        raise SegmentDamaged(segment.name, "its times are not those that its manifest says")
    hot = await hot_rows(log, segment.partition, segment.first, segment.last)
    if hot and rows[hot[0].position - segment.first :][: len(hot)] != hot:
        raise SegmentDamaged(segment.name, "the log holds something else at its positions")
    return rows


async def _previous(archive: Archive, partition: int, first: int) -> str:
    if first == 1:
        return BEGINNING
    for segment in await archive.segments(partition):
        if segment.last == first - 1:
            return segment.sha256
    raise LogDamaged(f"partition {partition}: the archive has no segment that ends at {first - 1}")


async def _sealed(archive: Archive, rows: Sequence[Row], previous_sha256: str) -> SegmentManifest:
    """Write, read back, compare, and only then seal."""
    data = await asyncio.to_thread(_kept, archive, rows)
    first_recorded_at, last_recorded_at = _times(rows)
    manifest = SegmentManifest(
        format=FORMAT,
        log_id=archive.log_id,
        partition=rows[0].partition,
        first=rows[0].position,
        last=rows[-1].position,
        count=len(rows),
        first_recorded_at=first_recorded_at,
        last_recorded_at=last_recorded_at,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        previous_sha256=previous_sha256,
    )
    return await asyncio.to_thread(_stamped, archive, manifest)


def _times(rows: Sequence[Row]) -> tuple[object, object]:
    told = [row.recorded_at for row in rows if row.recorded_at is not None]
    return (moment(told[0]), moment(told[-1])) if told else (None, None)


def _kept(archive: Archive, rows: Sequence[Row]) -> bytes:
    """The bytes of the segment's file as the place of the archive gives them back: exactly these rows."""
    name = segment_name(rows[0].partition, rows[0].position, rows[-1].position)
    data = parquet(rows)
    archive.store.create(data_file(name), data)
    kept = archive.store.read(data_file(name))
    if not _holds(kept, rows):  # Left by one that died while it wrote: nothing has sealed it.
        archive.store.delete(data_file(name))
        archive.store.create(data_file(name), data)
        kept = archive.store.read(data_file(name))
    if kept is None or not _holds(kept, rows):
        raise SegmentDamaged(name, "what was written cannot be read back")
    return kept


def _holds(data: bytes | None, rows: Sequence[Row]) -> bool:
    if data is None:
        return False
    try:
        return rows_in(data) == list(rows)
    except NotATable:
        return False


def _stamped(archive: Archive, manifest: SegmentManifest) -> SegmentManifest:
    """Seal a segment, or find that somebody sealed the same."""
    name = manifest_file(manifest.name)
    for _ in range(2):
        archive.store.create(name, manifest.canonical_bytes())
        found = archive.store.read(name)
        sealed = SegmentManifest.parse(manifest.name, found or b"")
        if sealed is not None and sealed.sha256 == manifest.sha256:
            return sealed
        if sealed is not None:
            break
        archive.store.delete(name)  # Left by one that died while it wrote: it seals nothing.
    raise SegmentDamaged(manifest.name, "it was sealed with another content")
