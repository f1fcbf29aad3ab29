"""Consumer groups: making them, and how far behind they are."""

from __future__ import annotations

from dataclasses import dataclass

from redis.exceptions import ResponseError

from newsfeed import streams
from newsfeed.eventlog.entries import position_of
from newsfeed.eventlog.log import EventLog


async def ensure_group(log: EventLog, group: str) -> None:
    """Make the group on every partition, from the first event on, unless it is there.

    A group made at ``$``, FastStream's default, would never see what was appended before it.
    """
    for partition in range(log.manifest.partitions):
        try:
            await log.redis.xgroup_create(streams.log(partition), group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far a group is behind in one partition; positions make ``lag`` exact on every Redis.

    ``delivered`` is the last position that was read, ``lag`` how many stand after it.
    """

    partition: int
    lag: int
    delivered: int
    pending: int
    oldest_pending_seconds: float


async def backlog(log: EventLog, group: str, partition: int) -> Backlog | None:
    """The backlog of a group; None when the group does not exist there."""
    key = streams.log(partition)
    try:
        groups = {g["name"]: g for g in await log.redis.xinfo_groups(key)}
    except ResponseError:
        return None
    found = groups.get(group.encode())
    if found is None:
        return None
    oldest = await log.redis.xpending_range(key, group, "-", "+", 1)
    delivered = position_of(found["last-delivered-id"])
    return Backlog(
        partition=partition,
        lag=await log.tail(partition) - delivered,
        delivered=delivered,
        pending=int(found["pending"]),
        oldest_pending_seconds=int(oldest[0]["time_since_delivered"]) / 1000 if oldest else 0.0,
    )
