"""Trimming: what every reader is done with, and the archive holds, leaves Redis; nothing else ever does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import orjson
from redis.exceptions import ResponseError

from newsfeed import streams
from newsfeed.eventlog.archive.segments import reach
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.scripts import script

ENTRIES_AT_ONCE = 1000
"""Entries that one call of the script lets go: about 1 ms of the server's time."""


@dataclass(frozen=True, slots=True)
class Trim:
    """What a trim came to.

    ``floor`` is the last position that may go, and ``holder`` who needs the one behind it; ``count``
    entries went (or, in a dry run, would go). ``refused`` names what is not known: then nothing went.
    """

    partition: int
    count: int = 0
    floor: int | None = None
    holder: str | None = None
    refused: str | None = None


async def trim(log: EventLog, partition: int, *, dry_run: bool = False, through: int | None = None) -> Trim:
    """Let go of what the archive holds and no reader needs; with ``through`` never more than up to there."""
    if gone := await _gone(log, partition):
        return Trim(partition, refused=gone)
    groups = await _groups(log.redis, partition)
    keys = [streams.log(partition), streams.tail(partition), streams.checkpoints(partition)]
    keys += [streams.letters(partition, group) for group in groups]
    arguments: list[str | int] = [ENTRIES_AT_ONCE, int(dry_run), "" if through is None else through]
    arguments += [len(groups), *groups, *await _kept_projections(log.redis)]
    run = script(log.redis, "trim")
    done = Trim(partition)
    while True:
        kind, *answer = await run(keys=keys, args=arguments)
        if kind == b"UNKNOWN":
            return replace(done, refused=cast("bytes", answer[0]).decode())
        count, floor, holder = int(answer[0]), int(answer[1]), cast("bytes", answer[2]).decode()
        done = Trim(partition, done.count + count, floor, holder)
        if dry_run or count < ENTRIES_AT_ONCE:
            return done


async def _gone(log: EventLog, partition: int) -> str | None:
    """What the archive should hold and does not; None when it holds all that was ever sealed."""
    if log.archive is None:
        return "the archive"
    mark = await checkpoint(log.redis, streams.ARCHIVE, partition)
    end = reach((piece.first, piece.last) for piece in await log.archive.pieces(partition))
    return f"the segment of position {end + 1}" if end < mark else None


async def _groups(redis: Client, partition: int) -> list[str]:
    """Every group of the log: those that must be there, and whoever else made one."""
    try:
        found = [cast("bytes", group["name"]) for group in await redis.xinfo_groups(streams.log(partition))]
    except ResponseError:  # There is no log: the script says so.
        found = []
    return sorted({*streams.GROUPS, *(name.decode() for name in found)})


async def _kept_projections(redis: Client) -> list[str]:
    """The checkpoints that must be there: those of every version of a read model that is kept."""
    stored = cast("dict[bytes, bytes]", await redis.hgetall(streams.PROJECTIONS))
    readers: list[str] = []
    for name, data in sorted(stored.items()):
        told = orjson.loads(data)
        versions = {*told.get("kept", ()), told.get("live"), told.get("building")} - {None}
        readers += [f"{name.decode()}:{version}" for version in sorted(versions)]
    return readers
