"""The log of the registry on Redis: read whole, changed by whoever decided on its newest state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import cast

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import ERASED, pack, unpack
from newsfeed.eventlog.entries import FIELD_DATA, entry_id, position_of
from newsfeed.eventlog.scripts import script
from newsfeed.registry import Destination, Registry, RegistryEvent, evolve, parse_registry_event

PAGE_COUNT = 1000

Decision = Callable[[Registry], Sequence[RegistryEvent]]
"""What is to be said, given what the registry means now; nothing where all is said already.

It is asked again when somebody else was first, so its events carry ids that are the same each time.
"""


class RegistryLog:
    """The registry on one Redis; it remembers what it read, so that reading again costs what is new.

    Tasks of one process may share it.
    """

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._register = script(redis, "register")
        self._registry = Registry()
        self._reading = asyncio.Lock()

    async def read(self) -> Registry:
        """What the registry means now.

        Raises :class:`LogDamaged` for a gap, ``EventUnreadable`` for a fact of a newer program.
        """
        async with self._reading:
            while page := await self._page():
                events = [self._placed(index, *raw) for index, raw in enumerate(page, start=1)]
                self._registry = evolve(self._registry, events)
            return self._registry

    async def _page(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        start = f"({entry_id(self._registry.position)}" if self._registry.position else "-"
        page = await self._redis.xrange(streams.REGISTRY, start, count=PAGE_COUNT)
        return cast("list[tuple[bytes, dict[bytes, bytes]]]", page)

    def _placed(self, index: int, stream_id: bytes, fields: dict[bytes, bytes]) -> RegistryEvent:
        position = position_of(stream_id)
        if position != self._registry.position + index:
            raise LogDamaged(f"the registry has {position} where {self._registry.position + index} belongs")
        return parse_registry_event(fields.get(FIELD_DATA, b""))

    async def change(self, decide: Decision, destinations: Sequence[Destination] = ()) -> list[RegistryEvent]:
        """Append what is decided on the newest registry, with the destinations that it names.

        The events as they were appended; :meth:`read` knows them.
        """
        while True:
            registry = await self.read()
            said = list(decide(registry))
            if not said or await self._append(registry, said, destinations):
                break
        await self.read()
        return said

    async def _append(
        self, registry: Registry, events: list[RegistryEvent], destinations: Sequence[Destination]
    ) -> bool:
        now = await self._now(registry)
        for index, event in enumerate(events):
            placed = {"position": registry.position + 1 + index, "recorded_at": now}
            events[index] = event.model_copy(update=placed)
        keys = [streams.REGISTRY, *(streams.destination(one.sha256) for one in destinations)]
        arguments: list[str | int | bytes] = [registry.position, len(events)]
        arguments += [event.model_dump_json(exclude_none=True) for event in events]
        arguments += [pack(one.canonical_bytes()) for one in destinations]
        return int(await self._register(keys=keys, args=arguments)) == registry.position

    async def _now(self, registry: Registry) -> datetime:
        """The server's clock, but never before the newest fact."""
        seconds, microseconds = await self._redis.time()
        now = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
        return max(now, registry.recorded_at or now)

    async def destination(self, sha256: str) -> Destination | None:
        """Where a subscription goes; None once that was erased."""
        stored = cast("bytes | None", await self._redis.get(streams.destination(sha256)))
        return Destination.from_bytes(unpack(stored)) if stored else None

    async def destinations_of(self, subscription_id: str) -> list[str]:
        """The sha256 of every destination that a subscription ever had; reads the whole registry."""
        found: dict[str, None] = {}
        start = "-"
        while page := await self._redis.xrange(streams.REGISTRY, start, count=PAGE_COUNT):
            for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
                start = f"({stream_id.decode()}"
                event = parse_registry_event(fields.get(FIELD_DATA, b""))
                sha256 = getattr(event, "destination_sha256", None)
                if sha256 and event.subject == f"subscription:{subscription_id}":
                    found[sha256] = None
        return [*found]

    async def erase_destination(self, sha256: str) -> None:
        """Take an address and its secrets down for good; the facts keep their hash."""
        await self._redis.set(streams.destination(sha256), ERASED)
