"""What came into the log of late: read once for all channels, with the channels each article belongs to.

It may be lost, or begin in the middle: then a channel reads its window from the log, and asks every
article. What a digest says never depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn
from services.publish.beginning import positions_before
from services.publish.channel_index import ChannelIndex
from services.publish.loading import load_candidates
from services.publish.passing import Passed
from services.publish.querying import Ancestors
from services.publish.remembering import RecentPartition

KEPT_COUNT = 20_000
"""Entries that are kept at most; of those that concern nobody only the time is."""

PAGE_COUNT = 1000
"""Entries that are taken in together."""

MOMENTS_KEPT = 100

Place = tuple[int, int]
"""A partition and a position in it."""


class Arrivals:
    """The end of the log as one process saw it."""

    def __init__(self, log: EventLog, ancestors: Ancestors, kept_count: int = KEPT_COUNT) -> None:
        self._log = log
        self._ancestors = ancestors
        self._kept_count = kept_count
        self._recent: list[RecentPartition] = []
        self._belonging: dict[Place, frozenset[str]] = {}
        self._index = ChannelIndex(())
        self._withdrawn: list[tuple[int, int, str]] = []
        """Partition, position and article of what was withdrawn or erased."""
        self._began: list[int] = []
        """Where the first look began: of what was withdrawn before nothing is known."""
        self.withdrawn_through: list[int] = []
        """Where the last withdrawal stands in each partition, as far as is known."""
        self._asked_after: dict[str, list[int]] = {}
        """By version of a channel: the positions from which on the index knew it."""
        self._before: dict[datetime, dict[int, int]] = {}
        """By when channels begin: the last positions before."""
        self.tails: list[int] = []
        """The end of the log at the last look."""

    async def look(self, channels: Sequence[Channel], covered: Mapping[int, int] | None = None) -> None:
        """Take in what is new since the last look, for the channels there are now.

        The first look begins at what all of them have ``covered``, in each partition, as far as that is
        not longer ago than is kept; without at the end.
        """
        tails = await self._log.tails()
        if not self.tails:
            self._begin(tails, covered)
        if self._asked_after.keys() != {channel.version for channel in channels}:
            self._index = ChannelIndex(channels)
            known = self._asked_after
            self._asked_after = {one.version: known.get(one.version, [*self.tails]) for one in channels}
        for partition, tail in enumerate(tails):
            while tail > self.tails[partition]:
                await self._take_in(partition, min(tail, self.tails[partition] + PAGE_COUNT))
        self._let_go()

    def _begin(self, tails: Sequence[int], covered: Mapping[int, int] | None) -> None:
        most = self._kept_count // max(len(tails), 1)
        self.tails = [
            tail if covered is None else max(min(covered.get(partition, 0), tail), tail - most, 0)
            for partition, tail in enumerate(tails)
        ]
        self._recent = [RecentPartition(partition, begin) for partition, begin in enumerate(self.tails)]
        self._began, self.withdrawn_through = [*self.tails], [*self.tails]

    async def _take_in(self, partition: int, through: int) -> None:
        after = self.tails[partition]
        async with aclosing(self._log.read(partition, after=after, through=through)) as entries:
            new = [entry async for entry in entries]
        enriched = {
            str(entry.position): (partition, entry.event)
            for entry in new
            if isinstance(entry.event, ArticleEnriched)
        }
        belonging = {
            candidate.position: self._index.matching(candidate, self._ancestors)
            for candidate in await load_candidates(self._log, enriched)
        }
        self._belonging |= {(partition, position): names for position, names in belonging.items()}
        self._recent[partition].add(new, belonging)
        for entry in new:
            if isinstance(entry.event, ArticleWithdrawn | ArticleErased):
                self._withdrawn.append((partition, entry.position, entry.event.article_id))
                self.withdrawn_through[partition] = entry.position
        self.tails = [*self.tails[:partition], through, *self.tails[partition + 1 :]]  # Others keep the old.

    def _let_go(self) -> None:
        """Forget the oldest when there is too much: a tenth more, so that it is not done at every look."""
        for partition, position, _ in self._withdrawn[: -self._kept_count]:
            self._began[partition] = position
        del self._withdrawn[: -self._kept_count]
        most = self._kept_count // max(len(self._recent), 1)
        for recent in self._recent:
            if len(recent) > most:
                recent.let_go(len(recent) - most + most // 10)
                gone = [at for at in self._belonging if at[0] == recent.partition and at[1] <= recent.begin]
                for place in gone:
                    del self._belonging[place]

    def window(self, channel: Channel, after: Mapping[int, int], boundary: datetime) -> Passed | None:
        """What a channel's window holds from some positions to a boundary, or to where it is full.

        None where not all of it is remembered with what belongs to this channel.
        """
        asked_after = self._asked_after.get(channel.version)
        if asked_after is None:
            return None
        for recent in self._recent:
            at = after[recent.partition]
            if at < max(recent.begin, asked_after[recent.partition]):
                return None
        ends = {one.partition: one.through(boundary) for one in self._recent}
        passed = Passed({partition: max(end, after[partition]) for partition, end in ends.items()})
        if not channel.is_calendar:
            self._fill(passed, channel, after)
        for _, partition, position in sorted(self._concerning(channel, after, passed.through)):
            passed.take(partition, self._recent[partition].entry(position))
        return passed

    def _fill(self, passed: Passed, channel: Channel, after: Mapping[int, int]) -> None:
        """End a window at the entry with which it is full."""
        articles: set[str] = set()
        for time, partition, position in sorted(self._own(channel, after, passed.through)):
            event = self._recent[partition].entry(position).event
            assert isinstance(event, ArticleEnriched)
            articles.add(event.article_id)
            if len(articles) < channel.max_items:
                continue
            passed.full_at = time
            for one in self._recent:
                # Of what was recorded at the same moment the lower partition comes first.
                end = one.through(time, inclusive=one.partition < partition)
                passed.through[one.partition] = max(end, after[one.partition])
            passed.through[partition] = position
            return

    def _own(
        self, channel: Channel, after: Mapping[int, int], through: Mapping[int, int]
    ) -> list[tuple[datetime, int, int]]:
        return [
            (one.time(position), one.partition, position)
            for one in self._recent
            for position in one.own(
                channel.name, after[one.partition], through[one.partition], everything=channel.is_unrestricted
            )
        ]

    def _concerning(
        self, channel: Channel, after: Mapping[int, int], through: Mapping[int, int]
    ) -> set[tuple[datetime, int, int]]:
        return {
            *self._own(channel, after, through),
            *(
                (one.time(position), one.partition, position)
                for one in self._recent
                for position in one.of_all(after[one.partition], through[one.partition])
            ),
        }

    async def positions_before(self, moment: datetime) -> dict[int, int]:
        """The last positions before a moment: asked once for all channels that begin then."""
        if moment not in self._before:
            if len(self._before) >= MOMENTS_KEPT:
                self._before.clear()
            self._before[moment] = await positions_before(self._log, moment)
        return self._before[moment]

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
