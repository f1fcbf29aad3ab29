"""Reading: in order, by subject, as of a position, and by waiting for what comes."""

from __future__ import annotations

import asyncio

from newsfeed.errors import EventUnreadable
from newsfeed.testing.facts import append_raw, enrichment_append, version_append, version_at
from newsfeed.testing.under_test import LogUnderTest

FOREVER_SECONDS = 600.0
"""Longer than any test may take: a reader that is not woken fails."""


class Reading:
    """What the reads promise."""

    async def test_a_range_of_positions_is_read_in_order(self, under_test: LogUnderTest) -> None:
        """A checkpoint says where to go on, a window where to stop; neither end is read twice."""
        log = under_test.log
        await log.append(0, [version_append("a", version) for version in range(1, 101)])
        await log.append(0, [version_append("a", version) for version in range(101, 151)])

        assert [entry.position async for entry in log.read(0, after=98)] == [*range(99, 151)]
        assert [entry.position async for entry in log.read(0, after=98, through=101)] == [99, 100, 101]
        assert [entry.position async for entry in log.read(0, through=500)] == [*range(1, 151)]
        assert [entry.position async for entry in log.read(1)] == []

    async def test_an_unreadable_event_is_read_as_an_error(self, under_test: LogUnderTest) -> None:
        """One event of a newer version must not hide those after it."""
        log = under_test.log
        await append_raw(log, "a", '{"type":"article.sung"}')
        await log.append(0, [version_append("b")])

        unreadable, readable = [entry async for entry in log.read(0)]

        assert isinstance(unreadable.event, EventUnreadable)
        assert readable.readable().subject == "b"

    async def test_entries_are_found_by_position(self, under_test: LogUnderTest) -> None:
        """What is not there is left out."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])

        assert [*await log.entries(0, [2, 7, 1])] == [2, 1]
        assert await log.entry(0, 3) is None
        assert await log.entry(1, 1) is None

    async def test_an_entry_says_what_it_is_and_what_went_before(self, under_test: LogUnderTest) -> None:
        """By these links a history is walked without an index."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b"), version_append("a", 2)])

        entry = await log.entry(0, 3)

        assert entry is not None
        assert (entry.version, entry.previous) == (2, 1)
        assert entry.event_id == str(entry.readable().event_id)

    async def test_a_history_is_told_oldest_first(self, under_test: LogUnderTest) -> None:
        """Whatever else was written in between."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b"), version_append("a", 2)])

        assert [entry.position for entry in await log.history("a")] == [1, 3]
        assert await log.history("unknown") == []

    async def test_a_subject_that_is_not_there_has_an_empty_head(self, under_test: LogUnderTest) -> None:
        """Version 0 at position 0 is what a first version follows."""
        head = (await under_test.log.heads(["a", "a"]))["a"]

        assert (head.version, head.position, head.erased) == (0, 0, 0)

    async def test_the_newest_version_is_found_behind_late_enrichments(
        self, under_test: LogUnderTest
    ) -> None:
        """Enrichment of version 1 may be appended after version 2."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("a", 2)])
        await log.append(0, [enrichment_append(await version_at(log, 1))])

        newest = await log.newest_versions(["a", "unknown"])
        earlier = await log.newest_versions(["a"], {0: 1})

        assert {article: event.version for article, event in newest.items()} == {"a": 2}
        assert {article: event.version for article, event in earlier.items()} == {"a": 1}
        assert await log.newest_versions(["a"], {}) == {}

    async def test_a_waiting_reader_is_woken_by_an_append(self, under_test: LogUnderTest) -> None:
        """Asking again and again would either be slow or keep the server busy."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        waiting = asyncio.create_task(log.wait({0: 1, 1: 0}, FOREVER_SECONDS))
        await asyncio.sleep(0)

        await under_test.another().append(1, [version_append("d")])

        await waiting

    async def test_a_reader_that_is_behind_does_not_wait(self, under_test: LogUnderTest) -> None:
        """What was appended before it asked counts, too."""
        await under_test.log.append(0, [version_append("a")])

        await under_test.log.wait({0: 0, 1: 0}, FOREVER_SECONDS)

    async def test_a_wait_ends_without_an_append(self, under_test: LogUnderTest) -> None:
        """A program looks at other things from time to time."""
        await under_test.log.wait({0: 0}, 0.01)

        assert await under_test.log.tail(0) == 0
