"""Appending: positions without gaps, every event once, all of a batch or nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from redis.exceptions import ResponseError

from newsfeed.errors import LogConflict
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.events import ArticleEnriched
from newsfeed.testing.facts import (
    document,
    enrichment_append,
    version_append,
    version_at,
    withdrawn_append,
)
from newsfeed.testing.under_test import LogUnderTest


class Appending:
    """What an append promises."""

    async def test_positions_are_contiguous_from_one(self, under_test: LogUnderTest) -> None:
        """Gap detection, lag and exactly-once are integer comparisons only if no position is left out."""
        log = under_test.log
        first = await log.append(0, [version_append("a"), version_append("b")])
        second = await log.append(0, [version_append("c")])

        assert first == [1, 2]
        assert second == [3]
        assert [entry.position async for entry in log.read(0)] == [1, 2, 3]

    async def test_every_partition_counts_for_itself(self, under_test: LogUnderTest) -> None:
        """A position means something only together with its partition."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])

        assert await log.append(1, [version_append("d")]) == [1]
        assert await log.tails() == [2, 1]
        assert [log.partition_of(subject) for subject in "abd"] == [0, 0, 1]

    async def test_the_log_adds_position_and_time_to_the_event(self, under_test: LogUnderTest) -> None:
        """A plain reader of the stream must see both; nobody knows them before the append."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])

        events = [entry.readable() async for entry in log.read(0)]

        assert [event.position for event in events] == [1, 2]
        assert all(event.recorded_at is not None for event in events)

    async def test_the_time_of_record_never_falls(self, under_test: LogUnderTest) -> None:
        """Windows are cut by it: a clock that is set back must not put a new event into a closed one."""
        log, future = under_test.log, datetime(2100, 1, 1, 0, 0, 0, 250, tzinfo=UTC)
        await log.append(0, [version_append("a")])
        await under_test.recorded_until(future)

        await log.append(0, [version_append("b")])

        assert (await version_at(log, 2)).recorded_at == future

    async def test_an_event_appended_twice_is_stored_once(self, under_test: LogUnderTest) -> None:
        """A lost reply makes every writer repeat itself, and its next batch may be cut differently."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])

        again = await log.append(0, [version_append("b"), version_append("a"), version_append("c")])

        assert again == [-2, -1, 3]
        assert await log.tail(0) == 3

    async def test_an_event_twice_in_a_batch_is_stored_once(self, under_test: LogUnderTest) -> None:
        """Two seeds may tell the same, in the same moment."""
        assert await under_test.log.append(0, [version_append("a"), version_append("a")]) == [1, -1]
        assert await under_test.log.tail(0) == 1

    async def test_an_old_event_is_recognised_behind_many_newer_ones(self, under_test: LogUnderTest) -> None:
        """Idempotency has no window: a file restored from a backup may come years later."""
        log = under_test.log
        for version in range(1, 51):
            await log.append(0, [version_append("a", version)])

        assert await log.append(0, [version_append("a", 1)]) == [-1]
        assert await log.append(0, [version_append("a", 17)]) == [-17]

    async def test_a_derived_event_is_recognised_behind_newer_versions(
        self, under_test: LogUnderTest
    ) -> None:
        """It expects no version, so that only its cause can say how far to look for it."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        derived = enrichment_append(await version_at(log, 1))
        await log.append(0, [derived])
        for version in range(2, 6):
            await log.append(0, [version_append("a", version)])

        assert await log.append(0, [derived]) == [-2]

    async def test_versions_rise_inside_one_batch(self, under_test: LogUnderTest) -> None:
        """A batch may hold several versions of one article."""
        log = under_test.log
        await log.append(0, [version_append("a", 1), version_append("a", 2), withdrawn_append("a", 3)])

        head = (await log.heads(["a"]))["a"]
        assert (head.version, head.position) == (3, 3)

    async def test_a_derived_event_leaves_the_version_alone(self, under_test: LogUnderTest) -> None:
        """If enrichment counted, every revision would have to race with it."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        await log.append(0, [enrichment_append(await version_at(log, 1)), version_append("a", 2)])

        history = await log.history("a")
        assert [entry.version for entry in history] == [1, 1, 2]
        assert isinstance(history[1].event, ArticleEnriched)

    async def test_a_document_is_stored_with_its_event_and_once(self, under_test: LogUnderTest) -> None:
        """An event without its text could never be read; the same text under two articles is one."""
        log, text = under_test.log, document(title="A rare headline")
        await log.append(0, [version_append("a", 1, text), version_append("b", 1, text)])

        assert await log.articles(0, [text.sha256, "0" * 64]) == {text.sha256: text}
        assert await log.articles(1, [text.sha256]) == {}

    async def test_an_empty_batch_is_no_append(self, under_test: LogUnderTest) -> None:
        """A handler that derives nothing commits nothing but its acknowledgements."""
        assert await under_test.log.append(0, []) == []
        assert await under_test.log.tail(0) == 0

    async def test_a_batch_has_a_limit(self, under_test: LogUnderTest) -> None:
        """While one commit runs, everybody else waits."""
        batch = [version_append("a", version) for version in range(1, MAX_BATCH + 2)]

        with pytest.raises(ResponseError, match="BATCH too large"):
            await under_test.log.append(0, batch)

        assert await under_test.log.append(0, batch[:-1]) == [*range(1, MAX_BATCH + 1)]

    async def test_racing_writers_leave_no_gap_and_no_double(self, under_test: LogUnderTest) -> None:
        """Optimistic concurrency: of many writers of one version exactly one wins."""
        log = under_test.log

        async def write(writer: int) -> int:
            won = 0
            for version in range(1, 11):
                try:
                    text = document(body=f"By {writer}.")
                    won += (await log.append(0, [version_append("a", version, text)]))[0] > 0
                except LogConflict:
                    continue
            return won

        wins = await asyncio.gather(*(write(writer) for writer in range(8)))

        assert 10 == sum(wins) == (await log.heads(["a"]))["a"].version
        assert await log.tail(0) == 10
