"""What a group could not process, why, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.errors import Poisonous
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.scripts import script


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
            subject=event.subject if event else None,
            correlation_id=str(event.correlation_id) if event else None,
            reason=error.reason if isinstance(error, Poisonous) else "handler_failed",
            detail=error.detail if isinstance(error, Poisonous) else type(error).__name__,
            attempts=attempts,
            died_at=datetime.now(UTC),
        )


class DeadLetters:
    """The dead letters of every group on one Redis."""

    def __init__(self, redis: Client, partitions: int) -> None:
        self._redis = redis
        self._partitions = partitions
        self._requeue = script(redis, "requeue")

    async def count(self, group: str) -> int:
        """How many dead letters a group has."""
        return sum([await self._redis.hlen(streams.dead(p, group)) for p in range(self._partitions)])

    async def all(self, group: str) -> AsyncIterator[DeadLetter]:
        """Every dead letter of a group, by partition, in bounded memory."""
        for partition in range(self._partitions):
            async for _, letter in self._redis.hscan_iter(streams.dead(partition, group), count=100):
                yield DeadLetter.model_validate_json(letter)

    async def get(self, group: str, partition: int, position: int) -> DeadLetter | None:
        """One dead letter."""
        stored = await self._redis.hget(streams.dead(partition, group), str(position))
        return DeadLetter.model_validate_json(stored) if stored else None

    async def requeue(self, group: str, partition: int, position: int) -> bool:
        """Make the event pending again in its old place; False when it is not there any more."""
        keys = [streams.log(partition), streams.dead(partition, group)]
        arguments: list[str | int] = [group, streams.consumer(partition, group), position]
        return int(await self._requeue(keys=keys, args=arguments)) == 1

    async def drop(self, group: str, partition: int, position: int) -> bool:
        """Forget a dead letter; its event stays in the log."""
        return bool(await self._redis.hdel(streams.dead(partition, group), str(position)))
