"""When a file is due: the rules that keep half a file from becoming an article."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.looks import Look, look_with
from services.ingest.settling import Settling


def look(size_bytes: int = 10, mtime_ns: int = 1_000, ctime_ns: int = 1_000, inode: int = 1) -> Look:
    return look_with(size_bytes, mtime_ns, ctime_ns, inode)


def settling(settle_seconds: float = 2.0, empty_seconds: float = 60.0) -> Settling:
    return Settling(settle_seconds, empty_seconds)


def test_one_look_is_never_enough() -> None:
    """A file may be written at this very moment, at the start of the program too."""
    assert settling().due({"a": look()}, {}, 1000.0) == []


def test_a_file_is_due_after_two_equal_looks() -> None:
    """And not a moment before the settling time is over."""
    waits = settling()
    waits.due({"a": look()}, {}, 0.0)

    assert waits.due({"a": look()}, {}, 1.9) == []
    assert waits.due({"a": look()}, {}, 2.0) == ["a"]


def test_every_part_of_the_look_counts() -> None:
    """A copy that keeps its mtime, a rewrite of equal size, another file under the name: all are changes."""
    changes = [look(size_bytes=11), look(mtime_ns=2_000), look(ctime_ns=2_000), look(inode=2)]
    for changed in changes:
        waits = settling()
        waits.due({"a": look()}, {}, 0.0)

        assert waits.due({"a": changed}, {}, 2.0) == []
        assert waits.due({"a": changed}, {}, 4.0) == ["a"]


def test_two_writes_within_a_second_are_seen_by_their_nanoseconds() -> None:
    """Whole seconds would hide the second write, and its bytes would never be read."""
    first, second = look(mtime_ns=5_000_000_000), look(mtime_ns=5_400_000_000)
    waits = settling(settle_seconds=0.5)
    waits.due({"a": first}, {}, 0.0)
    assert waits.due({"a": first}, {}, 0.5) == ["a"]

    waits.due({"a": second}, {"a": first}, 0.6)

    assert waits.due({"a": second}, {"a": first}, 1.1) == ["a"]


def test_a_known_look_is_never_due() -> None:
    """What was done is not done again."""
    waits = settling()
    for now in (0.0, 2.0, 4.0):
        assert waits.due({"a": look()}, {"a": look()}, now) == []
    assert waits.waiting_count == 0


def test_a_touched_file_is_due_again() -> None:
    """Only its bytes can tell whether it is news, so it has to be read."""
    waits = settling()
    touched = look(mtime_ns=2_000)
    waits.due({"a": touched}, {"a": look()}, 0.0)

    assert waits.due({"a": touched}, {"a": look()}, 2.0) == ["a"]


def test_an_empty_file_has_a_longer_grace() -> None:
    """Many programs create a file first and fill it later."""
    waits = settling()
    waits.due({"a": look(size_bytes=0)}, {}, 0.0)

    assert waits.due({"a": look(size_bytes=0)}, {}, 59.0) == []
    assert waits.due({"a": look(size_bytes=0)}, {}, 60.0) == ["a"]


def test_a_file_that_vanished_begins_anew_when_it_returns() -> None:
    """What happened to it in between was not seen."""
    waits = settling()
    waits.due({"a": look()}, {}, 0.0)
    waits.due({}, {}, 1.0)
    assert waits.next_due_at() is None

    assert waits.due({"a": look()}, {}, 2.0) == []
    assert waits.due({"a": look()}, {}, 4.0) == ["a"]


def test_a_postponed_file_waits_and_the_others_go_on() -> None:
    """One unreadable file must not hold up the rest, nor be hammered on."""
    waits = settling()
    files = {"a": look(), "b": look()}
    waits.due(files, {}, 0.0)
    waits.postpone("a", 30.0)

    assert waits.due(files, {}, 2.0) == ["b"]
    assert waits.next_due_at() == 2.0
    assert waits.due(files, {}, 30.0) == ["a", "b"]


def test_a_postponed_file_that_changes_only_has_to_settle() -> None:
    """Somebody mended it: there is no reason left to wait."""
    waits = settling()
    waits.due({"a": look()}, {}, 0.0)
    waits.postpone("a", 600.0)
    waits.due({"a": look(ctime_ns=2_000)}, {}, 10.0)

    assert waits.due({"a": look(ctime_ns=2_000)}, {}, 12.0) == ["a"]


def test_the_oldest_file_comes_first_and_names_break_ties() -> None:
    """A correction was saved after what it corrects, whatever it is called."""
    files = {"c": look(mtime_ns=1), "b": look(mtime_ns=2), "a": look(mtime_ns=2)}
    waits = settling()
    waits.due(files, {}, 0.0)

    assert waits.due(files, {}, 2.0) == ["c", "a", "b"]


@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(0, 2)),
        min_size=1,
        max_size=30,
    )
)
def test_a_file_is_due_exactly_when_its_look_was_constant_long_enough(steps: list[tuple[int, int]]) -> None:
    """Each step: seconds since the last listing, and which look the file has then."""
    waits, now, history = settling(settle_seconds=3.0), 0.0, list[tuple[float, int]]()
    for pause_seconds, which in steps:
        now += pause_seconds
        history.append((now, which))
        due = waits.due({"a": look(mtime_ns=which)}, {}, now)

        changes = [at for (_, before), (at, after) in pairwise(history) if before != after]
        constant_since = changes[-1] if changes else history[0][0]
        assert (due == ["a"]) == (now - constant_since >= 3.0)


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_files_come_in_order_however_few_are_sorted_at_once(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Slices are sorted and merged, so that no sort holds up the program."""
    monkeypatch.setattr("services.ingest.settling.SORTED_AT_ONCE", at_once)
    files = {f"{number:02}": look(mtime_ns=number % 3) for number in (5, 3, 8, 1, 9, 2, 7)}
    waits = settling()
    waits.due(files, {}, 0.0)

    assert waits.due(files, {}, 2.0) == ["03", "09", "01", "07", "02", "05", "08"]


def test_the_file_that_waited_longest_is_known_without_a_look_at_all() -> None:
    """It is told in every round, and there may be 100,000."""
    waits = settling()
    waits.due({"a": look()}, {}, 10.0)
    waits.due({"a": look(), "b": look()}, {}, 11.0)
    assert (waits.waited_seconds(12.0), waits.next_due_at()) == (2.0, 12.0)

    waits.postpone("a", 60.0)
    waits.due({"a": look(), "b": look()}, {}, 12.5)
    assert (waits.waited_seconds(13.0), waits.next_due_at()) == (2.0, 13.0)

    waits.due({}, {}, 14.0)
    assert (waits.waited_seconds(20.0), waits.next_due_at()) == (0.0, None)
