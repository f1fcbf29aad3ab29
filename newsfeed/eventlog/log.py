"""The partitioned article log: append and read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from newsfeed import streams
from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.commits import Append, Commit, Committed, Letter, Seen, understood
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import read_documents
from newsfeed.eventlog.entries import Entry, entry_id
from newsfeed.eventlog.forgotten import without_forgotten
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.manifest import Manifest
from newsfeed.eventlog.reading import Reading
from newsfeed.eventlog.scripts import script
from newsfeed.events import VersionEvent


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a subject: its version and position; 0 and 0 when there is none.

    ``erased`` is the position of the newest erasure: texts of before are gone for good.
    """

    version: int = 0
    position: int = 0
    erased: int = 0


class EventLog:
    """One log of facts on one Redis. Safe to share between tasks; opens nothing by itself.

    With its archive it reads as if nothing was ever trimmed: see :mod:`newsfeed.eventlog.opening`.
    """

    def __init__(self, redis: Client, manifest: Manifest, archive: Archive | None = None) -> None:
        self.redis = redis
        self.manifest = manifest
        self.archive = archive
        self.reading = Reading(redis, archive)
        self.seen: dict[int, Seen] = {}
        """What was last seen of each partition; a commit is refused when it is not there any more."""
        self._commit = script(redis, "commit")

    def partition_of(self, subject: str) -> int:
        """The partition that holds everything about a subject."""
        return streams.partition_of(subject, self.manifest.partitions)

    def _heads_key(self, partition: int, subject: str) -> str:
        bucket = streams.bucket_of(subject, self.manifest.partitions, self.manifest.buckets)
        return streams.heads(partition, bucket)

    async def append(self, partition: int, appends: Sequence[Append]) -> list[int]:
        """Append up to 100 events of one partition, all or none.

        Returns a position per event, negative for one that was there already. Raises
        :class:`LogConflict`, :class:`LogDamaged`, :class:`LogForgotten`; then nothing was written.
        """
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
        """Acknowledge ``acks``, dead-letter ``dead`` and append, in one step.

        The answer for an event whose cause somebody else acknowledged is 0: it was not appended.
        Raises also :class:`LeaseLost` and :class:`LogBehind`; then nothing was written.
        """
        commit = Commit(partition, appends, lease, acks, dead)
        done = await without_forgotten(self.reading, commit, self._committed)
        self._remember(partition, appends, done)
        return list(done.answers)

    async def _committed(self, commit: Commit) -> Committed:
        buckets = [self._heads_key(commit.partition, append.event.subject) for append in commit.appends]
        keys, arguments = commit.request(buckets, self.seen.get(commit.partition, Seen()))
        return understood(await self._commit(keys=keys, args=arguments))

    def _remember(self, partition: int, appends: Sequence[Append], done: Committed) -> None:
        if done.tail in done.answers:
            event = appends[done.answers.index(done.tail)].event
            self.seen[partition] = Seen(done.tail, str(event.event_id))

    async def tail(self, partition: int) -> int:
        """The last position of a partition; 0 when it is empty."""
        return int(await self.redis.hget(streams.tail(partition), "n") or 0)

    async def tails(self) -> list[int]:
        """The last position of every partition."""
        return [await self.tail(partition) for partition in range(self.manifest.partitions)]

    async def read(
        self, partition: int, *, after: int = 0, through: int | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Entries ``(after, through]`` in order, unreadable ones too; raises :class:`LogDamaged` at a gap."""
        async with aclosing(self.reading.pages(partition, after, through)) as pages:
            async for page in pages:
                for entry in page:
                    yield entry

    async def wait(self, positions: Mapping[int, int], seconds: float) -> None:
        """Return as soon as a partition holds more than its position, or after so many seconds."""
        after = {streams.log(partition): entry_id(position) for partition, position in positions.items()}
        await self.redis.xread(cast("dict[Any, Any]", after), count=1, block=round(seconds * 1000))

    async def entry(self, partition: int, position: int) -> Entry | None:
        """The entry at one position."""
        return (await self.entries(partition, [position])).get(position)

    async def entries(self, partition: int, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions, in one round trip; absent ones are left out."""
        found = await self.reading.at((partition, position) for position in positions)
        return {entry.position: entry for entry in found.values()}

    async def heads(self, subjects: Iterable[str]) -> dict[str, Head]:
        """The head of each subject, in one round trip."""
        wanted = list(dict.fromkeys(subjects))
        pipeline = self.redis.pipeline(transaction=False)
        for subject in wanted:
            pipeline.hget(self._heads_key(self.partition_of(subject), subject), subject)
        return {
            subject: read_head(stored)
            for subject, stored in zip(wanted, await pipeline.execute(), strict=True)
        }

    async def newest_versions(
        self, subjects: Iterable[str], through: Mapping[int, int] | None = None
    ) -> dict[str, VersionEvent]:
        """The event that made the newest version of each article; unknown articles are left out.

        With ``through`` (position by partition): as it was when the log ended there.
        """
        positions = {subject: head.position for subject, head in (await self.heads(subjects)).items()}
        newest: dict[str, VersionEvent] = {}
        while positions := {subject: position for subject, position in positions.items() if position}:
            places = {subject: (self.partition_of(subject), at) for subject, at in positions.items()}
            found = await self.reading.at(places.values())
            for subject, place in places.items():
                entry = found.get(place)
                positions[subject] = entry.previous if entry else 0
                limit = through.get(self.partition_of(subject), 0) if through is not None else None
                seen = entry is not None and (limit is None or entry.position <= limit)
                if entry and seen and isinstance(entry.event, VersionEvent):
                    newest[subject] = entry.event
                    positions[subject] = 0
        return newest

    async def history(self, subject: str) -> list[Entry]:
        """Every entry of a subject, oldest first, by walking its chain."""
        partition = self.partition_of(subject)
        position = (await self.heads([subject]))[subject].position
        chain: list[Entry] = []
        while position and (entry := await self.entry(partition, position)):
            chain.append(entry)
            position = entry.previous
        return chain[::-1]

    async def articles(self, partition: int, sha256s: Iterable[str]) -> dict[str, ArticleDocument]:
        """The texts of article versions; absent and erased ones are left out."""
        stored = await read_documents(self.redis, partition, sha256s)
        return {sha256: ArticleDocument.from_bytes(data) for sha256, data in stored.items()}

    async def enrichments(self, partition: int, sha256s: Iterable[str]) -> dict[str, EnrichmentDocument]:
        """What enrichment found; absent and erased ones are left out."""
        stored = await read_documents(self.redis, partition, sha256s)
        return {sha256: EnrichmentDocument.from_bytes(data) for sha256, data in stored.items()}


def read_head(stored: bytes | None) -> Head:
    """A head in its stored form; raises ValueError for what is none."""
    if not stored:
        return Head()
    version, position, *erased = stored.split(b"|")
    return Head(int(version), int(position), int(erased[0]) if erased else 0)
