"""What came into the log of late: read once for all channels, with the channels each article belongs to.

It may be lost, or begin in the middle: then a channel reads its window from the log, and asks every
article. What a digest says never depends on it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn
from services.publish.channel_index import ChannelIndex
from services.publish.loading import load_candidates
from services.publish.querying import Ancestors

KEPT_COUNT = 10_000
"""Entries that are kept at most: of some kilobytes each."""

Place = tuple[int, int]
"""A partition and a position in it."""


class Arrivals:
    """The end of the log as one process saw it."""

    def __init__(self, log: EventLog, ancestors: Ancestors, kept_count: int = KEPT_COUNT) -> None:
        self._log = log
        self._ancestors = ancestors
        self._kept_count = kept_count
        self._recent: list[list[Entry]] = []
        self._belonging: dict[Place, frozenset[str]] = {}
        self._index = ChannelIndex(())
        self._withdrawn: list[tuple[int, int, str]] = []
        """Partition, position and article of what was withdrawn or erased."""
        self._began: list[int] = []
        """The end of the log at the first look: of what was withdrawn before nothing is known."""
        self.withdrawn_through: list[int] = []
        """Where the last withdrawal stands in each partition, as far as is known."""
        self._asked_after: dict[str, list[int]] = {}
        """By version of a channel: the positions from which on the index knew it."""
        self.tails: list[int] = []
        """The end of the log at the last look."""

    async def look(self, channels: Sequence[Channel]) -> None:
        """Take in what is new since the last look, for the channels there are now."""
        if not self.tails:
            self.tails = await self._log.tails()
            self._recent = [[] for _ in self.tails]
            self._began, self.withdrawn_through = [*self.tails], [*self.tails]
        if self._asked_after.keys() != {channel.version for channel in channels}:
            self._index = ChannelIndex(channels)
            known = self._asked_after
            self._asked_after = {one.version: known.get(one.version, self.tails) for one in channels}
        tails = [*self.tails]
        for partition, tail in enumerate(await self._log.tails()):
            if tail > tails[partition]:
                await self._take_in(partition, tails[partition], tail)
                tails[partition] = tail
                self.tails = [*tails]
        self._let_go()

    async def _take_in(self, partition: int, after: int, through: int) -> None:
        async with aclosing(self._log.read(partition, after=after, through=through)) as entries:
            new = [entry async for entry in entries]
        enriched = {
            str(entry.position): (partition, entry.event)
            for entry in new
            if isinstance(entry.event, ArticleEnriched)
        }
        for candidate in await load_candidates(self._log, enriched):
            place = partition, candidate.position
            self._belonging[place] = self._index.matching(candidate, self._ancestors)
        self._recent[partition] += new
        for entry in new:
            if isinstance(entry.event, ArticleWithdrawn | ArticleErased):
                self._withdrawn.append((partition, entry.position, entry.event.article_id))
                self.withdrawn_through[partition] = entry.position

    def _let_go(self) -> None:
        """Forget the oldest of each partition when there is too much."""
        for partition, position, _ in self._withdrawn[: -self._kept_count]:
            self._began[partition] = position
        del self._withdrawn[: -self._kept_count]
        keep = self._kept_count // max(len(self._recent), 1)
        for partition, entries in enumerate(self._recent):
            for entry in entries[: max(len(entries) - keep, 0)]:
                self._belonging.pop((partition, entry.position), None)
            del entries[: max(len(entries) - keep, 0)]

    async def read(self, partition: int, *, after: int = 0) -> AsyncGenerator[Entry, None]:
        """The entries after a position up to the last look, from the log where they are not remembered."""
        recent = self._recent[partition]
        tail = self.tails[partition]
        begin = tail - len(recent)
        if after >= begin:
            for entry in recent[after - begin :]:
                yield entry
            return
        async with aclosing(self._log.read(partition, after=after, through=tail)) as entries:
            async for entry in entries:
                yield entry

    def withdrawn(self, after: Mapping[int, int]) -> list[str] | None:
        """The articles that were withdrawn after a position in each partition; None if that is not known."""
        if any(after.get(partition, 0) < began for partition, began in enumerate(self._began)):
            return None
        return [one for partition, position, one in self._withdrawn if position > after.get(partition, 0)]

    def belongs(self, channel: Channel, partition: int, position: int) -> bool:
        """Whether an enrichment may concern a channel: True where nobody remembers."""
        asked_after = self._asked_after.get(channel.version)
        if asked_after is None or position <= asked_after[partition]:
            return True
        names = self._belonging.get((partition, position))
        return names is None or channel.name in names
