"""Channels made of channels: what belongs to any member of a bundle stands in it once, under the first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property

import orjson
from pydantic import Field

from newsfeed.channels import Channel
from newsfeed.errors import ChannelInvalid

TOLD = {"name", "title", "topics", "entities", "languages", "sources", "minimum_score", "query"}
"""What of a member a digest of the bundle depends on: its selection, and what its section is called."""


class Bundle(Channel):
    """A channel made of others, with those of them that are in force, in its order.

    What belongs into it belongs to any of its ``members``, and meets its own lists and its query besides.
    """

    members: tuple[Channel, ...] = Field(exclude=True)

    @cached_property
    def version(self) -> str:
        """64 hexadecimal digits: sha256 over the definition and over what is told of each member."""
        members = [one.model_dump(mode="json", include=TOLD) for one in self.members]
        told = [self.model_dump(mode="json"), members]
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def is_unrestricted(self) -> bool:
        """Whether every article belongs to it."""
        return super().is_unrestricted and any(one.is_unrestricted for one in self.members)

    @property
    def missing(self) -> list[str]:
        """The names for which there is no member: retired since, or a bundle by now."""
        there = {one.name for one in self.members}
        return [name for name in self.bundle if name not in there]


def assembled(channels: Iterable[Channel]) -> dict[str, Channel]:
    """Channels by name, the bundles among them with their members.

    A member that is not there, or is a bundle itself, is left out, and the bundle goes on without it.
    """
    known = {channel.name: channel for channel in channels}
    return {name: _assembled(channel, known) for name, channel in known.items()}


def _assembled(channel: Channel, known: Mapping[str, Channel]) -> Channel:
    if not channel.bundle:
        return channel
    members = [known[name] for name in channel.bundle if name in known and not known[name].bundle]
    defined = {name: getattr(channel, name) for name in Channel.model_fields}
    return Bundle.model_validate({**defined, "members": members})


def bundle_problems(channel: Channel, known: Mapping[str, Sequence[str]]) -> list[str]:
    """What is wrong with the names in a bundle, in a line each.

    ``known`` are the names of all channels, each with those in its own bundle.
    """
    problems = []
    for name in channel.bundle:
        if name not in known:
            problems.append(f"there is no channel {name!r}{_hint(name, known.keys() - {channel.name})}")
        elif known[name]:
            problems.append(
                f"{name!r} is a bundle itself: name what it is made of ({', '.join(known[name])})"
            )
    return [f"channel {channel.name}: bundle: {problem}" for problem in problems]


def check_bundle(channel: Channel, known: Mapping[str, Sequence[str]]) -> None:
    """Whether a channel may be defined beside others; raises :class:`ChannelInvalid` if not."""
    problems = bundle_problems(channel, known)
    holders = holders_of(channel.name, known) if channel.bundle else []
    problems += [
        f"channel {channel.name}: bundle: the bundle {holder!r} is made of it, and none is made of bundles"
        for holder in holders
    ]
    if problems:
        raise ChannelInvalid(*problems)


def holders_of(name: str, known: Mapping[str, Sequence[str]]) -> list[str]:
    """The bundles that a channel is a member of, by name."""
    return sorted(holder for holder, bundle in known.items() if name in bundle)


def _hint(name: str, names: Iterable[str]) -> str:
    ordered = sorted(names)
    near = get_close_matches(name, ordered, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(ordered) or 'none'}"
