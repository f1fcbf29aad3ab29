"""Who serves a partition: a lease decides who may try, its fencing token decides who may write."""

from __future__ import annotations

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.scripts import script


@dataclass(frozen=True, slots=True)
class Lease:
    """A partition of a group, held by ``owner`` under ``token``; every commit presents the token."""

    group: str
    partition: int
    owner: str
    token: str

    @property
    def value(self) -> str:
        """What stands in the lease key while the lease is held."""
        return f"{self.owner}|{self.token}"


class Leases:
    """Takes, keeps and gives back the leases of one process in one group."""

    def __init__(self, redis: Client, group: str, owner: str, ttl_seconds: float) -> None:
        self._redis = redis
        self._group = group
        self._owner = owner
        self._ttl_ms = round(ttl_seconds * 1000)
        self._acquire = script(redis, "acquire")
        self._renew = script(redis, "renew")

    async def acquire(self, partition: int) -> Lease | None:
        """A new lease, or None while somebody else holds the partition."""
        keys = [streams.lease(partition, self._group), streams.fence(partition, self._group)]
        token = await self._acquire(keys=keys, args=[self._owner, self._ttl_ms])
        return Lease(self._group, partition, self._owner, token.decode()) if token else None

    async def renew(self, lease: Lease) -> bool:
        """Whether the lease was still ours; then it is for another term."""
        return await self._touch(lease, self._ttl_ms)

    async def release(self, lease: Lease) -> None:
        """Give the partition back at once, if it is still ours."""
        await self._touch(lease, 0)

    async def _touch(self, lease: Lease, ttl_ms: int) -> bool:
        keys = [streams.lease(lease.partition, lease.group)]
        return bool(await self._renew(keys=keys, args=[lease.value, ttl_ms]))

    async def fair_share(self, partitions: int) -> int:
        """How many partitions we should hold, beside the other living members; also says that we live."""
        seconds, microseconds = await self._redis.time()
        now_ms = seconds * 1000 + microseconds // 1000
        key = streams.members(self._group)
        await self._redis.zadd(key, {self._owner: now_ms + self._ttl_ms})
        await self._redis.zremrangebyscore(key, "-inf", now_ms)
        members = cast("list[bytes]", await self._redis.zrange(key, 0, -1))
        return share(self._owner, {member.decode() for member in members}, partitions)

    async def leave(self) -> None:
        """Say that we no longer live, so that others take a larger share at once."""
        await self._redis.zrem(streams.members(self._group), self._owner)


def share(member: str, members: AbstractSet[str], partitions: int) -> int:
    """How many partitions a member should hold: all get as many, or one more. Pure.

    Members come to numbers that make all partitions together, if they see the same members.
    """
    living = sorted({*members, member})
    each, over = divmod(partitions, len(living))
    return each + (living.index(member) < over)


async def holder(redis: Client, group: str, partition: int) -> str | None:
    """The process that holds a partition now; None while nobody does."""
    stored = await redis.get(streams.lease(partition, group))
    return cast("bytes", stored).decode().rpartition("|")[0] if stored else None


class SoleOwner:
    """All partitions at once, for a program of which only one process may write: the others wait."""

    def __init__(self, redis: Client, group: str, owner: str, ttl_seconds: float, partitions: int) -> None:
        self._leases = Leases(redis, group, owner, ttl_seconds)
        self._partitions = partitions
        self.held: list[Lease] = []

    async def acquire(self) -> bool:
        """Take every partition, or none; always in the same order, so that two cannot block each other."""
        for partition in range(self._partitions):
            lease = await self._leases.acquire(partition)
            if lease is None:
                await self.release()
                return False
            self.held.append(lease)
        return True

    async def renew(self) -> bool:
        """Whether every partition is still ours, for another term."""
        return all(await asyncio.gather(*map(self._leases.renew, self.held)))

    async def release(self) -> None:
        """Give everything back."""
        for lease in self.held:
            await self._leases.release(lease)
        self.held = []
