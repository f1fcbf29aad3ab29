"""The channel that a command is about: one that is defined, or one made of options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import typer

from newsfeed.channels import Channel
from newsfeed.cli.defining import channel_from, defined_channels
from newsfeed.eventlog.connection import Client
from newsfeed.readmodel.queries import NotFound
from newsfeed.settings import Settings

UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True)
class Choice:
    """A name, or a query; raises ``typer.BadParameter`` for neither, and for a query that cannot be read."""

    name: str | None
    query: str | None
    cadences: Mapping[str, object]

    def __post_init__(self) -> None:
        if (self.name is None) == (self.query is None):
            raise typer.BadParameter("name a channel, or give --query")
        if self.query is not None:
            self.made()

    def made(self) -> Channel:
        """The channel of the query."""
        return channel_from(UNNAMED, None, self.query or "", self.cadences, ())

    async def channel(self, redis: Client, settings: Settings) -> Channel:
        """The channel; raises :class:`NotFound`."""
        if self.query is not None:
            return self.made()
        known = [channel for channel, _ in await defined_channels(redis, settings)]
        for channel in known:
            if channel.name == self.name:
                return channel
        names = ", ".join(channel.name for channel in known) or "none"
        raise NotFound(f"there is no channel {self.name!r}; known are {names}")
