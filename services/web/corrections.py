"""Which later digests correct an earlier one: a fold of a channel's windows, carried on at each question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import NO_WINDOW
from newsfeed.eventlog.retention import retained_from
from newsfeed.events import DigestPublished
from newsfeed.values import NoticeKind


@dataclass(frozen=True, slots=True)
class Corrected:
    """A later digest that has a notice about an earlier one."""

    kind: NoticeKind
    number: int


@dataclass(slots=True)
class _Followed:
    log: ChannelLog
    after: str
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    of: dict[int, tuple[Corrected, ...]] = field(default_factory=dict)


class Corrections:
    """The notices of every channel that was asked for; memory holds a few numbers for each notice."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._channels: dict[str, _Followed] = {}

    async def of(self, channel: str, number: int) -> Sequence[Corrected]:
        """The later digests that correct a digest, oldest first, each kind once."""
        if channel not in self._channels:
            start = await retained_from(self._redis, channel)
            after = "-" if start == NO_WINDOW else start
            self._channels.setdefault(channel, _Followed(ChannelLog(self._redis, channel), after))
        followed = self._channels[channel]
        async with followed.lock:
            await _follow(followed)
        return followed.of.get(number, ())


async def _follow(followed: _Followed) -> None:
    async for window_id, fact in followed.log.facts(followed.after):
        if isinstance(fact, DigestPublished):
            for notice in fact.notices:
                known = followed.of.get(notice.corrects.digest, ())
                corrected = Corrected(notice.kind, fact.number)
                if corrected not in known:
                    followed.of[notice.corrects.digest] = (*known, corrected)
        followed.after = window_id
