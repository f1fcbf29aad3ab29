"""The joined log: what Redis still holds, and below that the archive, as if nothing was ever trimmed."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import cast

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import Entry, entry_id, position_of, read_entry

Raw = tuple[bytes, dict[bytes, bytes]]
"""An entry as redis-py gives it: its id and its fields."""

Place = tuple[int, int]
"""A partition and a position in it."""


class Reading:
    """Reads one log. What Redis has is never taken from the archive, and a hole in it is never filled."""

    def __init__(self, redis: Client, archive: Archive | None) -> None:
        self._redis = redis
        self._archive = archive

    async def pages(
        self, partition: int, after: int, through: int | None
    ) -> AsyncGenerator[Iterable[Entry], None]:
        """Entries ``(after, through]`` in order, page by page; raises :class:`LogDamaged` at a gap.

        Each is read as it is taken: a page of events that are alive together costs half as much again.
        """
        expected = after + 1
        while through is None or expected <= through:
            if raws := await self._hot(partition, expected, through):
                yield map(read_entry, raws)
                expected += len(raws)
                continue
            first, following = await self._around(partition, expected, through)
            if expected < first:
                last = first - 1 if through is None else min(first - 1, through)
                async with aclosing(self._archived(partition, expected, last)) as cold:
                    async for page in cold:
                        yield page
                expected = last + 1
            elif following is None:
                return
            elif following != expected:
                raise _missing(partition, expected)

    async def _hot(self, partition: int, first: int, through: int | None) -> list[Raw]:
        """One page of what Redis holds from a position on, as far as it goes on without a hole."""
        end = "+" if through is None else entry_id(through)
        page = await self._redis.xrange(streams.log(partition), entry_id(first), end, count=MAX_BATCH)
        raws = cast("list[Raw]", page or [])
        if raws and raws[-1][0] == entry_id(first + len(raws) - 1).encode():
            return raws  # Ids rise, so there is no hole before it either.
        wanted = itertools.count(first)
        return list(itertools.takewhile(lambda raw: raw[0] == entry_id(next(wanted)).encode(), raws))

    async def _around(self, partition: int, position: int, through: int | None) -> tuple[int, int | None]:
        """The first position that Redis holds, and the next one from a position on, at one moment.

        Where all was trimmed the first one is behind the tail.
        """
        key, end = streams.log(partition), "+" if through is None else entry_id(through)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xrange(key, count=1)
        pipeline.xrange(key, entry_id(position), end, count=1)
        pipeline.hget(streams.tail(partition), "n")
        oldest, following, tail = await pipeline.execute()
        first = position_of(oldest[0][0]) if oldest else int(tail or 0) + 1
        return first, position_of(following[0][0]) if following else None

    async def first(self, partition: int) -> int:
        """The first position that Redis holds; one behind the tail where all was trimmed."""
        return (await self._around(partition, 1, None))[0]

    async def _archived(self, partition: int, first: int, last: int) -> AsyncGenerator[list[Entry], None]:
        expected, page = first, list[Entry]()
        if self._archive is not None:
            async with aclosing(self._archive.read(partition, after=first - 1, through=last)) as entries:
                async for entry in entries:
                    page.append(entry)
                    expected += 1
                    if len(page) == MAX_BATCH:
                        yield page
                        page = []
        if page:
            yield page
        if expected <= last:
            raise _missing(partition, expected)

    async def at(self, places: Iterable[Place]) -> dict[Place, Entry]:
        """The entries at some places; absent ones are left out. One round trip while nothing is trimmed."""
        wanted = list(dict.fromkeys(places))
        pipeline = self._redis.pipeline(transaction=False)
        for partition, position in wanted:
            pipeline.xrange(streams.log(partition), entry_id(position), entry_id(position))
        pages = await pipeline.execute()
        found = {place: read_entry(page[0]) for place, page in zip(wanted, pages, strict=True) if page}
        if self._archive and len(found) < len(wanted):
            await self._recall(self._archive, [place for place in wanted if place not in found], found)
        return found

    async def _recall(self, archive: Archive, missing: list[Place], found: dict[Place, Entry]) -> None:
        for partition in dict.fromkeys(partition for partition, _ in missing):
            first = await self.first(partition)
            below = [position for p, position in missing if p == partition and 0 < position < first]
            entries = await archive.entries(partition, below)
            found.update({(partition, position): entry for position, entry in entries.items()})


def _missing(partition: int, position: int) -> LogDamaged:
    return LogDamaged(f"partition {partition}: position {position} is missing")
