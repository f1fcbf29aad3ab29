"""One version of a projection in Redis: states by bucket, parked articles, and a checkpoint a partition."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from newsfeed import streams
from newsfeed.errors import Retryable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.fields import Change, apply
from newsfeed.eventlog.scripts import script
from newsfeed.readmodel.parking import UNKNOWN, ParkedArticle, parked_group
from newsfeed.readmodel.projection import Placed, Projection

S = TypeVar("S")

BUCKETS_AT_ONCE = 64
"""Buckets that are read, or removed, in one round trip: some 30 000 articles at most."""


class VersionGone(Retryable):
    """The version of the read model was dropped meanwhile: ask the one that is live now."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a version holds of some subjects, as it is kept; what is absent is left out."""

    states: Mapping[str, bytes]
    parked: Mapping[str, bytes]


class ModelStore(Generic[S]):
    """A version of a projection. What it says is whole up to the checkpoint of each partition.

    The checkpoint exists for as long as the version does: it comes first and it goes first.
    """

    def __init__(self, log: EventLog, projection: Projection[S], version: int) -> None:
        self.projection = projection
        self.version = version
        self.reader = streams.model_reader(projection.name, version)
        self.group = parked_group(projection.name, version)
        self._log = log
        self._redis = log.redis

    async def begin(self) -> None:
        """Make the checkpoints, unless they are there; where one is missing, what it vouched for is void."""
        for partition in range(self._log.manifest.partitions):
            buckets = [self._key(partition, bucket) for bucket in range(self._log.manifest.buckets)]
            keys = [streams.checkpoints(partition), self._parked(partition), *buckets]
            await script(self._redis, "begin")(keys=keys, args=[self.reader])

    async def is_whole(self) -> bool:
        """Whether every partition has its checkpoint."""
        pipeline = self._redis.pipeline(transaction=False)
        for partition in range(self._log.manifest.partitions):
            pipeline.hexists(streams.checkpoints(partition), self.reader)
        return all(await pipeline.execute())

    async def checkpoint(self, partition: int) -> int:
        """The last position that is in the states; raises :class:`VersionGone`."""
        return self._known(await self._redis.hget(streams.checkpoints(partition), self.reader))

    async def stored(self, partition: int, subjects: Iterable[str], parked: Iterable[str] = ()) -> Stored:
        """What is kept of some subjects, and which of others are parked, in one round trip.

        Who is parked is asked first: an article that is released in between shows as parked still, and
        a commit that saw it so is refused; the other way round its old state would be folded on.
        """
        wanted, may_be_parked = list(subjects), list(parked)
        pipeline = self._redis.pipeline(transaction=False)
        for subject in may_be_parked:
            pipeline.hget(self._parked(partition), subject)
        for subject in wanted:
            pipeline.hget(self._bucket(partition, subject), subject)
        pipeline.hget(streams.checkpoints(partition), self.reader)  # Last: it goes before all else does.
        *answers, checkpoint = await pipeline.execute()
        self._known(checkpoint)
        found, kept = answers[: len(may_be_parked)], answers[len(may_be_parked) :]
        return Stored(_present(wanted, kept), _present(may_be_parked, found))

    async def commit(
        self,
        partition: int,
        checkpoint: tuple[int, int],
        states: Mapping[str, Placed[S]],
        parked: Mapping[str, ParkedArticle | None],
        seen: Mapping[str, bytes],
    ) -> bool:
        """Move the checkpoint from one position to another, with the states that belong to it.

        ``parked`` are the articles that stop or, with None, go on; ``seen`` is what stood there of those
        that were parked before. False when the checkpoint, or one of those, is another by now.
        """
        key, letters = streams.checkpoints(partition), self._parked(partition)
        change = Change(guards=[(key, self.reader, checkpoint[0])])
        change.guards += [(letters, subject, letter) for subject, letter in seen.items()]
        for subject, placed in states.items():
            change.writes.append((self._bucket(partition, subject), subject, self.projection.packed(placed)))
        for subject, parked_article in parked.items():
            if parked_article is None:
                change.removals.append((letters, subject))
            else:
                change.writes.append((letters, subject, parked_article.model_dump_json()))
        change.writes.append((key, self.reader, checkpoint[1]))
        return await self._apply(change)

    async def release(
        self, partition: int, parked_as: str, seen: bytes, subject: str, placed: Placed[S] | None
    ) -> bool:
        """Let a parked article go on from a state; False when more of it was passed by meanwhile."""
        letters = self._parked(partition)
        change = Change(guards=[(letters, parked_as, seen)], removals=[(letters, parked_as)])
        if placed is not None:
            packed = self.projection.packed(placed)
            change.writes.append((self._bucket(partition, subject), subject, packed))
        return await self._apply(change)

    async def _apply(self, change: Change) -> bool:
        return await apply(self._redis, change)

    async def buckets(self, partition: int) -> AsyncGenerator[tuple[int, dict[str, bytes]], None]:
        """Every bucket of a partition in order, with what is kept of its subjects, in bounded memory."""
        for start in range(0, self._log.manifest.buckets, BUCKETS_AT_ONCE):
            numbers = range(start, min(start + BUCKETS_AT_ONCE, self._log.manifest.buckets))
            pipeline = self._redis.pipeline(transaction=False)
            for bucket in numbers:
                pipeline.hgetall(self._key(partition, bucket))
            pipeline.hget(streams.checkpoints(partition), self.reader)  # Last: it goes before all else does.
            *pages, checkpoint = await pipeline.execute()
            self._known(checkpoint)
            for bucket, page in zip(numbers, pages, strict=True):
                yield bucket, {subject.decode(): stored for subject, stored in page.items()}

    async def letters(self, partition: int) -> AsyncGenerator[bytes, None]:
        """Why each parked article of a partition is parked, in bounded memory."""
        async for _, letter in self._redis.hscan_iter(self._parked(partition), count=100):
            yield letter

    async def parked_subjects(self, partition: int) -> list[str]:
        """The articles that are parked, as far as they are known."""
        found = cast("list[bytes]", await self._redis.hkeys(self._parked(partition)))
        return [subject for name in found if not (subject := name.decode()).startswith(UNKNOWN)]

    async def parked_count(self) -> int:
        """How many articles are parked."""
        partitions = range(self._log.manifest.partitions)
        return sum([await self._redis.hlen(self._parked(partition)) for partition in partitions])

    async def drop(self) -> None:
        """Remove the version in small steps; nobody reads or writes it once its checkpoints are gone."""
        for partition in range(self._log.manifest.partitions):
            await self._redis.hdel(streams.checkpoints(partition), self.reader)
        for partition in range(self._log.manifest.partitions):
            await self._redis.unlink(self._parked(partition))
            for start in range(0, self._log.manifest.buckets, BUCKETS_AT_ONCE):
                numbers = range(start, min(start + BUCKETS_AT_ONCE, self._log.manifest.buckets))
                await self._redis.unlink(*[self._key(partition, bucket) for bucket in numbers])

    def bucket_of(self, subject: str) -> int:
        """The bucket that holds a subject."""
        return streams.bucket_of(subject, self._log.manifest.partitions, self._log.manifest.buckets)

    def _bucket(self, partition: int, subject: str) -> str:
        return self._key(partition, self.bucket_of(subject))

    def _key(self, partition: int, bucket: int) -> str:
        return streams.read_model(partition, self.projection.name, self.version, bucket)

    def _parked(self, partition: int) -> str:
        return streams.model_parked(partition, self.projection.name, self.version)

    def _known(self, checkpoint: bytes | str | None) -> int:
        if checkpoint is None:
            raise VersionGone(f"version {self.version} of {self.projection.name} was dropped")
        return int(checkpoint)


def _present(subjects: list[str], answers: Iterable[Any]) -> dict[str, bytes]:
    return {subject: stored for subject, stored in zip(subjects, answers, strict=True) if stored}
