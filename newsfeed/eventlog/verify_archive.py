"""Are the sealed segments what they were? And the entries of a partition, wherever they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from typing import NamedTuple

from newsfeed import streams
from newsfeed.errors import SegmentDamaged
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.sealing import compare
from newsfeed.eventlog.archive.segments import (
    BEGINNING,
    SegmentManifest,
    folder,
    manifest_file,
    reach,
    sealed_names,
    span,
)
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import Entry, entry_id, read_entry
from newsfeed.eventlog.log import EventLog


class Shortcoming(NamedTuple):
    """What the archive lacks, or has too much: a code, a sentence, where, and in which segment."""

    code: str
    detail: str
    position: int
    segment: str | None = None


async def damages(log: EventLog, partition: int) -> list[SegmentDamaged]:
    """Every sealed segment that is not what its manifest, its neighbours or the log say; a sentence each."""
    archive = log.archive
    if archive is None:
        return []
    names = sealed_names(await asyncio.to_thread(archive.store.names, folder(partition)))
    sound: list[SegmentManifest] = []
    found: list[SegmentDamaged] = []
    for name in names:
        try:
            sound.append(await _checked(log, archive, name, sound))
        except SegmentDamaged as damage:
            found.append(damage)
    return found


async def _checked(
    log: EventLog, archive: Archive, name: str, sound: Sequence[SegmentManifest]
) -> SegmentManifest:
    """The manifest of a segment; raises :class:`SegmentDamaged`."""
    data = await asyncio.to_thread(archive.store.read, manifest_file(name))
    manifest = SegmentManifest.parse(name, data or b"")
    if manifest is None:
        raise SegmentDamaged(name, "its manifest is not what was written")
    if manifest.log_id != archive.log_id:
        raise SegmentDamaged(name, "its manifest is that of another log")
    await asyncio.to_thread(archive.checked, manifest)
    await compare(log, archive, manifest)
    before = {one.sha256 for one in sound if one.last == manifest.first - 1}
    if manifest.first == 1:
        before = {BEGINNING}
    if before and manifest.previous_sha256 not in before:
        raise SegmentDamaged(name, "it follows another segment than the one that stands before it")
    return manifest


def lost_positions(damaged: Sequence[SegmentDamaged]) -> list[range]:
    """What cannot be read while it is not in Redis, either."""
    return [span(one.name) for one in damaged]


async def shortcomings(log: EventLog, partition: int, lost: Collection[range]) -> list[Shortcoming]:
    """The archive must still have what it had, and must not know more than the log."""
    if log.archive is None:
        return []
    found: list[Shortcoming] = []
    mark = await checkpoint(log.redis, streams.ARCHIVE, partition)
    pieces = await log.archive.pieces(partition)
    spans = [(piece.first, piece.last) for piece in pieces] + [(one.start, one.stop - 1) for one in lost]
    gone = reach(spans) + 1
    if gone <= mark:
        detail = f"the positions {gone} to {mark} were archived, and not all of them are now"
        found.append(Shortcoming("segment_missing", detail, gone))
    tail = await log.tail(partition)
    if pieces and pieces[-1].last > tail:
        segment = pieces[-1].segment.name
        detail = f"segment {segment} goes on to {pieces[-1].last}, the log ends at {tail}"
        found.append(Shortcoming("tail_lost", detail, tail, segment))
    return found


async def pages(
    log: EventLog, partition: int, tail: int, lost: Collection[range]
) -> AsyncGenerator[list[Entry], None]:
    """The entries up to the tail, archived ones first; unlike :meth:`EventLog.read` it passes gaps."""
    position = 1
    while position <= tail:
        raws = await log.redis.xrange(
            streams.log(partition), entry_id(position), entry_id(tail), count=MAX_BATCH
        )
        page = [read_entry(raw) for raw in raws or ()]
        if not page or page[0].position > position:
            first = min(await log.reading.first(partition), tail + 1)
            if position < first:
                async with aclosing(_archived(log, partition, position, first - 1, lost)) as archived:
                    async for entries in archived:
                        yield entries
                position = first
                continue
            if not page:
                return
        yield page
        position = page[-1].position + 1


async def _archived(
    log: EventLog, partition: int, first: int, last: int, lost: Collection[range]
) -> AsyncGenerator[list[Entry], None]:
    """What the archive has of some positions, but for the segments that are damaged."""
    for piece in await log.archive.pieces(partition) if log.archive else ():
        start, end = max(piece.first, first), min(piece.last, last)
        if start > end or any(start in span_ for span_ in lost):
            continue
        assert log.archive is not None
        page: list[Entry] = []
        async with aclosing(log.archive.read(partition, after=start - 1, through=end)) as entries:
            async for entry in entries:
                page.append(entry)
                if len(page) == MAX_BATCH:
                    yield page
                    page = []
        if page:
            yield page
