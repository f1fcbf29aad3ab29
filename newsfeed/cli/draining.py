"""Is everything done? What `up --drain` waits for, read off the log and the heartbeats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.groups import backlog
from newsfeed.health import heartbeats


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is still to be done; all zero when drained."""

    seeds: int
    events: int
    channels: int

    @property
    def nothing(self) -> bool:
        """Whether every seed is settled, enriched, and in a published digest."""
        return not (self.seeds or self.events or self.channels)

    def described(self) -> str:
        """What is left, in words."""
        return f"{self.seeds} seeds, {self.events} events and {self.channels} channels are not done"


async def remaining(log: EventLog, channels: Sequence[Channel], ingest_pids: Sequence[int]) -> Remaining:
    """What is left, in the order of the pipeline: a stage counts only when the one before is done.

    A channel of the calendar is left out: its window is open until its hour.
    """
    seeds = await _seeds_waiting(log, ingest_pids)
    if seeds:
        return Remaining(seeds, 0, 0)
    events = await _events_waiting(log)
    if events:
        return Remaining(0, events, 0)
    return Remaining(0, 0, await _channels_behind(log, channels))


async def unreadable(log: EventLog) -> int:
    """How many seeds ingest could not open and will try again."""
    found = [h.details for h in await heartbeats(log.redis) if h.service == "ingest"]
    return sum(int(str(details.get("unreadable_count", 0))) for details in found)


async def _seeds_waiting(log: EventLog, ingest_pids: Sequence[int]) -> int:
    """Seeds that are not done; one that cannot be opened is tried for ten minutes, and not waited for."""
    for heartbeat in await heartbeats(log.redis):
        details = heartbeat.details
        if heartbeat.service == "ingest" and heartbeat.pid in ingest_pids and "scan_count" in details:
            return int(str(details["waiting_count"])) - int(str(details["unreadable_count"]))
    return 1


async def _events_waiting(log: EventLog) -> int:
    waiting = 0
    for partition in range(log.manifest.partitions):
        found = await backlog(log, streams.ENRICH, partition)
        waiting += found.lag + found.pending if found else 1
    return waiting


async def _channels_behind(log: EventLog, channels: Sequence[Channel]) -> int:
    tails = await log.tails()
    behind = 0
    for channel in channels:
        if not channel.is_calendar:
            positions = (await ChannelLog(log.redis, channel.name).cursor()).positions
            behind += any(tail > positions.get(partition, 0) for partition, tail in enumerate(tails))
    return behind
