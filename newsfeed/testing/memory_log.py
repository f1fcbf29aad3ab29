"""An article log without Redis, for tests that are about something else.

It gives the answers that :class:`~newsfeed.eventlog.EventLog` gives, and raises the same errors: both
pass :mod:`newsfeed.testing.conformance`. What it has no notion of is a connection that breaks and a
disk: tests of those need a real Redis.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from newsfeed import streams
from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.commits import MAX_BATCH, Append, Commit, Letter, Seen
from newsfeed.eventlog.entries import Entry, entry_id
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import Head
from newsfeed.eventlog.manifest import Manifest
from newsfeed.events import VersionEvent
from newsfeed.testing.memory_partition import Group, Partition

LOG_ID = UUID(int=0)
"""The id of every log in memory: there is no other that it could be mistaken for."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class MemoryStore:
    """What the server would hold; ``clock`` is the server's. Several logs on one store see the same."""

    partitions: list[Partition]
    clock: Callable[[], datetime] = _utc_now
    appended: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def empty(cls, partitions: int = 1, clock: Callable[[], datetime] = _utc_now) -> MemoryStore:
        """A store in which nothing ever happened."""
        return cls([Partition() for _ in range(partitions)], clock)


class MemoryLog:
    """The article log as one process sees it; ``partitions`` and ``clock`` are those of a new store.

    What a group does has its own methods here, since there is no Redis to ask: :meth:`acquire`,
    :meth:`deliver`, :meth:`pending` and :meth:`dead_letters`.
    """

    def __init__(
        self,
        partitions: int = 1,
        clock: Callable[[], datetime] = _utc_now,
        store: MemoryStore | None = None,
    ) -> None:
        self.store = store or MemoryStore.empty(partitions, clock)
        self.manifest = Manifest(log_id=LOG_ID, partitions=len(self.store.partitions))
        self.seen: dict[int, Seen] = {}
        """What was last seen of each partition; a commit is refused when it is not there any more."""

    def partition_of(self, subject: str) -> int:
        """The partition that holds everything about a subject."""
        return streams.partition_of(subject, self.manifest.partitions)

    async def append(self, partition: int, appends: Sequence[Append]) -> list[int]:
        """Append up to 100 events, all or none; a position each, negative for one that was there already."""
        return await self.commit(partition, appends)

    async def commit(
        self,
        partition: int,
        appends: Sequence[Append],
        *,
        lease: Lease | None = None,
        acks: Sequence[int] = (),
        dead: Sequence[Letter] = (),
    ) -> list[int]:
        """Acknowledge, dead-letter and append in one step; 0 for an event whose cause is settled already."""
        await asyncio.sleep(0)  # Others have their turn here, as they do while Redis answers.
        commit = Commit(partition, appends, lease, acks, dead)
        seen = self.seen.get(partition, Seen())
        done = self._at(partition).commit(commit, seen, self.store.clock())
        if done.tail in done.answers:
            event = appends[done.answers.index(done.tail)].event
            self.seen[partition] = Seen(done.tail, str(event.event_id))
            self.store.appended.set()
            self.store.appended = asyncio.Event()
        return list(done.answers)

    async def tail(self, partition: int) -> int:
        """The last position of a partition; 0 when it is empty."""
        return self._at(partition).tail

    async def tails(self) -> list[int]:
        """The last position of every partition."""
        return [partition.tail for partition in self.store.partitions]

    async def read(
        self, partition: int, *, after: int = 0, through: int | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Entries ``(after, through]`` in order, unreadable ones too; raises :class:`LogDamaged` at a gap."""
        stored = self._at(partition)
        position = after + 1
        while position <= (stored.tail if through is None else min(through, stored.tail)):
            if position not in stored.records:
                raise LogDamaged(f"partition {partition}: position {position} is missing")
            yield stored.records[position].entry(position)
            position += 1
        if through is None and stored.newest_id != entry_id(stored.tail):
            raise LogDamaged(f"entry {stored.newest_id} was written by somebody else")

    async def wait(self, positions: Mapping[int, int], seconds: float) -> None:
        """Return as soon as a partition holds more than its position, or after so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while all(self._at(partition).tail <= position for partition, position in positions.items()):
                    await self.store.appended.wait()

    async def entry(self, partition: int, position: int) -> Entry | None:
        """The entry at one position."""
        record = self._at(partition).records.get(position)
        return record.entry(position) if record else None

    async def entries(self, partition: int, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions; absent ones are left out."""
        found = [await self.entry(partition, position) for position in positions]
        return {entry.position: entry for entry in found if entry}

    async def heads(self, subjects: Iterable[str]) -> dict[str, Head]:
        """The head of each subject."""
        return {
            subject: self._at(self.partition_of(subject)).heads.get(subject, Head()) for subject in subjects
        }

    async def newest_versions(
        self, subjects: Iterable[str], through: Mapping[int, int] | None = None
    ) -> dict[str, VersionEvent]:
        """The event that made the newest version of each article; unknown articles are left out."""
        newest: dict[str, VersionEvent] = {}
        for subject in subjects:
            limit = None if through is None else through.get(self.partition_of(subject), 0)
            for entry in await self.history(subject):
                if isinstance(entry.event, VersionEvent) and (limit is None or entry.position <= limit):
                    newest[subject] = entry.event
        return newest

    async def history(self, subject: str) -> list[Entry]:
        """Every entry of a subject, oldest first."""
        stored = self._at(self.partition_of(subject))
        position = stored.heads.get(subject, Head()).position
        chain: list[Entry] = []
        while record := stored.records.get(position):
            chain.append(record.entry(position))
            position = record.previous
        return chain[::-1]

    async def articles(self, partition: int, sha256s: Iterable[str]) -> dict[str, ArticleDocument]:
        """The texts of article versions; absent and erased ones are left out."""
        stored = self._documents(partition, sha256s)
        return {sha256: ArticleDocument.from_bytes(data) for sha256, data in stored.items()}

    async def enrichments(self, partition: int, sha256s: Iterable[str]) -> dict[str, EnrichmentDocument]:
        """What enrichment found; absent and erased ones are left out."""
        stored = self._documents(partition, sha256s)
        return {sha256: EnrichmentDocument.from_bytes(data) for sha256, data in stored.items()}

    async def acquire(self, group: str, partition: int, owner: str = "me") -> Lease:
        """Take a partition for a group, whoever has it: from now on only this lease may commit."""
        state = self._group(group, partition)
        state.token += 1
        return Lease(group, partition, owner, str(state.token))

    async def deliver(self, group: str, partition: int, count: int = MAX_BATCH) -> list[Entry]:
        """The next entries that the group has not read; they are pending from now on."""
        state = self._group(group, partition)
        records = self._at(partition).records
        fresh = [position for position in records if position > state.delivered][:count]
        state.delivered = max(fresh, default=state.delivered)
        state.pending |= {*fresh}
        return [records[position].entry(position) for position in fresh]

    async def pending(self, group: str, partition: int) -> list[int]:
        """What the group has read and not acknowledged, in order."""
        return sorted(self._group(group, partition).pending)

    async def dead_letters(self, group: str, partition: int) -> dict[int, str]:
        """The JSON of the group's dead letters, by position."""
        return dict(sorted(self._group(group, partition).letters.items()))

    async def parked(self, group: str, partition: int) -> list[str]:
        """The names (:func:`newsfeed.streams.parked_member`) of the letters of known subjects, in order."""
        return sorted(self._group(group, partition).parked)

    def _at(self, partition: int) -> Partition:
        return self.store.partitions[partition]

    def _group(self, group: str, partition: int) -> Group:
        return self._at(partition).groups.setdefault(group, Group())

    def _documents(self, partition: int, sha256s: Iterable[str]) -> dict[str, bytes]:
        stored = self._at(partition).documents
        return {sha256: stored[sha256] for sha256 in sha256s if stored.get(sha256)}
