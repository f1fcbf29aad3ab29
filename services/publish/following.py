"""Which channels there are: what the registry says, kept in step with the file that defines some of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from newsfeed import logs
from newsfeed.bundles import Bundle
from newsfeed.channel_tables import load_channels
from newsfeed.definitions import Defined, in_force, synchronise
from newsfeed.errors import ChannelInvalid
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.registry_log import RegistryLog

FILE_TROUBLE = "channels.file"
"""No name of a channel has a full stop."""


class Following:
    """The channels in force. Without a file the registry alone says which they are."""

    def __init__(self, redis: Client, file: Path | None) -> None:
        self._registry_log = RegistryLog(redis)
        self._file = file
        self._seen: tuple[int, ...] | None = None
        """How the file looked when it was read last."""
        self._position: int | None = None
        self._current: Mapping[str, Defined] = {}
        self._incomplete: dict[str, list[str]] = {}
        """By bundle the names for which it has no member."""
        self.troubles: dict[str, str] = {}
        """What is wrong: with the file (:data:`FILE_TROUBLE`), or by channel with its definition."""

    async def current(self, now: datetime) -> Mapping[str, Defined]:
        """The channels by name.

        A file that cannot be used any more changes nothing but :attr:`troubles`; one that never could
        raises :class:`ChannelInvalid`.
        """
        look = self._look()
        if look != self._seen:
            await self._synchronise(look, now)
            self._seen = look
        registry = await self._registry_log.read()
        if registry.position != self._position:
            problems: dict[str, str] = {}
            self._current = in_force(registry, problems)
            kept = {name: text for name, text in self.troubles.items() if name == FILE_TROUBLE}
            self.troubles = kept | problems
            self._position = registry.position
            self._warn_of_bundles()
        return self._current

    def _warn_of_bundles(self) -> None:
        """Say, once, which bundles go on without a channel that they name."""
        channels = [one.channel for one in self._current.values()]
        found = {one.name: one.missing for one in channels if isinstance(one, Bundle) and one.missing}
        for name, missing in found.items():
            if self._incomplete.get(name) != missing:
                logs.get_logger().warning("publish.bundle_incomplete", channel=name, missing=missing)
        self._incomplete = found

    def _look(self) -> tuple[int, ...]:
        """Whether the file is another one: changed when, how long, and which."""
        if self._file is None:
            return ()
        try:
            found = self._file.stat()
        except OSError:
            return (0,)
        return found.st_mtime_ns, found.st_size, found.st_ino

    async def _synchronise(self, look: tuple[int, ...], now: datetime) -> None:
        if self._file is None:
            return
        try:
            channels = load_channels(self._file)
        except ChannelInvalid as error:
            if self._seen is None:
                raise
            self.troubles[FILE_TROUBLE] = str(error)
            logs.get_logger().warning("publish.channels_unreadable", problems=error.problems)
            return
        self.troubles.pop(FILE_TROUBLE, None)
        at = min(now, datetime.fromtimestamp(look[0] / 1e9, UTC))
        said = await self._registry_log.change(lambda registry: synchronise(registry, channels, at))
        for fact in said:
            logs.get_logger().info("publish.channel_synchronised", type=fact.type, subject=fact.subject)
