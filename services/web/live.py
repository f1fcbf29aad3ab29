"""Digests as they come out, for any number of listeners: one subscription a channel, no queue for anybody.

A listener is a place in the stream. What came out a moment ago is read from memory, all else from
Redis; so nobody's slowness costs memory, and there is no seam between what was and what comes.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from newsfeed import streams
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.connection import PASSING_ERRORS, Client
from newsfeed.eventlog.cursor import NO_WINDOW, order_of

QUIET_SECONDS = 5.0
"""After so long without a message the stream is looked at: Pub/Sub says nothing of what it dropped."""

RECENT_SECONDS = 10.0
"""How long a digest is kept in memory; not longer, so that an erased text is not told from there."""

RECENT_COUNT = 100
PAGE_COUNT = 20
READERS = 8
"""Listeners of a channel that read from Redis at a time."""

RETRY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class _Recent:
    """A digest in memory; ``after`` is the id of the one before it, ``until`` when it goes (monotonic)."""

    after: str
    digest: PublicDigest
    until: float


class LiveChannel:
    """What the listeners of one channel share."""

    def __init__(self, redis: Client, channel: str) -> None:
        self._redis = redis
        self._name = streams.digests(channel)
        self._log = ChannelLog(redis, channel)
        self._recent: deque[_Recent] = deque(maxlen=RECENT_COUNT)
        self._last_id: str | None = None
        self._changed = asyncio.Event()
        self._reading = asyncio.Semaphore(READERS)

    def change(self) -> asyncio.Event:
        """What is set when the next digest is out; to be asked for before :meth:`after`."""
        return self._changed

    async def after(self, stream_id: str) -> list[PublicDigest]:
        """The next digests after an id, oldest first; none while there are none."""
        if stream_id == self._last_id:
            return []
        now = time.monotonic()
        while self._recent and self._recent[0].until < now:
            self._recent.popleft()
        if self._recent and order_of(self._recent[0].after) <= order_of(stream_id):
            return [
                one.digest for one in self._recent if order_of(one.digest.stream_id) > order_of(stream_id)
            ]
        async with self._reading:
            return [one for one in await self._log.public_page(stream_id, PAGE_COUNT) if one.number]

    async def follow(self) -> None:
        """Notice every digest that comes out, for ever; Redis may go away and come back meanwhile."""
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._name)
                    await pubsub.get_message(timeout=QUIET_SECONDS)
                    while True:
                        await self._look()
                        await pubsub.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS)
                        await rest(0)
            except PASSING_ERRORS:
                await rest(RETRY_SECONDS)

    async def _look(self) -> None:
        if self._last_id is None:
            newest = await self._log.newest_public()
            self._last_id = newest.stream_id if newest else NO_WINDOW
            self._tell()  # Somebody may have read before we knew where the stream ends.
        while page := await self._log.public_page(self._last_id, PAGE_COUNT):
            for digest in page:
                if digest.number:
                    until = time.monotonic() + RECENT_SECONDS
                    self._recent.append(_Recent(self._last_id, digest, until))
                self._last_id = digest.stream_id
            self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Live:
    """The channels that somebody listens to."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._channels: dict[str, LiveChannel] = {}
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._counts: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many listen."""
        return sum(self._counts.values())

    @asynccontextmanager
    async def channel(self, name: str) -> AsyncIterator[LiveChannel]:
        """A channel for as long as somebody listens; the last one to go ends the subscription."""
        if name not in self._channels:
            self._channels[name] = LiveChannel(self._redis, name)
            self._followers[name] = asyncio.create_task(self._channels[name].follow())
        self._counts[name] = self._counts.get(name, 0) + 1
        try:
            yield self._channels[name]
        finally:
            self._counts[name] -= 1
            if not self._counts[name]:
                del self._channels[name], self._counts[name]
                await end(self._followers.pop(name))
