"""The times of teleprinter messages: ``101137 GMT Dez 18``, ``03-05-24 1015GMT``, and embargoes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from services.ingest.times import parse_time

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan ene gen janv",
            "feb fév fev févr",
            "mar mär mrz mars mrt",
            "apr avr abr",
            "may mai mei mag maj",
            "jun juin giu",
            "jul juil lug",
            "aug aoû aou août ago",
            "sep sept set",
            "oct okt ott",
            "nov",
            "dec dez déc dic",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    **dict.fromkeys(("", "GMT", "UTC", "Z", "WET"), 0),
    **dict.fromkeys(("BST", "CET", "MEZ", "WEST", "MET"), 1),
    **dict.fromkeys(("CEST", "MESZ", "EET"), 2),
    "JST": 9,
    "EST": -5,
    "EDT": -4,
    "CST": -6,
    "CDT": -5,
    "PST": -8,
    "PDT": -7,
    "AEST": 10,
    "AEDT": 11,
}
"""Hours east of Greenwich; a wire without a zone is in UTC."""

_STAMP = re.compile(
    r"(?:^|\n)[ \t]*(?P<day>\d\d)(?P<hour>\d\d)(?P<minute>\d\d)[ \t]*(?P<zone>[A-Z]{1,4})?[ \t]+"
    r"(?P<month>[^\W\d_]{3,9})\.?[ \t]+(?P<year>\d{4}|\d\d)[ \t]*(?=\n|$)",
)
_AMERICAN = re.compile(
    r"(?:^|\n)[^\n]{0,40}?(?P<month>\d\d)-(?P<day>\d\d)-(?P<year>\d\d) "
    r"(?P<hour>\d\d)(?P<minute>\d\d) ?(?P<zone>[A-Z]{3,4})?<?\s*(?=\n|$)"
)
_CLOCK_FIRST = re.compile(
    r"(?:^|\n)[A-Z]{2,6}-(?P<hour>\d\d):(?P<minute>\d\d)-(?P<day>\d\d)-(?P<month>\d\d)-(?P<year>\d\d)\s*(?=\n|$)"
)
_EMBARGO = re.compile(
    r"(?:^|[.;:]\s+|\n[-#*\s]*)(?:embargo(?:ed)?|sperrfrist|hold for release"
    r"|not for (?:release|publication) (?:before|until))\b(?P<when>[^\n]{0,120})",
    re.IGNORECASE,
)
"""Where a sentence of a note begins so: a note may also tell of an embargo on arms."""

_HOUR = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2})[:.h]?(?P<minute>\d\d)?\s*(?P<half>[ap]\.?m\.?)?\s*(?:Uhr|hrs?|hours)?\s*"
    r"(?P<zone>GMT|UTC|BST|CES?T|MES?Z|E[SD]T|C[SD]T|P[SD]T|JST)?",
    re.IGNORECASE,
)
_DAY_MONTH = (
    re.compile(r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er)?\.? (?:of |de )?(?P<month>[^\W\d_]{3,9})"),
    re.compile(r"(?P<month>[^\W\d_]{3,9})\.? (?P<day>\d{1,2})\b"),
)
_NUMBERED_DAY = re.compile(r"(?<!\d)(?P<day>\d{1,2})[./](?P<month>\d{1,2})(?!\d)")
_NOON = 12
_TAIL_CHARACTERS = 300


def stamp_in(trailer: str, body: str) -> tuple[datetime | None, str]:
    """The time of a message, in its trailer or at the end of its text, and the text without it."""
    for pattern in (_STAMP, _AMERICAN, _CLOCK_FIRST):
        if (found := pattern.search(trailer)) and (moment := _moment(found)):
            return moment, body
        last = next(reversed(list(pattern.finditer(body[-_TAIL_CHARACTERS:]))), None)
        if last and (moment := _moment(last)):
            start = max(len(body) - _TAIL_CHARACTERS, 0)
            return moment, body[: start + last.start()] + body[start + last.end() :]
    return None, body


def _moment(found: re.Match[str]) -> datetime | None:
    parts = found.groupdict()
    month = parts["month"].casefold()
    number = int(month) if month.isdigit() else month_of(month)
    year = int(parts["year"])
    zone = _ZONES.get(str(parts.get("zone") or ""))
    if not number or zone is None:
        return None
    try:
        clock = (int(parts["hour"]), int(parts["minute"]))
        local = datetime(year if year > 99 else _century(year), number, int(parts["day"]), *clock, tzinfo=UTC)  # noqa: PLR2004 - two digits
    except ValueError:
        return None
    return local - timedelta(hours=zone)


def _century(year: int) -> int:
    """Two digits of a year: wires are older than this century, and not from its end."""
    return 2000 + year if year < 70 else 1900 + year  # noqa: PLR2004 - before 1970 there was no such wire


def month_of(name: str) -> int | None:
    """The number of a month by its first letters in a Western European language."""
    bare = name.casefold().rstrip(".")
    return _MONTHS.get(bare) or _MONTHS.get(bare[:4]) or _MONTHS.get(bare[:3])


def embargo_in(note: str, sent_at: datetime | None) -> tuple[datetime | None, bool]:
    """When an embargo in a note to editors ends, and whether there is one.

    A time without a day is the next such time after ``sent_at``; without either it stays unknown.
    """
    found = _EMBARGO.search(note)
    if not found:
        return None, False
    written = parse_time(found["when"].strip(" :.,-"))
    if written and not written.day_only:
        return written.at, True
    return _release(found["when"], sent_at), True


def _release(when: str, sent_at: datetime | None) -> datetime | None:
    clock = next((hour for hour in _HOUR.finditer(when) if hour["minute"] or hour["half"]), None)
    if not sent_at or not clock:
        return None
    rest = when[: clock.start()] + " " + when[clock.end() :]
    day = _day(rest, sent_at)
    hour = (
        int(clock["hour"]) % _NOON + _NOON
        if (clock["half"] or "").lower().startswith("p")
        else int(clock["hour"])
    )
    zone = _ZONES.get((clock["zone"] or "").upper(), 0)
    try:
        release = day.replace(hour=hour, minute=int(clock["minute"] or 0), second=0) - timedelta(hours=zone)
    except ValueError:
        return None
    return release if release >= sent_at or day.date() != sent_at.date() else release + timedelta(days=1)


def day_in(text: str, sent_at: datetime) -> datetime | None:
    """The day at or before ``sent_at`` that a reference to an earlier message names; None without one."""
    numbered = [(int(one["day"]), int(one["month"])) for one in _NUMBERED_DAY.finditer(text)]
    for day, month in (*numbered, *_days_named(text)):
        with suppress(ValueError):
            year = sent_at.year - ((month, day) > (sent_at.month, sent_at.day))
            return sent_at.replace(year=year, month=month, day=day)
    return None


def _day(text: str, sent_at: datetime) -> datetime:
    """The day that is named, in the year of ``sent_at`` or the next; else that of ``sent_at``."""
    for day, month in _days_named(text):
        with suppress(ValueError):
            return sent_at.replace(year=sent_at.year + (month < sent_at.month - 6), month=month, day=day)
    return sent_at


def _days_named(text: str) -> Iterator[tuple[int, int]]:
    """Days and months, the day before the month first: ``vom 4. März`` is not the fourth of vom."""
    for pattern in _DAY_MONTH:
        for found in pattern.finditer(text):
            if month := month_of(found["month"]):
                yield int(found["day"]), month
