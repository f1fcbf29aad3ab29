"""Cadences over the days on which clocks jump, against arithmetic that shares nothing with ours.

The reference walks through every minute of real time and asks zoneinfo what the clock on the wall
shows. Rules, those of Debian's cron: a series that names its hours and minutes closes at the moment
that the clock shows them for the first time on a day, and right after the gap if it never does; a
series whose minutes or hours begin with ``*`` closes whenever the clock shows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from newsfeed.channels import Channel
from services.publish.cadence import last_boundary, next_boundary

MINUTE = timedelta(minutes=1)

ROWS = [
    # cron, zone, first day and number of days of the wall clock
    ("30 1 * * *", "Europe/London", "2026-03-28", 3),  # 01:30 is in the gap
    ("30 1 * * *", "Europe/London", "2026-10-24", 3),  # 01:30 is there twice
    ("0 1 * * *", "Europe/London", "2026-03-28", 3),  # the first minute of the gap
    ("0 2 * * *", "Europe/London", "2026-03-28", 3),  # the first minute after it
    ("59 0 * * *", "Europe/London", "2026-03-28", 3),  # the last minute before it
    ("0 1 * * *", "Europe/London", "2026-10-24", 3),  # the first minute that is doubled
    ("59 1 * * *", "Europe/London", "2026-10-24", 3),  # the last one
    ("0 8 * * *", "Europe/Paris", "2026-03-28", 3),
    ("0 8 * * *", "Europe/Paris", "2026-10-24", 3),
    ("15 2 * * *", "Europe/Paris", "2026-03-28", 3),
    ("0,30 2 * * *", "Europe/Paris", "2026-03-28", 3),  # both in the gap: one close
    ("15,45 2,3 * * *", "Europe/Paris", "2026-10-24", 3),
    ("0 * * * *", "Europe/Berlin", "2026-03-29", 1),  # 23 closes
    ("0 * * * *", "Europe/Berlin", "2026-10-25", 1),  # 25
    ("*/15 * * * *", "Europe/Berlin", "2026-03-29", 1),
    ("*/15 * * * *", "Europe/Berlin", "2026-10-25", 1),
    ("30 2 * * *", "America/New_York", "2026-03-07", 3),
    ("30 1 * * *", "America/New_York", "2026-10-31", 3),
    ("*/30 * * * *", "America/New_York", "2026-11-01", 1),
    ("0 2 * * 0", "America/New_York", "2026-03-01", 15),  # Sundays, of which one has no two o'clock
    ("30 2 * * *", "America/St_Johns", "2026-03-07", 3),  # half an hour off everybody else
    ("45 1 * * *", "America/St_Johns", "2026-10-31", 3),
    ("30 0 * * *", "America/Santiago", "2026-09-05", 3),  # the gap begins at midnight
    ("30 23 * * *", "America/Santiago", "2026-04-03", 3),  # the doubled hour ends the day
    ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", 3),  # a gap of half an hour
    ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04", 3),  # half an hour is doubled
    ("*/10 * * * *", "Australia/Lord_Howe", "2026-04-05", 1),
    ("30 2 * * *", "Australia/Sydney", "2026-10-03", 3),
    ("30 2 * * *", "Australia/Sydney", "2026-04-04", 3),
    ("45 2 * * *", "Pacific/Auckland", "2026-09-26", 3),
    ("45 2 * * *", "Pacific/Auckland", "2026-04-04", 3),
    ("45 3 * * *", "Pacific/Chatham", "2026-04-04", 3),  # 12:45 hours ahead
    ("30 1 29 3 *", "Europe/London", "2026-03-01", 60),  # the day of the month that has no such hour
    ("30 1 25 10 *", "Europe/London", "2026-10-01", 60),
    ("0 0 31 * *", "Africa/Casablanca", "2026-01-01", 365),  # months without a 31st; summer time by Ramadan
    ("0 5 1 1 *", "Asia/Kolkata", "2026-01-01", 365),  # a clock that never jumps
]


def shown(expression: str, value: int, low: int) -> bool:
    """Whether one field of cron names a value."""
    if expression.startswith("*"):
        return (value - low) % int(expression.partition("/")[2] or 1) == 0
    return value in map(int, expression.split(","))


def is_named(cron: str, wall: datetime) -> bool:
    """Whether the clock on the wall shows a time that an expression names."""
    minute, hour, day, month, weekday = cron.split()
    return (
        shown(minute, wall.minute, 0)
        and shown(hour, wall.hour, 0)
        and shown(day, wall.day, 1)
        and shown(month, wall.month, 1)
        and shown(weekday, wall.isoweekday() % 7, 0)
    )


def minutes_of(day: date, zone: ZoneInfo) -> list[datetime]:
    """Every minute of real time at which the wall shows this day, in UTC."""
    begin = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    moments = (begin + n * MINUTE for n in range(54 * 60))
    return [moment for moment in moments if moment.astimezone(zone).date() == day]


def named_times(cron: str, day: date) -> Iterator[time]:
    """The times of a day that an expression names, whether the clock shows them or not."""
    for n in range(24 * 60):
        wall = datetime.combine(day, time(n // 60, n % 60))
        if is_named(cron, wall):
            yield wall.time()


def reference(cron: str, zone: ZoneInfo, day: date) -> list[datetime]:
    """The closes of one day of the wall, in UTC."""
    moments = minutes_of(day, zone)
    walls = [moment.astimezone(zone).replace(tzinfo=None) for moment in moments]
    if cron.startswith("*") or cron.split()[1].startswith("*"):
        return [moment for moment, wall in zip(moments, walls, strict=True) if is_named(cron, wall)]
    times = [wall.time() for wall in walls]
    first = [min(n for n, one in enumerate(times) if one >= named) for named in named_times(cron, day)]
    return sorted({moments[n] for n in first})


def clock(cron: str, zone: str) -> Channel:
    return Channel(name="clock", title="Clock", cron=cron, time_zone=zone)


def closes(cron: str, zone: str, begin: datetime, end: datetime) -> list[datetime]:
    """What our cadence says of ``[begin, end)``."""
    channel = clock(cron, zone)
    found, moment = list[datetime](), begin - timedelta(microseconds=1)
    while (moment := next_boundary(channel, moment)) < end:
        found.append(moment)
    assert [last_boundary(channel, one) for one in found] == found
    return found


@pytest.mark.parametrize(("cron", "zone", "first", "days"), ROWS)
def test_a_series_closes_when_the_clock_on_the_wall_says_so(
    cron: str, zone: str, first: str, days: int
) -> None:
    """E3: over gaps and doubled hours of both hemispheres."""
    there, begin = ZoneInfo(zone), date.fromisoformat(first)
    dates = [begin + timedelta(days=n) for n in range(days)]
    _, _, day, month, _ = cron.split()
    relevant = [one for one in dates if shown(day, one.day, 1) and shown(month, one.month, 1)]
    expected = [close for one in relevant for close in reference(cron, there, one)]
    start, end = (minutes_of(one, there)[0] for one in (dates[0], dates[-1] + timedelta(days=1)))

    assert closes(cron, zone, start, end) == expected
    for opened, close in pairwise(expected):
        asked = (opened + n * MINUTE for n in (0, 1, 10, 29, 31, 59, 61, 90) if opened + n * MINUTE < close)
        assert {next_boundary(clock(cron, zone), one) for one in asked} == {close}


def test_the_rows_are_worth_checking() -> None:
    """There are gaps and doubled hours in them, in many zones, by day, hour, quarter and month."""
    assert len(ROWS) >= 34
    assert len({zone for _, zone, *_ in ROWS}) >= 10


def _lengths(cron: str, zone: str) -> dict[str, float]:
    """The windows of 2026 that have not 24 hours, by the day on which they close."""
    begin, end = datetime(2025, 12, 31, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    return {
        close.date().isoformat(): (close - opened) / timedelta(hours=1)
        for opened, close in pairwise(closes(cron, zone, begin, end))
        if close - opened != timedelta(days=1)
    }


@pytest.mark.parametrize("zone", ["Europe/London", "Europe/Paris", "Europe/Athens"])
def test_the_day_of_spring_has_23_hours_and_that_of_autumn_25(zone: str) -> None:
    """E3: a digest at eight is one at eight all year."""
    assert _lengths("0 8 * * *", zone) == {"2026-03-29": 23.0, "2026-10-25": 25.0}


def test_half_past_one_in_london_comes_once_a_day_all_year() -> None:
    """E3: 365 closes in 2026, no two of one day."""
    london = ZoneInfo("Europe/London")
    begin, end = datetime(2026, 1, 1, tzinfo=london), datetime(2027, 1, 1, tzinfo=london)
    days = [one.astimezone(london).date() for one in closes("30 1 * * *", "Europe/London", begin, end)]

    assert days == [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
