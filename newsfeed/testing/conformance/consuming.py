"""Consuming: "acknowledge these and append those" in one step, by the one owner, in order."""

from __future__ import annotations

import pytest

from newsfeed import streams
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, Poisonous
from newsfeed.eventlog import ArticleLog
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.testing.facts import append_raw, enrichment_append, version_append, version_at
from newsfeed.testing.under_test import GROUP, LogUnderTest


async def letter(log: ArticleLog, position: int) -> DeadLetter:
    """The dead letter of an entry."""
    entry = await log.entry(0, position)
    assert entry is not None
    return DeadLetter.of(entry, Poisonous("no_words"), GROUP, 0, 1)


class Consuming:
    """What a commit with a lease promises."""

    async def test_what_was_there_before_the_group_is_delivered(self, under_test: LogUnderTest) -> None:
        """A program that is started for the first time has the whole past to work on."""
        await under_test.log.append(0, [version_append("a"), version_append("b")])

        assert await under_test.deliver(1) == [1]
        assert await under_test.deliver() == [2]
        assert await under_test.deliver() == []
        assert await under_test.pending() == [1, 2]

    async def test_acknowledging_and_appending_are_one_step(self, under_test: LogUnderTest) -> None:
        """Two commands would give a duplicate after a crash between them."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        lease = await under_test.take()
        await under_test.deliver()
        derived = enrichment_append(await version_at(log, 1))

        assert await log.commit(0, [derived], lease=lease, acks=[1]) == [2]
        assert await under_test.pending() == []

    async def test_what_somebody_else_acknowledged_derives_nothing_more(
        self, under_test: LogUnderTest
    ) -> None:
        """The reply was lost, or two processes had the same batch in hand."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        lease = await under_test.take()
        await under_test.deliver()
        derived = enrichment_append(await version_at(log, 1))
        await log.commit(0, [derived], lease=lease, acks=[1])

        assert await log.commit(0, [derived], lease=lease, acks=[1]) == [0]
        assert await log.tail(0) == 2

    async def test_an_outside_event_goes_with_any_acknowledgement(self, under_test: LogUnderTest) -> None:
        """It has no cause whose acknowledgement could be somebody else's."""
        lease = await under_test.take()

        assert await under_test.log.commit(0, [version_append("a")], lease=lease, acks=[1]) == [1]

    async def test_a_refused_commit_acknowledges_nothing(self, under_test: LogUnderTest) -> None:
        """What could not be appended has to be done again."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        lease = await under_test.take()
        await under_test.deliver()
        dead = [await letter(log, 1)]

        with pytest.raises(LogConflict):
            await log.commit(0, [version_append("a", 3)], lease=lease, acks=[1], dead=dead)

        assert await under_test.pending() == [1]
        assert await under_test.letters() == []

    async def test_an_owner_that_was_replaced_cannot_write(self, under_test: LogUnderTest) -> None:
        """A process that slept through its lease must be stopped by the log, not by its own clock."""
        log = under_test.log
        stale = await under_test.take()
        await log.append(0, [version_append("a")])
        fresh = await under_test.take()
        await under_test.deliver()

        with pytest.raises(LeaseLost):
            await log.commit(0, [version_append("b")], lease=stale, acks=[1])

        assert await under_test.pending() == [1]
        assert await log.tail(0) == 1
        assert await log.commit(0, [version_append("b")], lease=fresh, acks=[1]) == [2]

    async def test_acknowledging_past_a_pending_entry_is_refused(self, under_test: LogUnderTest) -> None:
        """An entry that a frozen owner still took would stay pending for ever, and order would be lost."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b"), version_append("c")])
        lease = await under_test.take()
        await under_test.deliver()

        with pytest.raises(LogBehind) as behind:
            await log.commit(0, [version_append("e")], lease=lease, acks=[1, 3])

        assert behind.value.position == 2
        assert await under_test.pending() == [1, 2, 3]
        assert await log.tail(0) == 3

    async def test_acknowledgements_may_come_in_any_order(self, under_test: LogUnderTest) -> None:
        """What counts is which they are."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b"), version_append("c")])
        lease = await under_test.take()
        await under_test.deliver()

        await log.commit(0, [], lease=lease, acks=[2, 1])

        assert await under_test.pending() == [3]

    async def test_a_dead_letter_is_written_with_its_acknowledgement(self, under_test: LogUnderTest) -> None:
        """Between the two an event would be nowhere, or in two places."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])
        lease = await under_test.take()
        await under_test.deliver()

        await log.commit(0, [], lease=lease, acks=[1, 2], dead=[await letter(log, 2)])

        assert await under_test.pending() == []
        assert await under_test.letters() == [2]
        assert await under_test.parked() == [streams.parked_member("b", 2)]

    async def test_a_letter_of_an_unknown_subject_parks_nobody(self, under_test: LogUnderTest) -> None:
        """Nobody can tell whose later events would have to wait."""
        log = under_test.log
        assert await append_raw(log, "a", '{"type":"article.sung"}') == 1
        lease = await under_test.take()
        await under_test.deliver()

        await log.commit(0, [], lease=lease, acks=[1], dead=[await letter(log, 1)])

        assert (await under_test.letters(), await under_test.parked()) == ([1], [])

    async def test_what_somebody_else_acknowledged_is_no_dead_letter(self, under_test: LogUnderTest) -> None:
        """It was processed: a letter would make an operator process it again."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        lease = await under_test.take()
        await under_test.deliver()
        await log.commit(0, [], lease=lease, acks=[1])

        await log.commit(0, [], lease=lease, acks=[1], dead=[await letter(log, 1)])

        assert (await under_test.letters(), await under_test.parked()) == ([], [])
