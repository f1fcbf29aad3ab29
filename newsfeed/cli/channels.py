"""`newsfeed channels`: what can be subscribed to, how far each channel has come, and defining another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from newsfeed import streams
from newsfeed.channel_tables import load_channels
from newsfeed.channels import Channel
from newsfeed.cli.defining import channel_from, defined_channels, say_channel, say_retired
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, recorded_channels
from newsfeed.eventlog.connection import Client
from newsfeed.readmodel.queries import NotFound
from newsfeed.settings import Settings
from newsfeed.tokens import Links, link_key

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
    """The defined channels, those of the file first; without any those that ever closed a window."""
    defined = await defined_channels(redis, settings)
    return [channel.name for channel, _ in defined] or await recorded_channels(redis)


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
    """List the channels with their newest digests and their lag behind the log."""
    try:
        found = run(_all, starts_redis=False)
    except NothingYet:
        nothing = Progress(0, None, 0)
        found = [(channel, "file", nothing) for channel in load_channels(Settings().config)]
    if as_json:
        for channel, defined_by, one in found:
            print_json(
                {
                    **channel.model_dump(mode="json"),
                    "version": channel.version,
                    "defined_by": defined_by,
                    "number": one.number,
                    "closed_at": one.closed_at,
                    "lag": one.lag,
                    "pubsub": streams.digests(channel.name),
                }
            )
        return
    rows = [
        [channel.name, cadence(channel), one.number, one.closed_at, one.lag, _titled(channel)]
        for channel, _, one in found
    ]
    print_table(["name", "cadence", "digests", "newest window", "lag", "title"], rows)


@channels.command("define")
def define_channel(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    title: Annotated[str | None, typer.Option(help="As readers see it; else the name.")] = None,
    query: Annotated[str, typer.Option(help="As in docs/queries.md; without one everything.")] = "",
    every: Annotated[str | None, typer.Option(help="A digest every 30s, 10m or 2h.")] = None,
    cron: Annotated[str | None, typer.Option(help='By the clock: "0 8 * * *".')] = None,
    immediate: Annotated[bool, typer.Option("--immediate", help="As soon as there is an article.")] = False,
    values: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Any other key of newsfeed.toml, as it is written there."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Define a channel, or define it anew; publish begins with it at once."""
    cadences = {"every": every, "cron": cron, "immediate": immediate or None}
    channel = channel_from(name, title, query, cadences, values or [])
    said, version = run(lambda session: _said(session, channel))
    if as_json:
        print_json({**channel.model_dump(mode="json"), "version": version, "changed": said})
    else:
        typer.echo(f"{name} is {'defined' if said else 'defined so already'}: {cadence(channel)}")


@channels.command("retire")
def retire_channel(name: Annotated[str, typer.Argument(help="A channel that a command defined.")]) -> None:
    """End a channel: it brings out no more digests; those that came out stay."""
    holders = run(lambda session: say_retired(session.redis, session.settings, name))
    typer.echo(f"{name} is retired")
    for holder in holders:
        typer.echo(f"the bundle {holder} goes on without it", err=True)


@channels.command("token")
def show_token() -> None:
    """Print the token by which programs may define and retire channels over HTTP (docs/web.md)."""
    settings = Settings()
    typer.echo(Links(link_key(settings.var, settings.link_key_file)).editors_token())


async def _said(session: Session, channel: Channel) -> tuple[bool, str]:
    """Whether defining a channel changed anything, and the version that its digests name."""
    said = await say_channel(session.redis, session.settings, channel)
    defined = await defined_channels(session.redis, session.settings)
    return said, next(one.version for one, _ in defined if one.name == channel.name)


async def _all(session: Session) -> list[tuple[Channel, str, Progress]]:
    try:
        tails = await (await session.log()).tails()
    except NothingYet:
        tails = []
    defined = await defined_channels(session.redis, session.settings)
    return [(channel, by, await progress(session.redis, channel.name, tails)) for channel, by in defined]


def _titled(channel: Channel) -> str:
    """The title; that of a bundle with the names of what it is made of."""
    return f"{channel.title} ({', '.join(channel.bundle)})" if channel.bundle else channel.title


def cadence(channel: Channel) -> str:
    """When the digests of a channel come out, in a few words."""
    if channel.immediate:
        return "immediate"
    return (
        f"every {channel.every_seconds} s" if channel.every_seconds else f"{channel.cron} {channel.time_zone}"
    )


async def all_progress(log: EventLog, settings: Settings) -> dict[str, Progress]:
    """How far each channel has come."""
    tails = await log.tails()
    names = await channel_names(log.redis, settings)
    return {name: await progress(log.redis, name, tails) for name in names}
