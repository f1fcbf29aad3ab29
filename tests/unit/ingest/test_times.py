"""Times as producers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from services.ingest.times import parse_time

MOMENT = datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-05T10:15:00Z",
        "2024-03-05T11:15+01:00",
        "2024-03-05 11:15:00 +0100",
        "20240305T101500Z",
        "2024-03-05T10:15:00.1234567Z",
        "2024-03-05 10:15 UTC",
        "2024-03-05 10:15:00 +0000 UTC",
        "2024-03-05T05:15:00 EST",
        "Tue, 05 Mar 2024 10:15:00 GMT",
        "Tue, 5 March 2024 05:15:00 EST",
        "Tue, 05 Mar 2024 11:15:00 CET",
        "Tue, 05 Mar 2024 11:15:00 +01:00",
        "Tue, 05 Mar 2024 11:15:00 +1:00",
        "Tuesday, March 5, 2024 10:15 am UTC",
        "1709633700",
        "1709633700000",
        1709633700,
        datetime(2024, 3, 5, 11, 15, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_moment_is_the_same_however_it_is_written(value: object) -> None:
    moment = parse_time(value)

    assert moment is not None
    assert moment.at.replace(microsecond=0) == MOMENT
    assert not moment.zone_assumed


@pytest.mark.parametrize(
    "value", ["2024-03-05T10:15:00", "2024-03-05 10:15", "March 5, 2024 10:15 am", "05.03.2024 10:15"]
)
def test_a_time_without_a_zone_is_taken_for_utc_and_says_so(value: str) -> None:
    moment = parse_time(value)

    assert moment is not None
    assert (moment.at, moment.zone_assumed, moment.day_only) == (MOMENT, True, False)


@pytest.mark.parametrize(
    "value", ["2024-03-05", "20240305", "March 5, 2024", "5 March 2024", date(2024, 3, 5)]
)
def test_a_day_is_its_first_moment_and_says_so(value: object) -> None:
    moment = parse_time(value)

    assert moment is not None
    assert (moment.at, moment.day_only) == (datetime(2024, 3, 5, tzinfo=UTC), True)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "0000-00-00",
        "2024-13-45",
        "9999-12-31T23:59:59-01:00",
        "Tue, 5 Mar 2024 10:15:00 +9900",
        None,
        True,
        [],
        "1e400",
        float("nan"),
        float("inf"),
        10**30,
    ],
)
def test_what_is_no_time_is_none(value: object) -> None:
    assert parse_time(value) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("5 mars 2012", 5),
        ("lundi 5 mars 2012", 5),
        ("1er mars 2012", 1),
        ("5 de marzo de 2012", 5),
        ("5 de março de 2012, 10:30", 5),
        ("Montag, 5. März 2012", 5),
        ("5. März 2012, 10:30 Uhr", 5),
        ("5 maart 2012 10:30", 5),
        ("5 марта 2012 г. 10:30", 5),
        ("5 Mart 2012 10:30", 5),
        ("5 marca 2012", 5),
        ("jeu., 05 mars 2012 19:48:21 +0100", 5),
        ("Чт, 05 мар 2012 19:48:21 +0300", 5),
        ("2012年3月5日 10:30", 5),
        ("2012년 3월 5일", 5),
    ],
)
def test_months_of_many_languages_are_known(text: str, day: int) -> None:
    """Feeds and tables say dates in the language of their readers."""
    moment = parse_time(text)

    assert moment is not None
    assert (moment.at.year, moment.at.month, moment.at.day) == (2012, 3, day)


@pytest.mark.parametrize(
    ("text", "is_assumed"),
    [
        ("Mon, 5 Mar 2012 10:15:00", True),
        ("Mon Mar  5 10:15:00 2012", True),
        ("Mon, 5 Mar 2012 10:15:00 GMT", False),
        ("Mon, 5 Mar 2012 10:15 EST", False),
        ("Mon Mar 05 10:15:00 EST 2012", False),
        ("Mon, 5 Mar 2012 10:15:00 +0100", False),
    ],
)
def test_a_zone_that_is_not_said_is_assumed(text: str, is_assumed: bool) -> None:
    """The planted bug is that of the standard library, which takes no zone for UTC and does not tell."""
    moment = parse_time(text)

    assert moment is not None
    assert moment.zone_assumed is is_assumed


@pytest.mark.parametrize(
    "text", ["mars", "10:15 10:16 10:17", "lundi", "marche", "5 marche", "the 5th element", "10-11"]
)
def test_words_are_no_date(text: str) -> None:
    """A word that begins like a month is not one."""
    assert parse_time(text) is None
