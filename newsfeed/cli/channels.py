"""`newsfeed channels`: what can be subscribed to, and how far each channel has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import typer

from newsfeed import streams
from newsfeed.channels import Channel, load_channels
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, recorded_channels
from newsfeed.eventlog.connection import Client
from newsfeed.readmodel.queries import NotFound
from newsfeed.settings import Settings

channels = typer.Typer(no_args_is_help=True, help="The channels: what can be subscribed to.")


@channels.callback()
def _channels() -> None:
    """Keep `list` a command of its own, however few there are."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a channel has come; ``lag`` is the number of log entries after its newest window."""

    number: int
    closed_at: datetime | None
    lag: int


async def progress(redis: Client, name: str, tails: Sequence[int]) -> Progress:
    """Read off a channel's facts; nothing is written."""
    channel_log = ChannelLog(redis, name)
    newest, public = await channel_log.newest(), await channel_log.newest_public()
    window = newest[1].window if newest else None
    through = {r.partition: r.through for r in window.ranges} if window else {}
    lag = sum(tail - through.get(partition, 0) for partition, tail in enumerate(tails))
    return Progress(public.number if public else 0, window.closed_at if window else None, lag)


async def channel_names(redis: Client, settings: Settings) -> list[str]:
    """The defined channels in the order of their file; without a file those that ever closed a window."""
    if settings.config.exists():
        return [channel.name for channel in load_channels(settings.config)]
    return await recorded_channels(redis)


async def checked_channel(redis: Client, settings: Settings, name: str) -> ChannelLog:
    """A channel that is defined or has windows; raises :class:`NotFound`."""
    channel_log = ChannelLog(redis, name)
    if await channel_log.newest() is None:
        known = await channel_names(redis, settings)
        if name not in known:
            raise NotFound(f"there is no channel {name!r}; known are {', '.join(known) or 'none'}")
    return channel_log


@channels.command("list")
def list_channels(as_json: AsJson = False) -> None:
    """List the channels of newsfeed.toml with their newest digests and their lag behind the log."""
    defined = load_channels(Settings().config)
    try:
        found = run(lambda session: _all_progress(session, defined), starts_redis=False)
    except NothingYet:
        found = [Progress(0, None, 0) for _ in defined]
    if as_json:
        for channel, one in zip(defined, found, strict=True):
            print_json(
                {
                    **channel.model_dump(mode="json"),
                    "version": channel.version,
                    "number": one.number,
                    "closed_at": one.closed_at,
                    "lag": one.lag,
                    "pubsub": streams.digests(channel.name),
                }
            )
        return
    rows = [
        [channel.name, _cadence(channel), one.number, one.closed_at, one.lag, channel.title]
        for channel, one in zip(defined, found, strict=True)
    ]
    print_table(["name", "cadence", "digests", "newest window", "lag", "title"], rows)


async def _all_progress(session: Session, defined: Sequence[Channel]) -> list[Progress]:
    try:
        tails = await (await session.log()).tails()
    except NothingYet:
        tails = []
    return [await progress(session.redis, channel.name, tails) for channel in defined]


def _cadence(channel: Channel) -> str:
    return (
        f"every {channel.every_seconds} s" if channel.every_seconds else f"{channel.cron} {channel.time_zone}"
    )


async def all_progress(log: EventLog, settings: Settings) -> dict[str, Progress]:
    """How far each channel has come."""
    tails = await log.tails()
    names = await channel_names(log.redis, settings)
    return {name: await progress(log.redis, name, tails) for name in names}
