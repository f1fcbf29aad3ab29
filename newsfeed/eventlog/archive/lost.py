"""Segments of a past that Redis lost: no new event may take the places that they hold."""

from __future__ import annotations

import asyncio

from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.segments import SegmentManifest, data_file, manifest_file
from newsfeed.eventlog.log import EventLog


async def ahead(log: EventLog) -> list[SegmentManifest]:
    """The segments that hold more than the log does; none while all is well."""
    if log.archive is None:
        return []
    return [
        segment
        for partition, tail in enumerate(await log.tails())
        for segment in await log.archive.segments(partition)
        if segment.last > tail
    ]


async def set_aside(log: EventLog) -> list[SegmentManifest]:
    """Take them out of the archive, under the same names with ``.lost``; nothing is thrown away.

    What such a segment has in common with the log still stands in Redis: it was sealed later than the
    state that Redis went back to, and only what was sealed before can have been trimmed there.
    """
    segments = await ahead(log)
    for segment in segments:
        assert log.archive is not None
        await asyncio.to_thread(_set_aside, log.archive, segment)
    return segments


def _set_aside(archive: Archive, segment: SegmentManifest) -> None:
    """Copies first, then the seal, then the data: a crash in between is finished by the next call."""
    for name in (data_file(segment.name), manifest_file(segment.name)):
        stem, _, ending = name.rpartition(".")
        archive.store.create(f"{stem}.lost.{ending}", archive.store.read(name) or b"")
    archive.store.delete(manifest_file(segment.name))
    archive.store.delete(data_file(segment.name))
