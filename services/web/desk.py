"""What every answer is made from: the log, the registry, the channels, and who listens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request

from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.registry_log import Decision, RegistryLog
from newsfeed.registry import Destination, Registry, RegistryEvent
from newsfeed.tokens import Links
from services.web.catalogue import Catalogue, Known
from services.web.corrections import Corrections
from services.web.live import Live
from services.web.settings import WebSettings
from services.web.shelf import Entries, Shelf
from services.web.ways import Way

REQUESTS_PER_MINUTE = 60
"""Subscriptions that may be asked for, by all together: each may send a mail to somebody."""


class Throttle:
    """Allows so many in a minute; ``clock`` gives seconds."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = self._left = float(per_minute)
        self._clock = clock
        self._at = clock()

    def allows(self) -> bool:
        """Whether one more may be; it counts if so."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._most / 60)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass(slots=True)
class Desk:
    """One run of the program."""

    settings: WebSettings
    log: EventLog
    links: Links
    ways: Mapping[str, Way]
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    entries: Entries = field(default_factory=Entries)
    throttle: Throttle = field(default_factory=lambda: Throttle(REQUESTS_PER_MINUTE))
    live: Live = field(init=False)
    corrections: Corrections = field(init=False)
    catalogue: Catalogue = field(init=False)
    _registry: RegistryLog = field(init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """Nothing is opened yet."""
        self.live = Live(self.redis)
        self.corrections = Corrections(self.redis)
        self.catalogue = Catalogue(self.redis, self.settings.config)
        self._registry = RegistryLog(self.redis)

    @property
    def redis(self) -> Client:
        """The one client of the program."""
        return self.log.redis

    async def registry(self) -> Registry:
        """What the registry means now; its log is read by one at a time."""
        async with self._lock:
            return await self._registry.read()

    async def change(self, decide: Decision, destinations: Sequence[Destination] = ()) -> list[RegistryEvent]:
        """Append what is decided on the newest registry."""
        async with self._lock:
            return await self._registry.change(decide, destinations)

    async def channels(self) -> dict[str, Known]:
        """The defined channels by name."""
        return self.catalogue.channels(await self.registry())

    async def channel(self, name: str) -> Known | None:
        """A channel that is defined or has digests."""
        return await self.catalogue.find(await self.registry(), name)

    def shelf(self, name: str) -> Shelf:
        """The digests of a channel."""
        return Shelf(self.redis, name)

    def base_url(self, request: Request) -> str:
        """Where readers find us, without a slash at the end: as set, or as this one does."""
        return (self.settings.public_url or str(request.base_url)).rstrip("/")


def desk_of(request: Request) -> Desk:
    """The desk of the application that a request came to."""
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk
