"""A log with the doors that only tests of the log need: groups, other processes, strangers, accidents.

:mod:`newsfeed.testing.conformance` and :mod:`newsfeed.testing.stateful` reach a log through
:class:`LogUnderTest` and know nothing else of it. Whoever writes a third log writes a third of these.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from newsfeed import streams
from newsfeed.eventlog import ArticleLog, EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import entry_id, position_of
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.leases import Lease, Leases
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.testing.memory_log import MemoryLog

GROUP = streams.ENRICH
"""The group that every test of a log reads with; the partition is 0."""

PARTITIONS = 2
"""Of every log under test; the articles a, b, c, e, f and i are in partition 0, d and g in 1."""


class LogUnderTest(Protocol):
    """An empty log of two partitions, and what happens around it. All but ``log`` is about partition 0."""

    @property
    def log(self) -> ArticleLog:
        """The log, as one process sees it."""

    def another(self) -> ArticleLog:
        """The same log, as a process sees it that has just begun and remembers nothing."""

    async def take(self) -> Lease:
        """A new lease of the group; whoever held the partition before is fenced out."""

    async def deliver(self, count: int = 100) -> list[int]:
        """The positions of the next entries that the group has not read; they are pending from now on."""

    async def pending(self) -> list[int]:
        """The positions that the group has read and not acknowledged, in order."""

    async def letters(self) -> list[int]:
        """The positions of the group's dead letters, in order."""

    async def parked(self) -> list[str]:
        """The names (:func:`newsfeed.streams.parked_member`) of the letters of known subjects, in order."""

    async def recorded_until(self, moment: datetime) -> None:
        """Make it as if the newest event had been recorded at a moment, whatever the clock says."""

    async def stranger(self) -> None:
        """Let somebody who knows nothing of positions write to the log."""

    async def lose(self, position: int) -> None:
        """Take an entry out from between others."""

    async def trim(self, through: int) -> None:
        """Take the entries out up to a position."""

    async def copy(self) -> Any:  # noqa: ANN401 only the same log knows what to do with it
        """All that is stored, as it is now."""

    async def restore(self, copy: Any) -> None:  # noqa: ANN401 as above
        """Go back to a copy, as a failover to a replica that was behind does."""


class MemoryUnderTest:
    """A log in memory."""

    def __init__(self) -> None:
        self.log = MemoryLog(PARTITIONS)

    def another(self) -> MemoryLog:
        """The same store, remembering nothing."""
        return MemoryLog(store=self.log.store)

    async def take(self) -> Lease:
        """A new lease."""
        return await self.log.acquire(GROUP, 0)

    async def deliver(self, count: int = 100) -> list[int]:
        """The positions that become pending."""
        return [entry.position for entry in await self.log.deliver(GROUP, 0, count)]

    async def pending(self) -> list[int]:
        """Read and not acknowledged."""
        return await self.log.pending(GROUP, 0)

    async def letters(self) -> list[int]:
        """The positions of dead letters."""
        return [*await self.log.dead_letters(GROUP, 0)]

    async def parked(self) -> list[str]:
        """Their names."""
        return await self.log.parked(GROUP, 0)

    async def recorded_until(self, moment: datetime) -> None:
        """Set what the clock is held against."""
        self.log.store.partitions[0].recorded_at = moment

    async def stranger(self) -> None:
        """The id that a plain XADD gets: milliseconds of Unix time."""
        self.log.store.partitions[0].newest_id = "1780000000000-0"

    async def lose(self, position: int) -> None:
        """Take one entry out."""
        del self.log.store.partitions[0].records[position]

    async def trim(self, through: int) -> None:
        """Take the oldest entries out."""
        records = self.log.store.partitions[0].records
        for position in [position for position in records if position <= through]:
            del records[position]

    async def copy(self) -> Any:  # noqa: ANN401 as in the protocol
        """A deep copy of the partitions."""
        return copy.deepcopy(self.log.store.partitions)

    async def restore(self, copy: Any) -> None:  # noqa: ANN401 as in the protocol
        """Put the partitions back."""
        self.log.store.partitions[:] = copy


class RedisUnderTest:
    """A log on a Redis that holds nothing else; :func:`redis_under_test` opens one."""

    def __init__(self, log: EventLog) -> None:
        self.log = log

    @property
    def redis(self) -> Client:
        """The client."""
        return self.log.redis

    def another(self) -> EventLog:
        """The same Redis, remembering nothing."""
        return type(self.log)(self.log.redis, self.log.manifest)

    async def take(self) -> Lease:
        """A new lease, as if the old one had run out."""
        await ensure_group(self.log, GROUP)
        await self.redis.delete(streams.lease(0, GROUP))
        lease = await Leases(self.redis, GROUP, "me", ttl_seconds=600).acquire(0)
        assert lease
        return lease

    async def deliver(self, count: int = 100) -> list[int]:
        """What XREADGROUP gives."""
        await ensure_group(self.log, GROUP)
        consumer = streams.consumer(0, GROUP)
        reply: Any = await self.redis.xreadgroup(GROUP, consumer, {streams.log(0): ">"}, count=count)
        return [position_of(stream_id) for _, page in reply for stream_id, _ in page]

    async def pending(self) -> list[int]:
        """What XPENDING gives."""
        await ensure_group(self.log, GROUP)
        found = await self.redis.xpending_range(streams.log(0), GROUP, "-", "+", 10_000)
        return [position_of(cast("bytes", one["message_id"])) for one in found]

    async def letters(self) -> list[int]:
        """The index of the dead letters; the letters themselves must agree with it."""
        index = [int(one) for one in await self._members(streams.letters(0, GROUP))]
        assert index == sorted(int(one) for one in await self.redis.hkeys(streams.dead(0, GROUP)))
        return index

    async def parked(self) -> list[str]:
        """Their names."""
        return [one.decode() for one in await self._members(streams.parked(0, GROUP))]

    async def _members(self, key: str) -> list[bytes]:
        return cast("list[bytes]", await self.redis.zrange(key, 0, -1))

    async def recorded_until(self, moment: datetime) -> None:
        """Set what the server's clock is held against."""
        microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        await self.redis.hset(streams.tail(0), "r", str(microseconds))

    async def stranger(self) -> None:
        """A plain XADD."""
        await self.redis.xadd(streams.log(0), {"x": "y"})

    async def lose(self, position: int) -> None:
        """XDEL."""
        await self.redis.xdel(streams.log(0), entry_id(position))

    async def trim(self, through: int) -> None:
        """XTRIM."""
        await self.redis.xtrim(streams.log(0), minid=entry_id(through + 1), approximate=False)

    async def copy(self) -> Any:  # noqa: ANN401 as in the protocol
        """Every key as DUMP gives it."""
        keys = [key async for key in self.redis.scan_iter(count=1000)]
        return {key: await self.redis.dump(key) for key in keys}

    async def restore(self, copy: Any) -> None:  # noqa: ANN401 as in the protocol
        """RESTORE of every key, and nothing beside them."""
        await self.redis.flushdb()
        for key, value in cast("dict[bytes, bytes]", copy).items():
            await self.redis.restore(key, 0, value)


async def redis_under_test(redis: Client, kind: type[EventLog] = EventLog) -> RedisUnderTest:
    """A new log on an empty Redis; ``kind`` is a variant of the log, for planting bugs."""
    return RedisUnderTest(kind(redis, await open_manifest(redis, PARTITIONS)))
