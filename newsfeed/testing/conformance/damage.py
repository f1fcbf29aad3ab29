"""Damage: a log that is not what it was takes no more, and says so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsfeed.errors import LogConflict, LogDamaged, LogForgotten, LogLost
from newsfeed.testing.facts import enrichment_append, version_append, version_at
from newsfeed.testing.under_test import LogUnderTest


class Damage:
    """What is promised when others meddle, when a tail is lost, and when a history was trimmed."""

    async def test_a_stranger_in_the_log_stops_writers_and_readers(self, under_test: LogUnderTest) -> None:
        """A foreign entry would break the positions; it must be loud, not papered over."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        await under_test.stranger()

        with pytest.raises(LogDamaged):
            await log.append(0, [version_append("b")])
        with pytest.raises(LogDamaged):
            _ = [entry async for entry in log.read(0)]

        assert await log.tail(0) == 1

    async def test_a_gap_stops_every_reader(self, under_test: LogUnderTest) -> None:
        """A projection that steps over a hole is wrong for ever."""
        log = under_test.log
        await log.append(0, [version_append(name) for name in "abc"])
        await under_test.lose(2)

        with pytest.raises(LogDamaged, match="position 2"):
            _ = [entry async for entry in log.read(0)]

    async def test_a_writer_that_saw_more_is_refused(self, under_test: LogUnderTest) -> None:
        """After a failover it would put its event in the place of one that was acknowledged."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        before = await under_test.copy()
        await log.append(0, [version_append("b"), version_append("c")])
        await under_test.restore(before)

        with pytest.raises(LogLost):
            await log.append(0, [version_append("e")])

        assert await log.tail(0) == 1

    async def test_a_writer_that_saw_another_event_there_is_refused(self, under_test: LogUnderTest) -> None:
        """Somebody who remembered nothing went on before us: the log is long enough, and another."""
        log = under_test.log
        before = await under_test.copy()
        await log.append(0, [version_append("a")])
        await under_test.restore(before)
        await under_test.another().append(0, [version_append("b"), version_append("c")])

        with pytest.raises(LogLost):
            await log.append(0, [version_append("e")])

        assert await log.tail(0) == 2

    async def test_who_saw_nothing_cannot_see_a_loss(self, under_test: LogUnderTest) -> None:
        """The log alone cannot tell: that is why what was seen has to be kept elsewhere, too."""
        before = await under_test.copy()
        await under_test.log.append(0, [version_append("a")])
        await under_test.restore(before)

        assert await under_test.another().append(0, [version_append("b")]) == [1]

    async def test_a_trimmed_log_goes_on_where_it_ended(self, under_test: LogUnderTest) -> None:
        """The number of entries says nothing of the position."""
        log = under_test.log
        await log.append(0, [version_append(name) for name in "abc"])
        await under_test.trim(3)

        assert await log.append(0, [version_append("e")]) == [4]
        assert await log.append(0, [version_append("a", 2)]) == [5]

    async def test_a_trimmed_history_is_not_taken_for_an_absent_one(self, under_test: LogUnderTest) -> None:
        """An event that cannot be looked for must not be appended as if it were new."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        cause = await version_at(log, 1)
        await log.append(0, [version_append("a", 2), version_append("a", 3)])
        await under_test.trim(2)
        late = replace(enrichment_append(cause), cause=0)

        with pytest.raises(LogForgotten) as forgotten:
            await log.append(0, [version_append("b"), late])

        assert (forgotten.value.index, forgotten.value.position) == (1, 2)
        assert await log.tail(0) == 3
        assert await log.append(0, [replace(late, absent_through=2)]) == [4]

    async def test_a_trimmed_version_conflicts_without_a_name(self, under_test: LogUnderTest) -> None:
        """What is there is still known by its version and position."""
        log = under_test.log
        await log.append(0, [version_append("a"), version_append("b")])
        await under_test.trim(1)

        with pytest.raises(LogConflict) as conflict:
            await log.append(0, [version_append("a", 3)])

        assert (conflict.value.version, conflict.value.position, conflict.value.event_id) == (1, 1, "")
