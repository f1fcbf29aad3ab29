"""Expected versions: what a writer may take for granted, and what it is told when it was wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsfeed.errors import LogConflict
from newsfeed.eventlog.expected import ANY, EXISTS, NO_STREAM, ExpectedVersion
from newsfeed.testing.facts import document, rejected_append, version_append
from newsfeed.testing.under_test import LogUnderTest


class Expecting:
    """What an expected version promises."""

    @pytest.mark.parametrize("expected", [ANY, NO_STREAM, 0])
    async def test_of_a_new_subject_these_hold(
        self, under_test: LogUnderTest, expected: ExpectedVersion
    ) -> None:
        """Nothing of it is in the log, which is version 0."""
        append = replace(version_append("a"), expected=expected)

        assert await under_test.log.append(0, [append]) == [1]

    @pytest.mark.parametrize("expected", [EXISTS, 1, 7])
    async def test_of_a_new_subject_these_do_not_hold(
        self, under_test: LogUnderTest, expected: ExpectedVersion
    ) -> None:
        """The answer says that there is nothing."""
        with pytest.raises(LogConflict) as conflict:
            await under_test.log.append(0, [replace(version_append("a"), expected=expected)])

        found = conflict.value
        assert (found.index, found.version, found.position, found.event_id) == (0, 0, 0, "")
        assert await under_test.log.tail(0) == 0

    @pytest.mark.parametrize("expected", [ANY, EXISTS, 1])
    async def test_of_a_known_article_these_hold(
        self, under_test: LogUnderTest, expected: ExpectedVersion
    ) -> None:
        """It has version 1."""
        await under_test.log.append(0, [version_append("a")])

        assert await under_test.log.append(0, [replace(version_append("a", 2), expected=expected)]) == [2]

    @pytest.mark.parametrize("expected", [NO_STREAM, 0, 2])
    async def test_of_a_known_article_these_do_not_hold(
        self, under_test: LogUnderTest, expected: ExpectedVersion
    ) -> None:
        """The answer names what is there, so that the writer need not ask."""
        first = version_append("a")
        await under_test.log.append(0, [version_append("b"), first])

        with pytest.raises(LogConflict) as conflict:
            await under_test.log.append(0, [replace(version_append("a", 2), expected=expected)])

        found = conflict.value
        assert (found.index, found.version, found.position) == (0, 1, 2)
        assert found.event_id == str(first.event.event_id)
        assert await under_test.log.tail(0) == 2

    async def test_a_subject_without_a_version_exists_all_the_same(self, under_test: LogUnderTest) -> None:
        """The version counts what can be read; whether there is anything is another question."""
        log = under_test.log
        await log.append(0, [rejected_append()])

        with pytest.raises(LogConflict) as conflict:
            await log.append(0, [replace(rejected_append("too_large"), expected=NO_STREAM)])

        assert (conflict.value.version, conflict.value.position) == (0, 1)
        assert await log.append(0, [replace(rejected_append("too_large"), expected=EXISTS)]) == [2]
        assert await log.append(0, [replace(rejected_append("damaged"), expected=0)]) == [3]

    async def test_another_event_for_the_same_version_conflicts(self, under_test: LogUnderTest) -> None:
        """Two writers that both saw version 1 cannot both write version 2."""
        log = under_test.log
        await log.append(0, [version_append("a")])
        await log.append(0, [version_append("a", 2, document(body="Mine."))])

        with pytest.raises(LogConflict):
            await log.append(0, [version_append("a", 2, document(body="Yours."))])

        assert await log.tail(0) == 2

    async def test_an_event_that_is_there_does_not_conflict(self, under_test: LogUnderTest) -> None:
        """Whoever repeats itself after a lost reply expects what was true before."""
        log = under_test.log
        repeated = [replace(version_append("a"), expected=expected) for expected in (NO_STREAM, 0, ANY)]
        await log.append(0, [repeated[0]])
        await log.append(0, [version_append("a", 2)])

        assert [await log.append(0, [one]) for one in repeated] == [[-1], [-1], [-1]]

    async def test_a_conflict_anywhere_refuses_the_whole_batch(self, under_test: LogUnderTest) -> None:
        """There is no half of a batch, nor its documents."""
        log, text = under_test.log, document(title="Never stored")
        await log.append(0, [version_append("a")])

        with pytest.raises(LogConflict) as conflict:
            await log.append(0, [version_append("b", 1, text), version_append("a", 3), version_append("c")])

        assert (conflict.value.index, conflict.value.version) == (1, 1)
        assert await log.tail(0) == 1
        assert await log.articles(0, [text.sha256]) == {}
        assert {head.position for head in (await log.heads("bc")).values()} == {0}

    async def test_a_conflict_inside_a_batch_names_the_event_before_it(
        self, under_test: LogUnderTest
    ) -> None:
        """Its place is the one it would have had: nothing of the batch is in the log."""
        first = version_append("a", 1, document(body="One."))

        with pytest.raises(LogConflict) as conflict:
            await under_test.log.append(0, [first, version_append("a", 1, document(body="Another."))])

        found = conflict.value
        assert (found.index, found.version, found.position) == (1, 1, 1)
        assert found.event_id == str(first.event.event_id)
        assert await under_test.log.tail(0) == 0
