"""Quiet hours: a time of day in which a subscriber wants nothing. Pure."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def parse_quiet_hours(text: str) -> tuple[time, time]:
    """Beginning and end of ``22:00-07:00``; raises ``ValueError`` with a sentence."""
    found = _HOURS.fullmatch(text.strip())
    if not found or found[1] + found[2] == found[3] + found[4]:
        raise ValueError(f"{text!r} are no hours such as 22:00-07:00")
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    return time(begin_hour, begin_minute), time(end_hour, end_minute)


def quiet_until(text: str, zone: str, now: datetime) -> datetime | None:
    """When the quiet hours that it is now are over; None outside of them.

    The end is a moment of the wall clock: where clocks jump over it, it is right after the jump.
    """
    begin, end = parse_quiet_hours(text)
    local = now.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    is_quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1) if clock >= end else local.date()
    until = datetime.combine(day, end, local.tzinfo).astimezone(now.tzinfo)
    return until if until > now else None
