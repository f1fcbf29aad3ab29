"""What commands say about channels: made of options, checked, and put into the registry."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import typer

from newsfeed.bundles import assembled, check_bundle, holders_of
from newsfeed.channel_tables import channel_of_table, load_channels
from newsfeed.channels import Channel
from newsfeed.definitions import define, in_force, retire
from newsfeed.errors import ChannelInvalid, NewsfeedError
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.readmodel.queries import NotFound
from newsfeed.settings import Settings

_SPAN = re.compile(r"(\d+)([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(span: str) -> int:
    """``90s``, ``10m``, ``2h`` or ``1d`` in seconds; raises ``typer.BadParameter``."""
    found = _SPAN.fullmatch(span.strip())
    if not found:
        raise typer.BadParameter(f"{span!r} is no span of time such as 30s, 10m or 2h")
    return int(found[1]) * _SECONDS[found[2]]


def channel_from(
    name: str, title: str | None, query: str, cadences: Mapping[str, object], values: Iterable[str]
) -> Channel:
    """The channel that options describe; raises ``typer.BadParameter`` with everything that is wrong."""
    table: dict[str, object] = {"name": name, "title": title or name, "query": query}
    for key, value in cadences.items():
        if value is not None:
            is_span = key == "every"
            table["every_seconds" if is_span else key] = seconds_of(str(value)) if is_span else value
    for one in values:
        table |= _read(one)
    try:
        return channel_of_table(table, name)
    except ChannelInvalid as error:
        raise typer.BadParameter(str(error)) from error


def _read(pair: str) -> dict[str, object]:
    """``key=value`` with a value of TOML; what is none is a text."""
    key, equals, value = pair.partition("=")
    if not equals:
        raise typer.BadParameter(f"{pair!r} is not of the form KEY=VALUE")
    try:
        return {key.strip(): tomllib.loads(f"value = {value}")["value"]}
    except tomllib.TOMLDecodeError:
        return {key.strip(): value.strip()}


def in_file(settings: Settings) -> tuple[Channel, ...]:
    """The channels of the file; none where there is no file."""
    return load_channels(settings.config) if settings.config.exists() else ()


async def defined_channels(redis: Client, settings: Settings) -> list[tuple[Channel, str]]:
    """The channels in force and who defined them: those of the file as it is now, then the others.

    Bundles have their members.
    """
    registry = await RegistryLog(redis).read()
    file = in_file(settings)
    named = {channel.name for channel in file}
    others = [
        (one.channel, one.defined_by)
        for name, one in sorted(in_force(registry, {}).items())
        if name not in named and (one.defined_by != "file" or not settings.config.exists())
    ]
    found = [*((channel, "file") for channel in file), *others]
    channels = assembled(channel for channel, _ in found)
    return [(channels[channel.name], by) for channel, by in found]


async def say_channel(redis: Client, settings: Settings, channel: Channel) -> bool:
    """Define a channel by command; False where it is defined so already.

    Raises for one of the file, and ``typer.BadParameter`` for a bundle of what is not there.
    """
    _check_own(settings, channel.name)
    try:
        check_bundle(channel, await bundles_by_name(redis, settings))
    except ChannelInvalid as error:
        raise typer.BadParameter(str(error)) from error
    now = datetime.now(UTC)
    said = await RegistryLog(redis).change(lambda registry: define(registry, [channel], "command", now))
    return bool(said)


async def bundles_by_name(redis: Client, settings: Settings) -> dict[str, tuple[str, ...]]:
    """The channels in force, each with the names that its bundle is made of."""
    return {channel.name: channel.bundle for channel, _ in await defined_channels(redis, settings)}


async def say_retired(redis: Client, settings: Settings, name: str) -> list[str]:
    """Retire a channel; the bundles that go on without it. Raises for one of the file, or one not there."""
    _check_own(settings, name)
    now = datetime.now(UTC)
    said = await RegistryLog(redis).change(lambda registry: retire(registry, [name], now))
    if not said:
        raise NotFound(f"there is no channel {name!r} that a command defined")
    return holders_of(name, await bundles_by_name(redis, settings))


def _check_own(settings: Settings, name: str) -> None:
    if any(channel.name == name for channel in in_file(settings)):
        raise NewsfeedError(f"{name} is defined by {settings.config}: change it there")
