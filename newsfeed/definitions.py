"""What is to be said in the registry about channels: pure decisions on what it means now.

The file wins over commands for the names that it defines, and for no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import ValidationError

from newsfeed.bundles import assembled
from newsfeed.channels import Channel
from newsfeed.envelope import derive_id
from newsfeed.errors import ChannelInvalid
from newsfeed.registry import ChannelDefined, ChannelRetired, Registry, RegistryEvent

Definer = Literal["file", "command", "api"]


def define(registry: Registry, channels: Iterable[Channel], by: Definer, at: datetime) -> list[RegistryEvent]:
    """Define channels, those left out that are defined so already."""
    said: list[RegistryEvent] = []
    for channel in channels:
        known = registry.channels.get(channel.name)
        if known and (known.channel_version, known.defined_by) == (channel.version, by):
            continue
        identity = derive_id("channel_defined", channel.name, channel.version, registry.position)
        said.append(
            ChannelDefined(
                event_id=identity,
                occurred_at=at,
                correlation_id=identity,
                channel=channel.name,
                channel_version=channel.version,
                definition=channel.model_dump(mode="json"),
                defined_by=by,
            )
        )
    return said


def retire(registry: Registry, names: Iterable[str], at: datetime) -> list[RegistryEvent]:
    """Retire channels, those left out that are not there."""
    said: list[RegistryEvent] = []
    for name in names:
        if name in registry.channels:
            identity = derive_id("channel_retired", name, registry.position)
            said.append(
                ChannelRetired(event_id=identity, occurred_at=at, correlation_id=identity, channel=name)
            )
    return said


def synchronise(registry: Registry, channels: Sequence[Channel], at: datetime) -> list[RegistryEvent]:
    """Say what a file defines now: what is new or changed in it, and what is gone from it."""
    named = {channel.name for channel in channels}
    gone = [name for name, one in registry.channels.items() if one.defined_by == "file" and name not in named]
    return [*define(registry, channels, "file", at), *retire(registry, gone, at)]


@dataclass(frozen=True, slots=True)
class Defined:
    """A channel that is in force, and when it was defined so."""

    channel: Channel
    defined_at: datetime
    defined_by: Definer


def channel_of(fact: ChannelDefined) -> Defined:
    """The channel that a fact defines.

    Raises :class:`ChannelInvalid` for one that this program cannot read: a newer one wrote it.
    """
    try:
        channel = Channel.model_validate(fact.definition)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ChannelInvalid(f"channel {fact.channel}: {where}: {first['msg']}") from error
    return Defined(channel, fact.occurred_at, fact.defined_by)


def in_force(registry: Registry, problems: dict[str, str]) -> Mapping[str, Defined]:
    """The channels of the registry by name, bundles with their members.

    Those that cannot be read are told in ``problems``.
    """
    found: dict[str, Defined] = {}
    for name, fact in registry.channels.items():
        try:
            found[name] = channel_of(fact)
        except ChannelInvalid as error:
            problems[name] = str(error)
    channels = assembled(one.channel for one in found.values())
    return {name: replace(one, channel=channels[name]) for name, one in found.items()}
