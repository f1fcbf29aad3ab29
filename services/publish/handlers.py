"""Publishing every channel, over and over; one that is broken does not silence the others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from newsfeed import logs
from newsfeed.definitions import Defined
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.cursor import NO_WINDOW
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.runtime import Runtime
from services.publish.arrivals import Arrivals
from services.publish.cadence import in_milliseconds
from services.publish.following import Following
from services.publish.publisher import ChannelPublisher
from services.publish.querying import Ancestors

HALTING_ERRORS: tuple[type[Exception], ...] = (*PASSING_ERRORS, LogDamaged)
"""What concerns every channel: Redis is away, or the log is not to be trusted."""


async def publish_channels(
    runtime: Runtime, following: Following, ancestors: Ancestors, tick_seconds: float
) -> None:
    """Publish every channel for ever; one that fails is told of and tried again, the others go on."""
    publishers = Publishers(runtime, ancestors)
    while True:
        now = datetime.fromtimestamp(await server_time(runtime.redis), UTC)
        await publishers.follow(await following.current(now), following.troubles)
        await publishers.publish_due(now)
        await rest(tick_seconds)


class Publishers:
    """One publisher for each channel as it is defined now."""

    def __init__(self, runtime: Runtime, ancestors: Ancestors) -> None:
        self._runtime = runtime
        self._ancestors = ancestors
        self._arrivals = Arrivals(runtime.log, ancestors)
        self._registry_log = RegistryLog(runtime.redis)
        self._publishers: dict[str, tuple[str, ChannelPublisher]] = {}
        self._problems: set[str] = set()

    async def follow(self, defined: Mapping[str, Defined], problems: Mapping[str, str]) -> None:
        """Begin with new and changed channels, and leave those alone that are gone."""
        troubles = self._runtime.troubles
        for name in {*self._publishers} - {*defined}:
            del self._publishers[name]
            troubles.pop(name, None)
        for name, one in defined.items():
            known = self._publishers.get(name)
            if known is None or known[0] != one.channel.version:
                publisher = ChannelPublisher(
                    self._runtime.log,
                    one.channel,
                    self._ancestors,
                    arrivals=self._arrivals,
                    begins_at=one.defined_at,
                    registry_log=self._registry_log,
                )
                self._publishers[name] = one.channel.version, publisher
        for name in self._problems - {*problems}:
            troubles.pop(name, None)
        troubles |= problems
        self._problems = {*problems}
        self._runtime.details["channels"] = [*defined]
        covered = None if self._arrivals.tails else await self._covered(defined)
        await self._arrivals.look([one.channel for one in defined.values()], covered)

    async def _covered(self, defined: Mapping[str, Defined]) -> dict[int, int]:
        """The position of each partition that every channel is past, also one that is yet to begin."""
        covered: dict[int, int] = {}
        for name, one in defined.items():
            cursor = await ChannelLog(self._runtime.redis, name).cursor()
            positions = cursor.positions
            if cursor.window_id == NO_WINDOW:
                positions = await self._arrivals.positions_before(in_milliseconds(one.defined_at))
            for partition in range(self._runtime.log.manifest.partitions):
                at = positions.get(partition, 0)
                covered[partition] = min(covered.get(partition, at), at)
        return covered

    async def publish_due(self, now: datetime) -> None:
        """Close what is due of every channel."""
        troubles = self._runtime.troubles
        for name, (_, publisher) in self._publishers.items():
            try:
                await publisher.publish_due(now)
                troubles.pop(name, None)
            except HALTING_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 one broken channel must not silence the others
                if name not in troubles:
                    logs.get_logger().exception("publish.channel_failed", channel=name)
                troubles[name] = f"channel {name}: {type(error).__name__}"
