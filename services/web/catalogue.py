"""The channels that there are: those of the registry and of the file, and those that only left digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from newsfeed.channel_tables import load_channels
from newsfeed.channels import Channel, FrameLanguage
from newsfeed.errors import ChannelInvalid
from newsfeed.eventlog.connection import Client
from newsfeed.registry import Registry
from services.web.shelf import Shelf

NAME_LENGTH = 63


@dataclass(frozen=True, slots=True)
class Known:
    """A channel as pages show it; ``is_open`` says whether digests still come out.

    ``bundle`` are the names of the channels that it is made of.
    """

    name: str
    title: str
    description: str = ""
    language: FrameLanguage = "en"
    time_zone: str = "UTC"
    is_open: bool = True
    bundle: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its dates are meant."""
        return ZoneInfo(self.time_zone)


class Catalogue:
    """The channels of one installation; the file is read again when it has changed."""

    def __init__(self, redis: Client, config: Path) -> None:
        self._redis = redis
        self._config = config
        self._read_at: int | None = None
        self._of_file: Mapping[str, Known] = {}

    def channels(self, registry: Registry) -> dict[str, Known]:
        """Those that are defined, the registry's word before the file's."""
        defined = dict(self._file())
        for name, event in registry.channels.items():
            try:
                defined[name] = _known(Channel.model_validate(event.definition))
            except ValidationError:
                continue  # A newer program's channel: its digests can be read all the same.
        return defined

    def is_in_file(self, name: str) -> bool:
        """Whether the file defines a channel; then nobody else may."""
        return name in self._file()

    async def find(self, registry: Registry, name: str) -> Known | None:
        """A channel by its name; also one that is not defined any more but has digests."""
        defined = self.channels(registry).get(name)
        if defined or len(name) > NAME_LENGTH:
            return defined
        newest = await Shelf(self._redis, name).newest(1)
        return Known(name, newest[0].digest.channel_title, is_open=False) if newest else None

    def _file(self) -> Mapping[str, Known]:
        """What the file says; while it cannot be used, what it said before."""
        try:
            changed_at = self._config.stat().st_mtime_ns
            if changed_at != self._read_at:
                self._of_file = {one.name: _known(one) for one in load_channels(self._config)}
                self._read_at = changed_at
        except (OSError, ChannelInvalid):
            pass
        return self._of_file


def _known(channel: Channel) -> Known:
    return Known(
        channel.name,
        channel.title,
        channel.description,
        channel.language,
        channel.time_zone,
        bundle=channel.bundle,
    )
