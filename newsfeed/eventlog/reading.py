"""The joined log: what Redis still holds, and below that the archive, as if nothing was ever trimmed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import cast

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import Entry, entry_id, position_of, read_entries, read_entry

Place = tuple[int, int]
"""A partition and a position in it."""


class Reading:
    """Reads one log. What Redis has is never taken from the archive, and a hole in it is never filled."""

    def __init__(self, redis: Client, archive: Archive | None) -> None:
        self._redis = redis
        self._archive = archive

    async def pages(
        self, partition: int, after: int, through: int | None
    ) -> AsyncGenerator[list[Entry], None]:
        """Entries ``(after, through]`` in order, page by page; raises :class:`LogDamaged` at a gap."""
        expected = after + 1
        while through is None or expected <= through:
            begun = expected
            async with aclosing(self._hot(partition, expected, through)) as hot:
                async for page in hot:
                    yield page
                    expected += len(page)
            if expected > begun:
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

    async def _hot(
        self, partition: int, first: int, through: int | None
    ) -> AsyncGenerator[list[Entry], None]:
        """What Redis holds from a position on, as far as it goes on without a hole.

        The next page is under way while one is looked at: Redis works on another core.
        """
        expected, raws = first, await self._page(partition, first, through)
        while raws:
            ahead = None
            if len(raws) == MAX_BATCH:
                ahead = asyncio.create_task(self._page(partition, expected + MAX_BATCH, through))
                await asyncio.sleep(0)  # It is sent here.
            try:
                page = _contiguous(read_entries(raws), expected)
                if page:
                    yield page
                if len(page) < len(raws):
                    return
                expected += len(page)
                raws = await ahead if ahead else []
            finally:
                if ahead:
                    await end(ahead)

    async def _page(self, partition: int, first: int, through: int | None) -> list[object]:
        last = "+" if through is None else entry_id(through)
        page = await self._redis.xrange(streams.log(partition), entry_id(first), last, count=MAX_BATCH)
        return cast("list[object]", page or [])

    async def _around(self, partition: int, position: int, through: int | None) -> tuple[int, int | None]:
        """The first position that Redis holds, and the next one from a position on, at one moment.

        Where all was trimmed the first one is behind the tail.
        """
        key, last = streams.log(partition), "+" if through is None else entry_id(through)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xrange(key, count=1)
        pipeline.xrange(key, entry_id(position), last, count=1)
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


def _contiguous(entries: list[Entry], first: int) -> list[Entry]:
    """The entries up to the first hole, if the first of them stands where it should."""
    if entries[-1].position == first + len(entries) - 1 and entries[0].position == first:
        return entries  # Stream ids rise, so there is none.
    wanted = itertools.count(first)
    return list(itertools.takewhile(lambda entry: entry.position == next(wanted), entries))


def _missing(partition: int, position: int) -> LogDamaged:
    return LogDamaged(f"partition {partition}: position {position} is missing")
