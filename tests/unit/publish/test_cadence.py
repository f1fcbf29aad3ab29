"""When windows close: by seconds since the epoch, and by clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.channels import Channel
from newsfeed.quiet import quiet_until
from services.publish.cadence import due_boundary, last_boundary, may_freeze, next_boundary

LONDON = "Europe/London"
PARIS = "Europe/Paris"


def _by_seconds(every_seconds: int) -> Channel:
    return Channel(name="seconds", title="Seconds", every_seconds=every_seconds)


def _by_clock(cron: str, time_zone: str = "UTC") -> Channel:
    return Channel(name="clock", title="Clock", cron=cron, time_zone=time_zone)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _year(channel: Channel, year: int = 2026) -> list[datetime]:
    """Every boundary of a year of the channel's own zone."""
    moment = datetime(year, 1, 1, tzinfo=channel.zone) - timedelta(seconds=1)
    boundaries = []
    while (moment := next_boundary(channel, moment)) < datetime(year + 1, 1, 1, tzinfo=channel.zone):
        boundaries.append(moment)
    return boundaries


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        ("30 2 * * *", PARIS, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),  # 02:30 does not exist: 03:00
        ("30 2 * * *", PARIS, "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
        ("0,30 2 * * *", PARIS, "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),  # both moved to 03:00: once
        ("30 1 * * *", LONDON, "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),  # 01:30 does not exist: 02:00
        (
            "30 1 * * *",
            LONDON,
            "2026-10-24T12:00:00Z",
            "2026-10-25T00:30:00Z",
        ),  # 01:30 exists twice: the first
        ("30 1 * * *", LONDON, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ("30 1 * * *", LONDON, "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"),  # asked in the second pass
        ("30 2 * * *", PARIS, "2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"),
        ("30 2 * * *", PARIS, "2026-10-25T01:10:00Z", "2026-10-26T01:30:00Z"),
        ("0 8 * * *", PARIS, "2026-03-28T07:00:00Z", "2026-03-29T06:00:00Z"),
        ("0 8 * * *", PARIS, "2026-10-24T06:00:00Z", "2026-10-25T07:00:00Z"),
        (
            "*/30 * * * *",
            LONDON,
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
        ),  # every half hour of real time
        ("*/30 * * * *", LONDON, "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z"),
        ("0 9 * * 1", LONDON, "2026-03-27T09:00:00Z", "2026-03-30T08:00:00Z"),
        ("0 8 * * *", PARIS, "2026-03-28T06:59:59.999999Z", "2026-03-28T07:00:00Z"),
        ("0 8 * * *", PARIS, "2026-03-28T07:00:00.000001Z", "2026-03-29T06:00:00Z"),
    ],
)
def test_a_boundary_by_the_clock_keeps_to_it_when_the_clock_jumps(
    cron: str, zone: str, after: str, expected: str
) -> None:
    """An hour late in summer, or twice in one night, are what users of digests complain about."""
    boundary = next_boundary(_by_clock(cron, zone), _at(after))

    assert boundary == _at(expected)
    assert boundary.tzinfo is UTC


def test_a_series_at_half_past_one_in_london_closes_365_times_in_2026() -> None:
    """Not 364 for the hour that is missing in March, not 366 for the one that is doubled in October."""
    boundaries = _year(_by_clock("30 1 * * *", LONDON))

    assert len(boundaries) == len(set(boundaries)) == 365
    assert boundaries == sorted(boundaries)


def test_a_daily_series_has_one_window_of_23_hours_and_one_of_25() -> None:
    """On the two days when the clock jumps; all others have 24."""
    lengths = {
        (closed.date().isoformat(), (closed - opened) / timedelta(hours=1))
        for opened, closed in pairwise(_year(_by_clock("0 8 * * *", PARIS)))
        if closed - opened != timedelta(hours=24)
    }

    assert lengths == {("2026-03-29", 23.0), ("2026-10-25", 25.0)}


@pytest.mark.parametrize(
    ("every_seconds", "after", "expected"),
    [
        (2, "2026-03-01T00:00:00Z", "2026-03-01T00:00:02Z"),
        (2, "2026-03-01T00:00:01.999999Z", "2026-03-01T00:00:02Z"),
        (7, "1970-01-01T00:00:00Z", "1970-01-01T00:00:07Z"),
        (10, "2026-03-01T01:00:05+01:00", "2026-03-01T00:00:10Z"),
    ],
)
def test_boundaries_by_seconds_are_multiples_since_the_epoch(
    every_seconds: int, after: str, expected: str
) -> None:
    """Then every process agrees on them, whenever it started."""
    assert next_boundary(_by_seconds(every_seconds), _at(after)) == _at(expected)


CHANNELS = st.one_of(
    st.integers(1, 86_400).map(_by_seconds),
    st.builds(
        _by_clock,
        st.sampled_from(
            [
                "30 1 * * *",
                "30 2 * * *",
                "0 8 * * 1-5",
                "*/15 * * * *",
                "15 */3 * * *",
                "0 0 1 * *",
                "59 1,2,3 * * *",
            ]
        ),
        st.sampled_from(["UTC", LONDON, PARIS, "America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe"]),
    ),
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - zone follows


@given(CHANNELS, MOMENTS)
def test_last_and_next_boundary_enclose_every_moment(channel: Channel, moment: datetime) -> None:
    """No moment is outside of all windows, none is in two."""
    last, following = last_boundary(channel, moment), next_boundary(channel, moment)

    assert last <= moment < following
    assert next_boundary(channel, last) == following


@given(CHANNELS, MOMENTS)
def test_a_boundary_is_the_last_at_itself_and_not_the_next(channel: Channel, moment: datetime) -> None:
    """``(from, to]``: a window holds its end and not its beginning."""
    boundary = next_boundary(channel, moment)

    assert last_boundary(channel, boundary) == boundary
    assert next_boundary(channel, boundary) > boundary
    assert last_boundary(channel, boundary - timedelta(microseconds=1)) < boundary


@given(CHANNELS, MOMENTS, st.none() | MOMENTS)
def test_a_due_boundary_is_new_and_settled(channel: Channel, now: datetime, since: datetime | None) -> None:
    """Nothing is closed twice, and nothing before its time."""
    closed = since and last_boundary(channel, since)
    due = due_boundary(channel, closed, now)

    settled = now - timedelta(seconds=channel.settle_seconds)
    assert (due is None) == (closed is not None and closed >= last_boundary(channel, settled))
    assert due is None or (may_freeze(channel, due, now) and due == last_boundary(channel, settled))


def test_a_window_is_not_due_before_it_has_settled() -> None:
    """Events in flight at the boundary get their second."""
    channel = _by_seconds(10)
    closed = _at("2026-03-01T00:00:00Z")

    assert due_boundary(channel, closed, _at("2026-03-01T00:00:10.999Z")) is None
    assert due_boundary(channel, closed, _at("2026-03-01T00:00:11Z")) == _at("2026-03-01T00:00:10Z")


def test_missed_boundaries_give_one_window_over_all_of_them() -> None:
    """A publisher that was off for three days brings out one digest, not three."""
    due = due_boundary(_by_clock("0 8 * * *"), _at("2026-03-01T08:00:00Z"), _at("2026-03-04T20:00:00Z"))

    assert due == _at("2026-03-04T08:00:00Z")


def test_a_clock_that_was_set_back_closes_nothing() -> None:
    """The newest window stays the newest."""
    assert due_boundary(_by_seconds(2), _at("2026-03-01T00:00:10Z"), _at("2026-03-01T00:00:05Z")) is None


def _quiet(hours: str, zone: str = "UTC", **fields: object) -> Channel:
    values = {"name": "quiet", "title": "Quiet", "quiet_hours": hours, "time_zone": zone, **fields}
    return Channel.model_validate(values)


@pytest.mark.parametrize(
    ("channel", "after", "expected"),
    [
        (_quiet("22:00-07:00", every_seconds=3600), "2026-03-01T20:30:00Z", "2026-03-01T21:00:00Z"),
        (_quiet("22:00-07:00", every_seconds=3600), "2026-03-01T21:00:00Z", "2026-03-02T07:00:00Z"),
        (_quiet("22:00-07:00", every_seconds=3600), "2026-03-02T03:30:00Z", "2026-03-02T07:00:00Z"),
        (_quiet("22:00-07:00", every_seconds=3600), "2026-03-02T07:00:00Z", "2026-03-02T08:00:00Z"),
        (_quiet("22:00-06:40", every_seconds=3600), "2026-03-02T06:40:00Z", "2026-03-02T07:00:00Z"),
        (_quiet("22:00-07:00", immediate=True), "2026-03-01T21:59:59.999Z", "2026-03-02T07:00:00Z"),
        (_quiet("22:00-07:00", cron="0 3 * * *"), "2026-03-01T12:00:00Z", "2026-03-02T07:00:00Z"),
        (_quiet("22:00-07:00", cron="0 12 * * 1"), "2026-03-02T23:00:00Z", "2026-03-09T12:00:00Z"),
        (_quiet("01:00-02:30", PARIS, cron="30 1 * * *"), "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
        (_quiet("22:00-07:00", every_seconds=86_400), "2026-03-01T12:00:00Z", "2026-03-02T07:00:00Z"),
    ],
)
def test_what_falls_into_quiet_hours_closes_at_their_end(channel: Channel, after: str, expected: str) -> None:
    """The half past two that clocks jump over in Paris is three o'clock."""
    assert next_boundary(channel, _at(after)) == _at(expected)


@given(
    st.sampled_from(
        [
            _quiet("22:00-07:00", every_seconds=3600),
            _quiet("00:30-23:30", LONDON, every_seconds=7200),
            _quiet("22:00-07:00", PARIS, cron="*/20 * * * *"),
            _quiet("01:30-03:00", LONDON, cron="0 2 * * *"),
            _quiet("22:00-07:00", immediate=True),
            _quiet("22:00-07:00", every_seconds=86_400),
        ]
    ),
    st.integers(0, 366 * 24 * 60),
)
@settings(max_examples=150)
def test_with_quiet_hours_last_and_next_boundary_agree(channel: Channel, minute: int) -> None:
    """Nothing lies between them, and none is in the quiet hours."""
    now = _at("2026-01-01T00:00:30Z") + timedelta(minutes=minute)
    last, following = last_boundary(channel, now), next_boundary(channel, now)

    assert last <= now < following
    assert next_boundary(channel, last) == following
    assert last_boundary(channel, following) == following
    assert quiet_until(str(channel.quiet_hours), channel.time_zone, following) is None
