"""Times as news documents write them: ISO 8601, RFC 822 with its dialects, epochs, English dates."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_tz

from services.ingest.month_names import in_english

ZONE_ASSUMED = "time_zone_assumed"
DATE_UNREADABLE = "date_unreadable"

_YEARS = range(1900, 2200)
_ZONE_HOURS = {
    "BST": 1,
    "WEST": 1,
    "CET": 1,
    "MET": 1,
    "CEST": 2,
    "MEST": 2,
    "EET": 2,
    "EEST": 3,
    "SAST": 2,
    "MSK": 3,
    "TRT": 3,
    "IST": 5.5,
    "PKT": 5,
    "WIB": 7,
    "ICT": 7,
    "SGT": 8,
    "HKT": 8,
    "PHT": 8,
    "AWST": 8,
    "JST": 9,
    "KST": 9,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
    "BRT": -3,
    "ART": -3,
    "AST": -4,
    "ADT": -3,
    "AKST": -9,
    "AKDT": -8,
    "HST": -10,
    "ET": -5,
}
"""Hours east of Greenwich of zone names that RFC 822 does not define; IST is India's."""

_AMERICAN = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_CLOCK_FIRST = re.compile(
    r"^(\d{1,2}:\d{2}(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,4})?),?\s+(?=\S*\s*\S*\d)(.+)$", re.IGNORECASE
)

_ENGLISH = (
    "%B %d, %Y %I:%M %p",
    "%b %d, %Y %I:%M %p",
    "%d %B %Y %I:%M %p",
    "%d %b %Y %I:%M %p",
    "%Y-%m-%d %I:%M %p",
    "%m/%d/%Y %I:%M %p",
    "%B %d, %Y %H:%M",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y %H:%M",
    "%d %B %Y",
    "%d %b %Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d",
    "%Y.%m.%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
    "%d %b %Y %H:%M",
    "%a %b %d %H:%M:%S %Y",
)
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_ISO_START = re.compile(r"\d{4}-?\d{2}(-?\d{2})?")
_ISO_IN_FULL = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)|\d{8}T\d{6}(?:Z|[+-]\d{4})", re.ASCII
)
"""What most documents have, of which nothing has to be mended."""

_ISO_SPACED_ZONE = re.compile(r"(\d)\s+([+-]\d{2}:?\d{2}|Z|UTC|GMT)$")
_ISO_ZONE_TWICE = re.compile(r"(?<=:\d\d)(\.\d+)?\s*([+-]\d{2}:?\d{2}|Z)\s+[A-Z]{3,4}$")
_ISO_NAMED_ZONE = re.compile(r"(?<=:\d\d)(?:\.\d+)?\s+([A-Z]{2,4})$")
_TWELVE_HOURS = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_NAMED_ZONE = re.compile(r"\b([A-Z]{2,4})\b(?=(?:\s+\d{4})?$)")
_SAYS_ZONE = re.compile(
    r":\d{1,2}\S*\s.*?(?:[+-]\d{4}|\b[A-Za-z]{1,5}\b)|:\d{1,2}(?:[+-]\d{4}|[A-Za-z]{1,5}\b)"
)
"""A zone after the time of day; without one the standard library says that it is UTC."""


@dataclass(frozen=True)
class Moment:
    """A point in time in UTC and what was not said of it: its zone, its time of day."""

    at: datetime
    zone_assumed: bool = False
    day_only: bool = False


def parse_time(value: object) -> Moment | None:
    """The moment that ``value`` (text, date, datetime or epoch seconds) means; None when unreadable."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return _moment(datetime(value.year, value.month, value.day, tzinfo=UTC), day_only=True)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(float(value))
    if not isinstance(value, str):
        return None
    text = " ".join(value.split())[:80]
    return _written(_CLOCK_FIRST.sub(r"\2 \1", text, count=1))


def _written(text: str) -> Moment | None:
    if _EPOCH.fullmatch(text):
        return _epoch(float(text))
    if re.fullmatch(r"(?:19|20)\d{10}(?:\d\d)?", text):
        text = f"{text[:8]}T{text[8:]}"
    if _TWELVE_HOURS.search(text):
        return _english(text)
    found = _iso(text) or _rfc822(text) or _english(text)
    if found:
        return found
    translated = in_english(text)
    return (_iso(translated) or _rfc822(translated) or _english(translated)) if translated else None


def _epoch(seconds: float) -> Moment | None:
    if seconds > 1e11:  # noqa: PLR2004 - no news is from the year 5138: these are milliseconds
        seconds /= 1000
    try:
        return _moment(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _iso(text: str) -> Moment | None:
    if _ISO_IN_FULL.fullmatch(text):
        with suppress(ValueError):
            return _moment(datetime.fromisoformat(text))
    if not _ISO_START.match(text):
        return None
    text = _ISO_ZONE_TWICE.sub(r"\1\2", text)
    named = _ISO_NAMED_ZONE.search(text)
    if named and (hours := _AMERICAN.get(named[1], _ZONE_HOURS.get(named[1]))) is not None:
        sign, minutes = "+-"[hours < 0], round(abs(hours) * 60)
        text = f"{text[: named.start()]}{sign}{minutes // 60:02}:{minutes % 60:02}"
    compact = _ISO_SPACED_ZONE.sub(r"\1\2", text)
    compact = re.sub(r"(UTC|GMT)$", "Z", compact).replace(" T", "T")
    day_only = re.fullmatch(r"\d{4}-?\d{2}(-?\d{2})?(Z|[+-]\d{2}:?\d{2})?", compact) is not None
    if re.fullmatch(r"\d{4}-\d{2}", compact):
        compact += "-01"
    if day_only:
        compact = re.sub(r"(?<=\d{2})(Z|[+-]\d{2}:\d{2})$", "", compact)
    try:
        return _moment(datetime.fromisoformat(compact), day_only=day_only)
    except ValueError:
        return None


def _rfc822(text: str) -> Moment | None:
    named = _NAMED_ZONE.search(text)
    hours = _ZONE_HOURS.get(named.group(1)) if named else None
    text = re.sub(r"\b(?:UTC|GMT|Z)(?=[+-]\d)", "", text)
    text = re.sub(r"([+-])(\d{1,2}):(\d{2})\b", lambda sign: f"{sign[1]}{int(sign[2]):02}{sign[3]}", text)
    text = re.sub(r"([+-])(\d{1,2})$", lambda sign: f"{sign[1]}{int(sign[2]):02}00", text)
    fields = parsedate_tz(text)
    if not fields:
        return None
    says_offset = re.search(r"[+-]\d{4}\b", text) is not None
    seconds = hours * 3600 if hours is not None and not says_offset else fields[9]
    written = re.search(r"\d:\d", text) is not None
    is_said = seconds is not None and _SAYS_ZONE.search(text) is not None
    try:
        zone = timezone(timedelta(seconds=seconds or 0)) if is_said else None
        return _moment(datetime(*fields[:6], tzinfo=zone), day_only=not written)
    except (ValueError, OverflowError):
        return None


def _english(text: str) -> Moment | None:
    plain = re.sub(r"\b([ap])\.m\.", r"\1m", text, flags=re.IGNORECASE)
    plain = re.sub(r"^\w+day,?\s+|\s+at\b|\s+(UTC|GMT|Z)$", "", plain)
    plain = re.sub(r"(?<=\d)(?=[ap]m\b)", " ", plain, flags=re.IGNORECASE)
    in_utc = re.search(r"\s(UTC|GMT|Z)$", text) is not None
    zone = UTC if in_utc else None
    named = re.search(r"\s([A-Z]{2,4})$", plain)
    if named and (hours := _AMERICAN.get(named[1], _ZONE_HOURS.get(named[1]))) is not None:
        plain, zone = plain[: named.start()], timezone(timedelta(hours=hours))
    for pattern in _ENGLISH:
        try:
            found = datetime.strptime(plain, pattern)  # noqa: DTZ007 - the zone is added below
        except ValueError:
            continue
        return _moment(found.replace(tzinfo=zone), day_only="%M" not in pattern)
    return None


def _moment(found: datetime, *, day_only: bool = False) -> Moment | None:
    assumed = found.tzinfo is None
    try:
        at = found.replace(tzinfo=UTC) if assumed else found.astimezone(UTC)
    except OverflowError:
        return None
    if at.year not in _YEARS:
        return None
    return Moment(at, zone_assumed=assumed or day_only, day_only=day_only)
