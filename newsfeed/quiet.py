"""Quiet hours: a time of day in which a channel is silent, or a subscriber wants nothing. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def parse_quiet_hours(text: str) -> tuple[time, time]:
    """Beginning and end of ``22:00-07:00``; raises ``ValueError`` with a sentence."""
    found = _HOURS.fullmatch(text.strip())
    if not found or found[1] + found[2] == found[3] + found[4]:
        raise ValueError(f"{text!r} are no hours such as 22:00-07:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    return time(begin_hour, begin_minute), time(end_hour, end_minute)


def quiet_span(text: str, zone: str, now: datetime) -> tuple[datetime, datetime] | None:
    """From when to when the quiet hours are that it is now, in the zone of ``now``; None outside of them.

    Both are moments of the wall clock: where clocks jump over one, it is right after the jump.
    """
    begin, end = parse_quiet_hours(text)
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not is_quiet:
        return None
    day = timedelta(days=1)
    first = local.date() if clock >= begin else local.date() - day
    last = local.date() + day if clock >= end else local.date()
    since = _moment(first, begin, ZoneInfo(zone)).astimezone(now.tzinfo)
    until = _moment(last, end, ZoneInfo(zone)).astimezone(now.tzinfo)
    return (since, until) if until > now else None


def quiet_until(text: str, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that it is now are over; None outside of them."""
    span = quiet_span(text, zone, now)
    return span[1] if span else None


def _moment(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When the clock shows a time of a day, in UTC; the first time, if it does so twice."""
    wanted = datetime.combine(day, clock)
    late = wanted.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wanted:
        return late
    early = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)  # Clocks jump over it, somewhere between.
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        is_after = middle.astimezone(zone).utcoffset() == late.astimezone(zone).utcoffset()
        early, late = (early, middle) if is_after else (middle, late)
    return late
