"""What a group could not process, why, and the way back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.errors import Poisonous
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.parking import Parking
from newsfeed.eventlog.scripts import script

STEP_LETTERS = 250
"""Letters that one step of a requeue takes: about 10 ms of the server's time."""

PAGE_LETTERS = 500
"""Letters that a listing holds at a time: about a megabyte."""

LAST_POSITION = 10**15
"""No log gets as long as this."""


class DeadLetter(BaseModel):
    """An event that its group gave up; ``reason`` is a code, ``detail`` quotes no text."""

    model_config = ConfigDict(frozen=True)

    group: str
    partition: int
    position: int
    event_id: str
    type: str | None = None
    subject: str | None = None
    correlation_id: str | None = None
    reason: str
    detail: str = ""
    attempts: int
    died_at: AwareDatetime

    @classmethod
    def of(cls, entry: Entry, error: Exception, group: str, partition: int, attempts: int) -> Self:
        """The letter for an entry that ended in an error; only its class is told of an unforeseen one."""
        event = None if isinstance(entry.event, Exception) else entry.event
        return cls(
            group=group,
            partition=partition,
            position=entry.position,
            event_id=entry.event_id,
            type=event.type if event else None,
            subject=entry.subject,
            correlation_id=str(event.correlation_id) if event else None,
            reason=error.reason if isinstance(error, Poisonous) else "handler_failed",
            detail=error.detail if isinstance(error, Poisonous) else type(error).__name__,
            attempts=attempts,
            died_at=datetime.now(UTC),
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Some dead letters of a group in one partition: all, those of one subject, or a range of positions."""

    group: str
    partition: int
    subject: str = ""
    after: int = 0
    through: int = LAST_POSITION

    @classmethod
    def only(cls, group: str, partition: int, position: int) -> Self:
        """One letter by itself."""
        return cls(group, partition, after=position - 1, through=position)

    @classmethod
    def article(cls, letter: DeadLetter) -> Self:
        """A letter with all others of its article; alone if nobody knows its article."""
        if letter.subject is None:
            return cls.only(letter.group, letter.partition, letter.position)
        return cls(letter.group, letter.partition, letter.subject)


@dataclass(frozen=True, slots=True)
class Taken:
    """One step of a requeue or a drop: how many letters were taken, and which stay.

    ``trimmed`` are the positions of letters that cannot be requeued: their events have left the log.
    """

    count: int
    trimmed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The oldest dead letter of an article, and how many of its later events wait behind it."""

    letter: DeadLetter
    behind: int = 0


class DeadLetters:
    """The dead letters of every group on one Redis; however many there are, memory holds a page."""

    def __init__(self, redis: Client, partitions: int) -> None:
        self._redis = redis
        self._partitions = partitions
        self._take = script(redis, "letters")

    async def count(self, group: str) -> int:
        """How many dead letters a group has."""
        return sum([await self._redis.zcard(streams.letters(p, group)) for p in range(self._partitions)])

    def everything(self, group: str) -> list[Chosen]:
        """Every dead letter of a group, by partition."""
        return [Chosen(group, partition) for partition in range(self._partitions)]

    async def all(self, group: str) -> AsyncGenerator[DeadLetter, None]:
        """Every dead letter of a group, by partition and position."""
        for partition in range(self._partitions):
            async for page in self._pages(group, partition):
                for letter in page:
                    yield letter

    async def waiting(self, group: str) -> AsyncGenerator[Waiting, None]:
        """The oldest dead letter of every article, by partition and position; those of no article each."""
        for partition in range(self._partitions):
            async for page in self._pages(group, partition):
                for one in await self._oldest(group, partition, page):
                    yield one

    async def get(self, group: str, partition: int, position: int) -> DeadLetter | None:
        """One dead letter."""
        stored = await self._redis.hget(streams.dead(partition, group), str(position))
        return DeadLetter.model_validate_json(stored) if stored else None

    async def oldest_of(self, letter: DeadLetter) -> Waiting | None:
        """What an article is parked behind now; None when it is free."""
        if letter.subject is None:
            return None
        lowest = await Parking(self._redis, letter.group, letter.partition).lowest([letter.subject])
        oldest = await self.get(letter.group, letter.partition, lowest.get(letter.subject, 0))
        return (await self._oldest(letter.group, letter.partition, [oldest]))[0] if oldest else None

    def requeue(self, chosen: Chosen) -> AsyncGenerator[Taken, None]:
        """Make events pending again in their old places, oldest first, in steps that are all or nothing.

        Choose whole articles: a later event that comes back alone is parked again behind the earlier.
        After the last step no letter that was chosen is left, but for trimmed ones and for those that
        died again meanwhile.
        """
        return self._steps(chosen, streams.consumer(chosen.partition, chosen.group))

    def drop(self, chosen: Chosen) -> AsyncGenerator[Taken, None]:
        """Forget letters, oldest first, in steps that are all or nothing; their events stay in the log.

        An article stays parked behind the oldest letter that it has left, and is free when it has none.
        """
        return self._steps(chosen, "")

    async def _steps(self, chosen: Chosen, consumer: str) -> AsyncGenerator[Taken, None]:
        of_group = (streams.dead, streams.letters, streams.parked)
        keys = [streams.log(chosen.partition), *(key(chosen.partition, chosen.group) for key in of_group)]
        after, looked = chosen.after, STEP_LETTERS
        while looked == STEP_LETTERS:  # A step that finds fewer has taken all there was at that moment.
            ends = (f"{after:016d}", f"{chosen.through:016d}")
            arguments = [chosen.group, consumer, chosen.subject, *ends, str(STEP_LETTERS)]
            after, looked, count, *trimmed = map(int, await self._take(keys=keys, args=arguments))
            if looked:
                yield Taken(count, tuple(trimmed))

    async def _pages(self, group: str, partition: int) -> AsyncGenerator[list[DeadLetter], None]:
        key, after = streams.letters(partition, group), 0
        while positions := cast(
            "list[bytes]", await self._redis.zrangebyscore(key, f"({after}", "+inf", 0, PAGE_LETTERS)
        ):
            stored = await self._redis.hmget(streams.dead(partition, group), *positions)
            yield [DeadLetter.model_validate_json(letter) for letter in stored if letter]
            after = int(positions[-1])

    async def _oldest(self, group: str, partition: int, page: Sequence[DeadLetter]) -> list[Waiting]:
        subjects = [letter.subject for letter in page if letter.subject is not None]
        lowest = await Parking(self._redis, group, partition).lowest(subjects)
        oldest = [one for one in page if not one.subject or lowest.get(one.subject) == one.position]
        pipeline = self._redis.pipeline(transaction=False)
        for letter in oldest:
            of_subject = f"[{letter.subject or ''}|", f"({letter.subject or ''}}}"
            pipeline.zlexcount(streams.parked(partition, group), *of_subject)
        return [
            Waiting(letter, max(count - 1, 0))
            for letter, count in zip(oldest, await pipeline.execute(), strict=True)
        ]
