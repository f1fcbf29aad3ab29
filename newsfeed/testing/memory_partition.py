"""One partition of the log in memory: what ``commit.lua`` does, said in Python.

This is the executable specification of a commit. It checks everything before it writes anything,
and :mod:`newsfeed.testing.conformance` holds it and the script to the same answers.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from redis.exceptions import ResponseError

from newsfeed import streams
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, LogDamaged, LogForgotten, LogLost
from newsfeed.eventlog.commits import MAX_BATCH, Append, Commit, Committed, Seen
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.entries import (
    FIELD_DATA,
    FIELD_EVENT_ID,
    FIELD_PREVIOUS,
    FIELD_VERSION,
    Entry,
    entry_id,
    read_entry,
)
from newsfeed.eventlog.expected import matches
from newsfeed.eventlog.log import Head

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at a position: the links of its subject's chain, and the event's JSON."""

    event_id: str
    version: int
    previous: int
    data: bytes = b""

    def entry(self, position: int) -> Entry:
        """The record as readers get it."""
        fields = {
            FIELD_EVENT_ID: self.event_id.encode(),
            FIELD_VERSION: b"%d" % self.version,
            FIELD_PREVIOUS: b"%d" % self.previous,
            FIELD_DATA: self.data,
        }
        return read_entry((entry_id(position).encode(), fields))


@dataclass(slots=True)
class Group:
    """A consumer group: how far it has read, what is pending, what it gave up, and whose turn it is."""

    delivered: int = 0
    pending: set[int] = field(default_factory=set)
    token: int = 0
    letters: dict[int, str] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Planned:
    """An event that will be written if all checks pass; its documents are ``hidden`` by an erasure."""

    append: Append
    position: int
    record: Record
    head: Head
    hidden: bool


@dataclass(slots=True)
class Partition:
    """Everything that Redis would hold of a partition.

    ``newest_id`` is the id of the newest entry that anybody wrote to the stream, strangers included.
    """

    records: dict[int, Record] = field(default_factory=dict)
    tail: int = 0
    newest_id: str = "0-0"
    recorded_at: datetime = EPOCH
    heads: dict[str, Head] = field(default_factory=dict)
    documents: dict[str, bytes] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    def commit(self, commit: Commit, seen: Seen, now: datetime) -> Committed:
        """Do all of a commit, or raise what stands against it and do nothing."""
        if max(len(commit.acks), len(commit.appends), len(commit.dead)) > MAX_BATCH:
            raise ResponseError("BATCH too large")
        group = self._fenced(commit)
        self._check_tail(seen)
        live = _live(group, commit.acks)
        plan: list[_Planned] = []
        answers = [
            0 if append.cause and commit.acks and append.cause not in live else self._answer(n, append, plan)
            for n, append in enumerate(commit.appends)
        ]
        # Nothing was written so far, and nothing below can fail.
        self._write(plan, now)
        _settle(group, commit, live)
        return Committed(self.tail, answers)

    def _fenced(self, commit: Commit) -> Group:
        """The group, if the commit was made by its newest owner; a group of nobody without a lease."""
        if commit.lease is None:
            return Group()
        group = self.groups.get(commit.lease.group)
        if group is None or str(group.token) != commit.lease.token:
            raise LeaseLost("another process took the partition over")
        return group

    def _check_tail(self, seen: Seen) -> None:
        """The tail is not behind what the writer saw, holds the same there, and is where we left it."""
        there = self.records.get(seen.position)
        if seen.position > self.tail or (there and there.event_id != seen.event_id):
            raise LogLost(f"what this program saw at {entry_id(seen.position)} is gone")
        if self.newest_id != entry_id(self.tail):
            raise LogDamaged(f"the log ends at {self.newest_id}, it should end at {entry_id(self.tail)}")

    def _answer(self, index: int, append: Append, plan: list[_Planned]) -> int:
        """Where the event stands, negative, or will stand: then the plan is one event longer."""
        heads = ChainMap({one.append.event.subject: one.head for one in plan}, self.heads)
        known = ChainMap({one.position: one.record for one in plan}, self.records)
        head = heads.get(append.event.subject, Head())
        duplicate = _duplicate(index, append, head, known)
        if duplicate:
            return -duplicate
        if not matches(append.expected_version, head.version, head.position):
            newest = known.get(head.position)
            raise LogConflict(index, head.version, head.position, newest.event_id if newest else "")
        position, version = self.tail + len(plan) + 1, head.version + append.adds_version
        record = Record(str(append.event.event_id), version, head.position)
        erased = position if append.erases else head.erased
        hidden = 0 < append.cause <= head.erased
        plan.append(_Planned(append, position, record, Head(version, position, erased), hidden))
        return position

    def _write(self, plan: Sequence[_Planned], now: datetime) -> None:
        for planned in plan:
            self.recorded_at = max(self.recorded_at, now)
            append = planned.append
            recorded = self.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            added = f',"position":{planned.position},"recorded_at":"{recorded}"}}'
            data = append.encoded() + added.encode()
            self.records[planned.position] = replace(planned.record, data=data)
            self.tail, self.newest_id = planned.position, entry_id(planned.position)
            self.heads[append.event.subject] = planned.head
            for document in () if planned.hidden else append.documents:
                # One that was erased stays so: what derives from it, or repeats it, cannot bring it back.
                self.documents.setdefault(document.sha256, document.canonical_bytes())
            self.documents |= dict.fromkeys(append.erases, ERASED)


def _live(group: Group, acks: Sequence[int]) -> set[int]:
    """Which inputs are still ours to acknowledge; nothing older may be pending, or order is lost."""
    older = [position for position in group.pending if position <= max(acks, default=0)]
    skipped = set(older) - set(acks)
    if skipped:
        raise LogBehind(min(skipped))
    return set(older)


def _duplicate(index: int, append: Append, head: Head, known: Mapping[int, Record]) -> int:
    """Where the very event stands in its subject's chain; 0 when it does not.

    An equal event has at least the version that it would make, and stands behind its cause: there
    the walk ends. A link that was trimmed leaves the question open.
    """
    expected = append.expected_version
    least = expected + append.adds_version if expected >= 0 else 0
    position, version = head.position, head.version
    while position > max(append.cause, append.absent_through) and version >= least:
        record = known.get(position)
        if record is None:
            raise LogForgotten(index, position)
        if record.version < least:
            break
        if record.event_id == str(append.event.event_id):
            return position
        position, version = record.previous, record.version
    return 0


def _settle(group: Group, commit: Commit, live: set[int]) -> None:
    for letter in commit.dead:
        if letter.position in live:
            group.letters[letter.position] = letter.model_dump_json()
            if letter.subject:
                group.parked.add(streams.parked_member(letter.subject, letter.position))
    group.pending -= live
