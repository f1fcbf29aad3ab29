"""How the deliveries of each channel stand, for `newsfeed status`."""

from __future__ import annotations

from dataclasses import dataclass

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time


@dataclass(frozen=True, slots=True)
class Due:
    """One channel's deliveries: due now, waiting for a later attempt, parked; its subscriptions by state."""

    due: int
    waiting: int
    parked: int
    active: int
    pending: int
    paused: int


async def all_due(redis: Client) -> dict[str, Due]:
    """Every channel that somebody ever subscribed to; what is parked of ended subscriptions is left out."""
    registry = await RegistryLog(redis).read()
    subscriptions = registry.subscriptions
    now = int(await server_time(redis) * 1000)
    found: dict[str, Due] = {}
    for channel in sorted({one.channel for one in subscriptions.values()}):
        due = await redis.zcount(streams.due(channel), "-inf", now)
        everything = await redis.zcard(streams.due(channel))
        parked = await DeliveryLog(redis, channel).parked()
        ids = [member.partition("|")[0] for member in parked]
        states = [one.status for one in subscriptions.values() if one.channel == channel]
        found[channel] = Due(
            due=due,
            waiting=everything - due,
            parked=sum(i in subscriptions and subscriptions[i].status != "cancelled" for i in ids),
            active=states.count("active"),
            pending=states.count("pending"),
            paused=states.count("paused"),
        )
    return found
