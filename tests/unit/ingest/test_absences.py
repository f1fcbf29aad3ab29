"""Which seeds were deleted, and which only seem to be."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from services.ingest import absences
from services.ingest.absences import Absences

HERE = {"seeds": 1, "town": 1, "coast": 1}


def names(count: int, source: str = "town") -> list[str]:
    return [f"{source}/{number}.txt" for number in range(count)]


def gone_after(
    seconds: list[float], expected: Collection[str], files: Collection[str], one: Absences | None = None
) -> list[str]:
    """What counts as deleted after listings at these seconds."""
    one = one or Absences()
    gone: list[str] = []
    for now in seconds:
        gone = one.look(expected, files, HERE, now)
    return sorted(gone)


@pytest.mark.parametrize(
    ("seconds", "gone"),
    [([0, 30, 60], ["town/0.txt"]), ([0, 60], []), ([0, 1, 2, 59.9], []), ([0, 1, 61], ["town/0.txt"])],
)
def test_a_seed_is_gone_after_three_listings_and_a_minute(seconds: list[float], gone: list[str]) -> None:
    """Editors save by deleting and writing anew; a network share blinks."""
    assert gone == gone_after(seconds, names(5), names(5)[1:])


def test_a_seed_that_was_back_meanwhile_is_missing_anew() -> None:
    """Its minute begins again."""
    one = Absences()
    one.look(names(5), names(5)[1:], HERE, 0)
    one.look(names(5), names(5), HERE, 30)

    assert gone_after([31, 60, 61], names(5), names(5)[1:], one) == []


def test_an_incomplete_listing_shows_nothing_gone() -> None:
    """And what was missing before it has to be missing for a minute after it."""
    one = Absences()
    for now in (0, 30):
        one.look(names(5), names(5)[1:], HERE, now)
    one.unclear()

    assert gone_after([60, 61, 62], names(5), names(5)[1:], one) == []


@pytest.mark.parametrize(
    ("there", "missing", "alarmed"),
    [(100, 20, 0), (100, 21, 21), (54, 11, 11), (55, 11, 0), (10, 10, 0), (11, 11, 11)],
)
def test_many_and_a_large_share_at_once_are_an_alarm(there: int, missing: int, alarmed: int) -> None:
    """More than ten and more than a fifth: rather a disk that went away than an editor's work."""
    one = Absences()
    gone = gone_after([0, 30, 60], names(there), names(there)[missing:], one)

    assert len(one.alarmed) == alarmed
    assert len(gone) == (0 if alarmed else missing)


def test_a_source_that_lost_too_much_is_an_alarm_among_many_others() -> None:
    """One agency's share went away; the others hide it in the sum."""
    one = Absences()
    expected = names(20) + names(500, "coast")
    gone = gone_after([0, 30, 60], expected, names(499, "coast"), one)

    assert one.alarmed == set(names(20))
    assert gone == ["coast/499.txt"]


def test_an_alarm_stays_when_other_seeds_arrive() -> None:
    """A larger folder makes the share smaller, and the doubt no smaller."""
    one = Absences()
    one.look(names(50), names(50)[20:], HERE, 0)
    many = names(50) + names(1000, "coast")

    assert gone_after([30, 60, 90, 120], many, many[20:], one) == []
    assert one.alarmed == set(names(20))


def test_an_alarm_ends_when_the_seeds_are_back() -> None:
    """The disk was mounted again."""
    one = Absences()
    one.look(names(50), [], HERE, 0)
    one.look(names(50), names(50), HERE, 30)

    assert one.alarmed == set()


def test_what_an_operator_accepts_is_gone() -> None:
    """And only that: what vanishes later is an alarm of its own."""
    one = Absences()
    one.look(names(100), names(100)[50:], HERE, 0)
    one.accept(names(50))

    gone = one.look(names(100), names(100)[70:], HERE, 1)

    assert sorted(gone) == sorted(names(50))
    assert one.alarmed == set(names(70)[50:])


def test_another_device_is_an_alarm_however_few_are_missing() -> None:
    """An empty mount point lies on the disk below it."""
    one = Absences(devices={"town": 7})

    assert gone_after([0, 30, 60], names(3), [], one) == []
    assert one.alarmed == set(names(3))


def test_another_device_from_which_nothing_is_missing_is_none() -> None:
    """Devices get other numbers when a machine starts."""
    one = Absences(devices={"town": 7})
    one.look(names(3), names(3), HERE, 0)

    assert gone_after([10, 40, 70], names(3), names(2), one) == ["town/2.txt"]


def test_a_planted_guard_that_is_never_worried_withdraws_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests above are about."""
    monkeypatch.setattr(absences, "MANY", 1_000_000)

    assert gone_after([0, 30, 60], names(100), []) == sorted(names(100))
