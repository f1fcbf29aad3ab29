"""Logs with a bug, each of a kind that stores of events have been seen with.

A proof of a log is worth something if these fail it. None is for use.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from redis.asyncio.client import Pipeline

from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import Commit, Letter, Seen
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import ERASED, pack
from newsfeed.eventlog.entries import (
    FIELD_DATA,
    FIELD_EVENT_ID,
    FIELD_PREVIOUS,
    FIELD_VERSION,
    entry_id,
    position_of,
)
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import read_head
from newsfeed.eventlog.manifest import Manifest
from newsfeed.eventlog.scripts import source
from newsfeed.testing.memory_partition import EPOCH, Group, Partition, Record


class _ScriptChanged(EventLog):
    """A log whose script has some words changed."""

    right: ClassVar[str]
    wrong: ClassVar[str]

    def __init__(self, redis: Client, manifest: Manifest) -> None:
        super().__init__(redis, manifest)
        script = source("commit")
        if script.count(self.right) != 1:  # Not an assertion: a test would take it for the bug that it found.
            raise LookupError(f"the script does not say {self.right!r} any more: plant the bug elsewhere")
        self._commit = redis.register_script(script.replace(self.right, self.wrong))


class LengthAsTail(_ScriptChanged):
    """Takes the number of entries for the last position: wrong as soon as anything was trimmed."""

    right = "tonumber(stored[1] or '0'), tonumber"
    wrong = "call('XLEN', log), tonumber"


class RecentIds(_ScriptChanged):
    """Looks for an event among the newest three only, as a set of recent ids with a limit does."""

    right = "while walk > stop do"
    wrong = "while walk > stop and n - walk < 3 do"


class NoIdempotency(_ScriptChanged):
    """Appends whatever comes, as often as it comes."""

    right = "if duplicate then"
    wrong = "if false then"


class OneByOne(EventLog):
    """Appends the events of a batch one after the other: what was appended before a conflict stays."""

    async def commit(
        self,
        partition: int,
        appends: Sequence[Append],
        *,
        lease: Lease | None = None,
        acks: Sequence[int] = (),
        dead: Sequence[Letter] = (),
    ) -> list[int]:
        """Each for itself; with the last one what is to be acknowledged."""
        answers: list[int] = []
        for append in appends[:-1]:
            answers += await super().commit(partition, [append], lease=lease)
        return answers + await super().commit(partition, appends[-1:], lease=lease, acks=acks, dead=dead)


class MultiInsteadOfLua(EventLog):
    """Checks on the client, then writes with MULTI: right for one writer, wrong for two.

    What MULTI queues is executed to its end although a command in it failed.
    """

    async def commit(
        self,
        partition: int,
        appends: Sequence[Append],
        *,
        lease: Lease | None = None,
        acks: Sequence[int] = (),
        dead: Sequence[Letter] = (),
    ) -> list[int]:
        """Load, check, write."""
        commit = Commit(partition, appends, lease, acks, dead)
        state = await self._loaded(commit)
        before = state.tail
        done = state.commit(commit, self.seen.get(partition, Seen()), datetime.now(UTC))
        async with self.redis.pipeline(transaction=True) as pipeline:
            self._queue(pipeline, commit, state, before)
            await pipeline.execute()
        self._remember(partition, appends, done)
        return list(done.answers)

    async def _loaded(self, commit: Commit) -> Partition:
        """As much of the partition as a commit can look at, at one moment."""
        partition, key = commit.partition, streams.log(commit.partition)
        subjects = [append.event.subject for append in commit.appends]
        name = commit.lease.group if commit.lease else ""
        pipeline = self.redis.pipeline(transaction=True)
        pipeline.xrange(key)
        pipeline.hgetall(streams.tail(partition))
        pipeline.get(streams.fence(partition, name))
        pipeline.xinfo_stream(key)  # This and the next are errors where there is no stream or no group.
        pipeline.xpending_range(key, name, "-", "+", 10_000)
        for subject in subjects:
            pipeline.hget(self._heads_key(partition, subject), subject)
        raw, tail, token, info, pending, *heads = await pipeline.execute(raise_on_error=False)
        state = Partition(
            records={position_of(id_): _record(fields) for id_, fields in raw if id_.startswith(b"0-")},
            tail=int(tail.get(b"n", 0)),
            newest_id="0-0" if isinstance(info, Exception) else info["last-generated-id"].decode(),
            recorded_at=EPOCH + timedelta(microseconds=int(tail.get(b"r", 0))),
            heads={one: read_head(head) for one, head in zip(subjects, heads, strict=True) if head},
        )
        if commit.lease:
            positions = {position_of(one["message_id"]) for one in pending}
            state.groups[name] = Group(pending=positions, token=int(token or 0))
        return state

    def _queue(self, pipeline: Pipeline, commit: Commit, state: Partition, before: int) -> None:
        partition, key = commit.partition, streams.log(commit.partition)
        for position in range(before + 1, state.tail + 1):
            pipeline.xadd(key, _fields(state.records[position]), id=entry_id(position))
        for subject, head in state.heads.items():
            stored = f"{head.version}|{head.position}" + (f"|{head.erased}" if head.erased else "")
            if head.position > before:
                pipeline.hset(self._heads_key(partition, subject), subject, stored)
        for sha256, document in state.documents.items():
            stored_document = pack(document) if document else ERASED
            pipeline.set(streams.content(partition, sha256), stored_document, nx=bool(document))
        if state.tail > before:
            recorded_us = (state.recorded_at - EPOCH) // timedelta(microseconds=1)
            pipeline.hset(streams.tail(partition), mapping={"n": state.tail, "r": recorded_us})
        for name, group in state.groups.items():
            _queue_group(pipeline, commit, name, group)


def _queue_group(pipeline: Pipeline, commit: Commit, name: str, group: Group) -> None:
    for position, letter in group.letters.items():
        pipeline.hset(streams.dead(commit.partition, name), str(position), letter)
        pipeline.zadd(streams.letters(commit.partition, name), {str(position): position})
    if commit.acks:
        pipeline.xack(streams.log(commit.partition), name, *map(entry_id, commit.acks))


def _fields(record: Record) -> dict[Any, Any]:
    return {
        FIELD_EVENT_ID: record.event_id,
        FIELD_VERSION: record.version,
        FIELD_PREVIOUS: record.previous,
        FIELD_DATA: record.data,
    }


def _record(fields: dict[bytes, bytes]) -> Record:
    return Record(
        fields[FIELD_EVENT_ID].decode(),
        int(fields[FIELD_VERSION]),
        int(fields[FIELD_PREVIOUS]),
        fields[FIELD_DATA],
    )
