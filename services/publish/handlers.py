"""Publishing every channel, over and over; one that is broken does not silence the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from newsfeed import logs
from newsfeed.channels import Channel
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.health import server_time
from newsfeed.runtime import Runtime
from services.publish.matching import Ancestors
from services.publish.publisher import ChannelPublisher

HALTING_ERRORS: tuple[type[Exception], ...] = (*PASSING_ERRORS, LogDamaged)
"""What concerns every channel: Redis is away, or the log is not to be trusted."""


async def publish_channels(
    runtime: Runtime, channels: Sequence[Channel], ancestors: Ancestors, tick_seconds: float
) -> None:
    """Publish every channel for ever; one that fails is told of and tried again, the others go on."""
    publishers = {channel.name: ChannelPublisher(runtime.log, channel, ancestors) for channel in channels}
    runtime.details["channels"] = [*publishers]
    while True:
        now = datetime.fromtimestamp(await server_time(runtime.redis), UTC)
        for name, publisher in publishers.items():
            try:
                await publisher.publish_due(now)
                runtime.troubles.pop(name, None)
            except HALTING_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001 one broken channel must not silence the others
                if name not in runtime.troubles:
                    logs.get_logger().exception("publish.channel_failed", channel=name)
                runtime.troubles[name] = f"channel {name}: {type(error).__name__}"
        await rest(tick_seconds)
