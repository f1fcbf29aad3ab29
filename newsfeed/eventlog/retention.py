"""How long digests can be read again. The facts about them stay; what goes is what was said in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from newsfeed import streams
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import order_of, window_milliseconds
from newsfeed.eventlog.numbered import Raw
from newsfeed.events import DigestPublished

AT_ONCE = 100
"""Digests that go together."""


@dataclass(frozen=True, slots=True)
class Retention:
    """A digest is kept while it is among the newest ``count``, and while it is younger than ``age``."""

    count: int
    age: timedelta

    async def floor(self, redis: Client, channel: str, now: datetime) -> str | None:
        """The id of the oldest digest to keep; None while all are."""
        facts = ChannelLog(redis, channel)
        newest = await facts.newest_public()
        if newest is None or newest.number <= self.count:
            return None
        by_count = await facts.public_id(newest.number - self.count + 1)
        by_age = f"{window_milliseconds(now - self.age)}-0"
        return min(by_count, by_age, key=order_of) if by_count else None


async def retained_from(redis: Client, channel: str) -> str:
    """The id from which on digests are kept; ``0-0`` for all of them."""
    stored = cast("bytes | None", await redis.get(streams.retained(channel)))
    return stored.decode() if stored else "0-0"


async def let_go(redis: Client, channel: str, floor: str) -> int:
    """Remove the digests below an id, and their bodies; how many went. May be repeated and may die.

    It says first what will not be there any more: then whoever looks knows that it is no damage. The
    public entries go last: they tell what is still to be done.
    """
    if order_of(floor) > order_of(await retained_from(redis, channel)):
        await redis.set(streams.retained(channel), floor)
    facts = ChannelLog(redis, channel)
    count = 0
    while page := await redis.xrange(streams.digests(channel), "-", f"({floor}", count=AT_ONCE):
        going = [stream_id.decode() for stream_id, _ in cast("list[Raw]", page)]
        for window_id in going:
            fact = await facts.fact(window_id)
            if isinstance(fact, DigestPublished):
                revision = await facts.revision(fact.number)
                named = [*fact.bodies.values(), *(revision.bodies.values() if revision else ())]
                await redis.unlink(*(streams.body(channel, sha256) for sha256 in named))
        await redis.xtrim(streams.digests(channel), minid=_behind(going[-1]), approximate=False)
        count += len(going)
    return count


def _behind(stream_id: str) -> str:
    milliseconds, sequence = order_of(stream_id)
    return f"{milliseconds}-{sequence + 1}"
