"""Times as pages show them to their readers: a short line with a label, in any of many languages."""

from __future__ import annotations

import re

from services.ingest.times import Moment, parse_time

_LABEL = re.compile(
    r"^\W*(?:(?:first |originally )?(?:published|posted|created|released|issued|date|on|at|stand"
    r"|veröffentlicht(?: am)?|erschienen(?: am)?|erstellt|publié(?:e)?(?: le)?|mis en ligne le"
    r"|publicado(?: el| em)?|pubblicato(?: il)?|gepubliceerd(?: op)?|publicerad|publisert|udgivet"
    r"|opublikowano|опубликовано|дата|公開|発行|发布时间)\s*[:：]?\s*)+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:[|•·]|\b(?:updated|modified|aktualisiert|mis à jour|modifié|actualizado|aggiornato)\b).*$",
    re.IGNORECASE,
)
_BEFORE_CLOCK = re.compile(r"(?:,|\s[-–—])\s+(?=\d{1,2}[:.h]\d\d)")
_NUMBERS = re.compile(
    r"^(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year>\d{4})"
    r"(?:\D{1,12}?(?P<hour>\d{1,2})[:.hH](?P<minute>\d{2})(?::\d{2})?\s*(?P<half>[ap]\.?m\.?)?)?"
    r"\s*(?:h|Uhr)?\s*(?P<zone>[A-Z]{2,4}|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_ZONES = {"мск": "MSK", "mez": "CET", "mesz": "CEST"}
_ZONE = re.compile(rf"(?:\bUhr\s+)?\b({'|'.join(_ZONES)})\b", re.IGNORECASE)
_MONTHS = 12
_LINE_CHARACTERS = 80


def visible_time(line: str, *, day_first: bool = False) -> Moment | None:
    """The time that a short line states and nothing else: ``Published: 5 March 2024, 10:15 CET``.

    ``day_first`` says whether 05/03/2024 is in March.
    """
    if len(line) > _LINE_CHARACTERS or not any(letter.isdigit() for letter in line):
        return None
    bare = _BEFORE_CLOCK.sub(" ", _AFTER.sub("", _LABEL.sub("", line)))
    bare = _ZONE.sub(lambda zone: _ZONES[zone[1].casefold()], bare).strip(" ,.-–—()")
    return _numbers(bare, day_first=day_first) or parse_time(bare)


def _numbers(line: str, *, day_first: bool) -> Moment | None:
    """A date in numbers with slashes, dots or dashes: with dots the day is always first."""
    found = _NUMBERS.match(line)
    if not found:
        return None
    first, second = int(found["first"]), int(found["second"])
    is_day_first = day_first or first > _MONTHS or "." in line[: found.end("year")]
    day, month = (first, second) if is_day_first and second <= _MONTHS else (second, first)
    clock = f" {int(found['hour']):02}:{found['minute']}" if found["hour"] else ""
    half = f" {found['half'].replace('.', '')}" if found["half"] else ""
    zone = f" {found['zone'].upper()}" if found["zone"] and clock else ""
    return parse_time(f"{found['year']}-{month:02}-{day:02}{clock}{half}{zone}")
