"""Watching all channels that somebody subscribed to, and delivering where something is due.

A look at all of them is one round trip. Each channel delivers in lanes of its own, so that a receiver
who takes his time holds up few others of his channel and nobody of another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from newsfeed import logs, streams
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.registry import Registry
from newsfeed.runtime import Runtime
from services.publish.delivering import ChannelDeliveries
from services.publish.transports import Transport

LANES = 4
"""Batches of a channel that are under way at once."""


@dataclass(slots=True)
class _Channel:
    """One channel that somebody subscribed to, and what is under way for it."""

    deliveries: ChannelDeliveries
    lanes: set[asyncio.Task[None]] = field(default_factory=set)
    seen: tuple[bytes, int] = (b"", 0)
    """The newest digest, and how much of the registry, when it was looked at last."""


async def deliver_channels(
    runtime: Runtime, transports: Mapping[str, Transport], tick_seconds: float
) -> None:
    """Deliver for ever; the transports are closed at the end."""
    dispatcher = Dispatcher(runtime, transports)
    try:
        while True:
            await dispatcher.look()
            await rest(tick_seconds)
    finally:
        await dispatcher.close()


class Dispatcher:
    """What one process delivers."""

    def __init__(self, runtime: Runtime, transports: Mapping[str, Transport]) -> None:
        self._runtime = runtime
        self._transports = transports
        self._registry_log = RegistryLog(runtime.redis)
        self._channels: dict[str, _Channel] = {}
        self._followed = 0
        """How much of the registry was looked through for channels."""

    async def look(self) -> None:
        """Start what is due."""
        registry = await self._registry_log.read()
        if registry.position != self._followed:
            self._follow(registry)
        now = await server_time(self._runtime.redis)
        for name, (newest, due) in (await self._heads(self._channels)).items():
            self._start(name, (newest, registry.position), is_due=due is not None and due <= now * 1000)
        under_way = sum(len(channel.lanes) for channel in self._channels.values())
        self._runtime.details["deliveries_under_way"] = under_way

    def _follow(self, registry: Registry) -> None:
        subscriptions = registry.subscriptions.values()
        for name in {one.channel for one in subscriptions} - self._channels.keys():
            self._channels[name] = _Channel(
                ChannelDeliveries(self._runtime.redis, name, self._registry_log, self._transports)
            )
        statuses = [one.status for one in subscriptions]
        counts = {status: statuses.count(status) for status in ("pending", "active", "paused")}
        self._runtime.details |= {"subscriptions": counts, "transports": [*self._transports]}
        self._followed = registry.position

    async def _heads(self, names: Iterable[str]) -> dict[str, tuple[bytes, float | None]]:
        """The newest digest of each channel, and when (ms) the first of its members is due."""
        pipeline = self._runtime.redis.pipeline(transaction=False)
        for name in names:
            pipeline.xrevrange(streams.digests(name), count=1)
            pipeline.zrange(streams.due(name), 0, 0, withscores=True)
        answers = await pipeline.execute() if self._channels else []
        return {
            name: (newest[0][0] if newest else b"", due[0][1] if due else None)
            for name, newest, due in zip(self._channels, answers[::2], answers[1::2], strict=True)
        }

    def _start(self, name: str, seen: tuple[bytes, int], *, is_due: bool) -> None:
        channel = self._channels[name]
        has_news = seen != channel.seen and bool(seen[0])
        if not (has_news or is_due) or len(channel.lanes) >= LANES:
            return
        channel.seen = seen
        lane = asyncio.create_task(self._deliver(name, channel.deliveries), name=f"deliver {name}")
        channel.lanes.add(lane)
        lane.add_done_callback(channel.lanes.discard)

    async def _deliver(self, name: str, deliveries: ChannelDeliveries) -> None:
        """Make attempts until nothing is due; a channel that fails is told of, and looked at again."""
        trouble = f"deliveries of {name}"
        try:
            while await deliveries.deliver_due(await self._now()):
                pass
            self._runtime.troubles.pop(trouble, None)
        except* PASSING_ERRORS:
            self._channels[name].seen = (b"", 0)  # The next look meets the same error, or all is well again.
        except* Exception as group:  # noqa: BLE001 one broken channel must not silence the others
            self._channels[name].seen = (b"", 0)
            if trouble not in self._runtime.troubles:
                logs.get_logger().exception("publish.deliveries_failed", channel=name)
            self._runtime.troubles[trouble] = f"{trouble}: {_first(group)}"

    async def _now(self) -> datetime:
        return datetime.fromtimestamp(await server_time(self._runtime.redis), UTC)

    async def close(self) -> None:
        """Give back what is under way, and let the transports go of their connections."""
        await end(*(lane for channel in self._channels.values() for lane in channel.lanes))
        for transport in self._transports.values():
            await transport.close()


def _first(group: BaseExceptionGroup[Exception]) -> str:
    """The type of the first error in a group."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseException", error.exceptions[0])
    return type(error).__name__
