"""When an address was last asked to confirm a subscription, so that nobody can have it flooded."""

from __future__ import annotations

import hashlib

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.scripts import script

SPAN_MS = 3600 * 1000
"""An address is asked at most once in so long, whatever the number of its subscriptions."""


class Invitations:
    """Shared by all processes on one Redis."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._invite = script(redis, "invite")

    async def take(self, address: str, now: int) -> bool:
        """Whether an address may be asked now (ms); for who may it counts as asked."""
        arguments: list[str | int] = [_known_as(address), now, SPAN_MS]
        return bool(await self._invite(keys=[streams.INVITED], args=arguments))

    async def give_back(self, address: str) -> None:
        """Nothing was sent to it after all."""
        await self._redis.zrem(streams.INVITED, _known_as(address))


def _known_as(address: str) -> str:
    return hashlib.sha256(address.strip().casefold().encode()).hexdigest()
