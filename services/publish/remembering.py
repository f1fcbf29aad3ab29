"""The end of one partition in memory: when everything was recorded, and what of it concerns which channel."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from newsfeed import logs
from newsfeed.errors import EventUnreadable
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn

UNKNOWN = datetime.max.replace(tzinfo=UTC)
"""The time of an entry that does not say it, until one behind it does: they belong to the same window."""

Belonging = Mapping[int, frozenset[str]]
"""The channels that the enrichment at a position belongs to."""


class RecentPartition:
    """The entries behind ``begin``, without gaps, oldest first."""

    def __init__(self, partition: int, begin: int) -> None:
        self.partition = partition
        self.begin = begin
        self._times: list[datetime] = []
        self._entries: dict[int, Entry] = {}
        self._of_channel: dict[str, list[int]] = {}
        self._of_all: list[int] = []
        """What may concern the readers of any channel: withdrawals, and what is new of an older article."""
        self._unknown: list[int] = []
        """Enrichments whose texts could not be read: channels for everything have them all the same."""
        self._enriched: set[str] = set()

    def __len__(self) -> int:
        return len(self._times)

    def add(self, entries: Sequence[Entry], belonging: Belonging) -> None:
        """What follows."""
        for entry in entries:
            event = entry.event
            if isinstance(event, EventUnreadable):
                self._times.append(UNKNOWN)
                continue
            assert event.recorded_at is not None
            self._times.append(event.recorded_at)
            self._date_unreadable(event.recorded_at)
            if isinstance(event, ArticleEnriched):
                self._file(entry, event, belonging.get(entry.position))
            elif isinstance(event, ArticleWithdrawn | ArticleErased):
                self._entries[entry.position] = entry
                self._of_all.append(entry.position)

    def _date_unreadable(self, recorded_at: datetime) -> None:
        at = len(self._times) - 2
        while at >= 0 and self._times[at] == UNKNOWN:
            self._times[at] = recorded_at
            position = self.begin + at + 1
            logs.get_logger().warning("publish.entry_unreadable", partition=self.partition, position=position)
            at -= 1

    def _file(self, entry: Entry, event: ArticleEnriched, names: frozenset[str] | None) -> None:
        self._entries[entry.position] = entry
        for name in names or ():
            self._of_channel.setdefault(name, []).append(entry.position)
        if names is None:
            self._unknown.append(entry.position)
        if names is None or event.version > 1 or event.article_id in self._enriched:
            self._of_all.append(entry.position)
        self._enriched.add(event.article_id)

    def let_go(self, count: int) -> None:
        """Forget so many of the oldest."""
        if count <= 0:
            return
        self.begin += count
        del self._times[:count]
        for positions in (*self._of_channel.values(), self._of_all, self._unknown):
            del positions[: bisect_right(positions, self.begin)]
        self._entries = {at: entry for at, entry in self._entries.items() if at > self.begin}

    def entry(self, position: int) -> Entry:
        """One that concerns somebody."""
        return self._entries[position]

    def time(self, position: int) -> datetime:
        """When an entry was recorded."""
        return self._times[position - self.begin - 1]

    def through(self, moment: datetime, *, inclusive: bool = False) -> int:
        """The last position recorded before a moment, or up to it."""
        count = bisect_right(self._times, moment) if inclusive else bisect_left(self._times, moment)
        return self.begin + count

    def own(self, name: str, after: int, through: int, *, everything: bool) -> Iterator[int]:
        """The enrichments in ``(after, through]`` that belong to a channel; ``everything`` if all do."""
        yield from _between(self._of_channel.get(name, []), after, through)
        if everything:
            yield from _between(self._unknown, after, through)

    def of_all(self, after: int, through: int) -> Iterator[int]:
        """What there is in ``(after, through]`` that may concern anybody."""
        yield from _between(self._of_all, after, through)


def _between(positions: Sequence[int], after: int, through: int) -> Sequence[int]:
    return positions[bisect_right(positions, after) : bisect_right(positions, through)]
