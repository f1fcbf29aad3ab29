"""What a projection says now: a stored version, and on top of it what the log holds beyond.

So an answer is never older than the log, whether or not anybody projects, and stays right while a
version is swapped: who began on the old one finishes on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, TypeVar

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import Entry
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.projection import Placed, Projection
from newsfeed.readmodel.store import ModelStore

S = TypeVar("S")


async def live_store(log: EventLog, projection: Projection[S]) -> ModelStore[S] | None:
    """The version that answers; None before the first one, and when another release's fold made it."""
    versions = await read_versions(log.redis, projection.name)
    if versions.live is None or versions.folds.get(versions.live) != projection.fold:
        return None
    store = ModelStore(log, projection, versions.live)
    return store if await store.is_whole() else None


@dataclass(frozen=True, slots=True)
class Current(Generic[S]):
    """A projection as it is when the log ends at ``through``, a position of each partition, or later.

    What cannot be read or folded is left out of its subject. Without a store all is folded from the log.
    """

    log: EventLog
    projection: Projection[S]
    store: ModelStore[S] | None
    through: Sequence[int]

    async def states(self) -> AsyncGenerator[tuple[int, str, Placed[S]], None]:
        """Partition, subject and state: by partition, by bucket, by subject; raises ``VersionGone``.

        Memory holds a page of the version and the states that changed since its checkpoint.
        """
        for partition in range(len(self.through)):
            newer = await self._beyond(partition)
            async with aclosing(self._pages(partition, newer)) as pages:
                async for stored, changed in pages:
                    for subject in sorted({*stored, *changed}):
                        placed = await self._newest(partition, subject, stored, changed)
                        if placed is not None:
                            yield partition, subject, placed

    async def sha256(self) -> str:
        """Over all states exactly at ``through``: the same for every version of the same fold.

        A subject that moved on meanwhile is folded from its own events up to there.
        """
        digest = hashlib.sha256()
        async with aclosing(self.states()) as found:
            async for partition, subject, placed in found:
                late = placed.position > self.through[partition]
                exact = await self._from_history(partition, subject) if late else placed
                if exact is not None:
                    packed = self.projection.packed(exact)
                    digest.update(f"{partition} {subject} {len(packed)} ".encode() + packed)
        return digest.hexdigest()

    async def _beyond(self, partition: int) -> dict[str, Placed[S]]:
        """The states that the log changes beyond the checkpoint, and those of parked articles."""
        start = await self.store.checkpoint(partition) if self.store else 0
        newer: dict[str, Placed[S]] = {}
        page: list[Entry] = []
        reader = self.log.read(partition, after=start, through=self.through[partition])
        async with aclosing(reader) as entries:
            async for entry in entries:
                page.append(entry)
                if len(page) == MAX_BATCH:
                    await self._fold(partition, page, newer)
                    page.clear()
        await self._fold(partition, page, newer)
        for subject in await self.store.parked_subjects(partition) if self.store else ():
            placed = await self._from_history(partition, subject)
            if placed is not None:
                newer[subject] = placed
        return newer

    async def _fold(self, partition: int, page: Sequence[Entry], newer: dict[str, Placed[S]]) -> None:
        """Fold entries on top of what is known already, or else stored."""
        known = [
            (entry.event.subject, entry)
            for entry in page
            if not isinstance(entry.event, Exception) and self.projection.wants(entry)
        ]
        unseen = {subject for subject, _ in known} - newer.keys()
        stored = (await self.store.stored(partition, unseen)).states if self.store and unseen else {}
        for subject in stored:
            placed = await self._newest(partition, subject, stored, {})
            if placed is not None:
                newer[subject] = placed
        for subject, entry in known:
            placed = self.projection.leniently_after(newer.get(subject), entry)
            if placed is not None:
                newer[subject] = placed

    async def _newest(
        self, partition: int, subject: str, stored: Mapping[str, bytes], newer: Mapping[str, Placed[S]]
    ) -> Placed[S] | None:
        """What is stored may have moved on meanwhile; what is damaged there, the log knows better."""
        placed = newer.get(subject)
        if subject not in stored:
            return placed
        try:
            kept = self.projection.unpacked(stored[subject])
        except ValueError:
            return await self._from_history(partition, subject)
        return kept if placed is None or placed.position < kept.position else placed

    async def _from_history(self, partition: int, subject: str) -> Placed[S] | None:
        placed: Placed[S] | None = None
        for entry in await self.log.history(subject):
            if entry.position <= self.through[partition]:
                placed = self.projection.leniently_after(placed, entry)
        return placed

    async def _pages(
        self, partition: int, newer: Mapping[str, Placed[S]]
    ) -> AsyncGenerator[tuple[dict[str, bytes], dict[str, Placed[S]]], None]:
        """The buckets in order, each with what is stored and what is newer of its subjects."""
        by_bucket: dict[int, dict[str, Placed[S]]] = {}
        manifest = self.log.manifest
        for subject, placed in newer.items():
            bucket = streams.bucket_of(subject, manifest.partitions, manifest.buckets)
            by_bucket.setdefault(bucket, {})[subject] = placed
        if self.store is None:
            for bucket in sorted(by_bucket):
                yield {}, by_bucket[bucket]
            return
        async with aclosing(self.store.buckets(partition)) as pages:
            async for bucket, stored in pages:
                yield stored, by_bucket.get(bucket, {})
