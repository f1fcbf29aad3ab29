"""IPTC 7901, the teleprinter format of dpa, Keystone-SDA, AFP and others, framed or not.

A header line (source and number, priority, category, words, extras), a line of keywords, take keys
in capitals, a headline that ends with ``=``, the text, and the time as day, hour and minute
(https://iptc.org/std/IPTC7901/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.article import Reading, ReadingHint, Status
from services.ingest.formats.composing import urgency_of, words
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.formats.wire import telegram
from services.ingest.formats.wire.bodies import body_of_text
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.openings import people_in
from services.ingest.formats.wire.telegram import Telegram
from services.ingest.formats.wire.telegram_times import day_in, embargo_in, stamp_in
from services.ingest.prose.openings import find_byline
from services.ingest.prose.sentences import collapse

FORMAT = "iptc7901"
VERSION = 2

_HEADER = re.compile(
    r"\A(?:ZCZC\b[^\n]*\n\s*)?(?P<framed>\x01?)\s*(?P<source>[A-Za-z]{1,10})(?P<number>\d{1,7})\s+(?P<priority>\d)"
    r"\s+(?P<category>[A-Za-z]{1,5})\s+(?P<words>\d{1,6})\b(?P<extra>[^\n]*)"
)
_TAKE_KEY = re.compile(r"^(?:\([^()]{3,40}\)|(?=[^a-zà-ÿ]*$)[\w/().,' -]{2,60})$")
_EMBARGO_TAKE = re.compile(
    r"(?:sperrfrist|embargo(?:ed)?)\b(?:\s*[:-]|\s+(?:until|till|to|for|bis|jusqu|\d)|\s*$)", re.IGNORECASE
)
_TAKE_WORDS = re.compile(
    r"(?:\d{0,2}(?:st|nd|rd|th)?\b ?)?(?:lead|net|update|korr|corr|refile|extra|urgent|eil|achtung|kill|rpt"
    r"|sperrfrist|embargo|repeat|recast|zf|zusammenfassung|attention|annulation|advisory|storno|rückruf"
    r"|berichtigung|mandatory|correction)\b",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"^(?:#+ ?(?:Notebook|Notizblock|Service|Redaktionelle Hinweise)\b.*|\* \* \* \*\s*"
    r"|The following information is not (?:intended )?for publication.*"
    r"|Die folgenden Informationen sind nicht zur Ver\S+ bestimmt.*)$",
    re.MULTILINE,
)
_SWISS_SIGNATURE = re.compile(r"^\((?:SDA|ATS|AWP|Keystone)\b[^()]{0,40}\)$")
_KILL_WORD = "(?:kill|annulation|annul[ée]|storno|rückruf|withdrawal)"
_KILL = re.compile(
    rf"^(?:(?:mandatory|urgent|attention|achtung)[ :,-]*)?{_KILL_WORD}\b"
    rf"[ :,-]*(?:[a-z]{{2,5}}[ -]?\d{{3,5}}\b.*)?$"
    rf"|^{_KILL_WORD}: ",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:korrektur|korr|berichtigung|correction|corr|corrected|rectificatif)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\b(?P<source>[A-Za-z]{2,5})[ -]?(?P<number>\d{3,5})\b")
_CATEGORIES = (
    *("ACE", "CLJ", "DIS", "FIN EBF ECO", "EDU", "EVN ENV", "HTH", "HUM", "LAB", "LIF", "POL", "REL", "SCI"),
    *("SOI", "SPO", "WAR UNR", "WEA"),
)
"""The letters of the IPTC's subject reference system, and those in use beside them, by top number."""

_TOPICS = {
    letters: f"medtop:{number:02}000000"
    for number, names in enumerate(_CATEGORIES, start=1)
    for letters in names.split()
}
_BLANK_LINE = re.compile(r"[ \t]*\r?\n[ \t]*\r?\n")
_KEYWORDS_WITHIN = 200
_HEAD_LINES = 12
_HEADLINE_CHARACTERS = 200


def recognise(head: Head) -> int:
    """By the header line; without SOH and STX a blank line must follow, or it is somebody's text."""
    text = head.text.lstrip()
    found = _HEADER.match(text)
    if not found:
        return NEVER
    if found["framed"] or "\x02" in text[: found.end() + _KEYWORDS_WITHIN]:
        return CERTAIN
    return LIKELY if _BLANK_LINE.match(text, found.end()) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """One article a message; raises Rejection ``no_text`` when none has any."""
    sent = telegram.read_transmission(data, hint)
    articles = telegram.articles_of(sent, read_telegram, hint)
    return Reading(format=FORMAT, parser_version=VERSION, charset=sent.charset, articles=articles)


@dataclass(frozen=True)
class _Top:
    """What stands before the text: keywords, take keys, headline and byline."""

    keywords: str | None
    takes: tuple[str, ...]
    headline: str | None
    byline: str | None


def read_telegram(message: Telegram) -> Draft | None:
    """The draft of one message; None when it has no header line."""
    whole = f"{message.heading}\n\x02{message.text}" if message.has_stx else message.text
    whole = whole.lstrip(" \t\n\xff")
    found = _HEADER.match(whole)
    if not found:
        return None
    before, _, text = whole[found.end() :].rpartition("\x02")
    top, rest = _read_top(before.split("\n"), text)
    agency = (found["extra"].split() or [found["source"]])[0]
    body, notes = _split_notes(rest, agency)
    stamp, body = stamp_in(message.trailer, body)
    stamp, notes = (stamp, notes) if stamp else stamp_in("", notes)
    embargo, is_embargoed = embargo_in(" ".join(top.takes) + "\n" + notes, stamp)
    return Draft(
        headline=top.headline,
        body=body_of_text(body),
        byline=top.byline,
        authors=people_in(top.byline),
        slug=top.keywords,
        editor_note="\n".join(filter(None, [" ".join(top.takes), notes.strip()])) or None,
        keywords=words([part for part in (top.keywords or "").split("/") if part.strip()]),
        document_id=f"{found['source']}{found['number']}",
        local_id=_identity(found, top, notes, stamp),
        status=_status(top, is_embargoed and embargo is None),
        published_at=stamp,
        updated_at=stamp,
        embargo_until=embargo,
        urgency=urgency_of(found["priority"]),
        topics=tuple(filter(None, [_TOPICS.get(found["category"].upper())])),
    )


def _read_top(before: list[str], text: str) -> tuple[_Top, str]:
    """The lines above the text, and the text."""
    lines = text.lstrip("\n").split("\n")
    end = next((n for n, line in enumerate(lines[: _HEAD_LINES * 2]) if line.rstrip().endswith("=")), None)
    if end is None:
        end = _last_head_line(lines)
    head = [line.strip() for line in lines[: end + 1]]
    given = [line.strip() for line in before if line.strip()]
    filled = [line for line in head if line]
    keywords = given[:1] or _keyword_line(head)
    others = [*given[1:], *(filled if given else filled[len(keywords) :])]
    takes = [line for line in others[:-1] if _is_take(line)]
    rest = [line.rstrip("=+ ").rstrip() for line in others if line not in takes]
    byline = next(
        (line for line in rest if find_byline(line) or line.startswith(("By ", "Von ", "Par "))), None
    )
    headline = collapse(" ".join(line for line in rest if line != byline))
    if not headline and takes:
        headline = takes.pop()
    slug = keywords[0].strip("/ ") if keywords else None
    return _Top(slug or None, tuple(takes), headline or None, byline), "\n".join(lines[end + 1 :])


def _last_head_line(lines: list[str]) -> int:
    """Without ``=``: the first line that is filled, or the one after a line of keywords; -1 for none."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not filled:
        return -1
    last = filled[0]
    if lines[last].rstrip().endswith("/") and len(filled) > 1:
        last = next((n for n in filled[1:] if not _is_take(lines[n].strip())), filled[1])
    return last if len(lines[last].strip()) <= _HEADLINE_CHARACTERS else -1


def _keyword_line(head: list[str]) -> list[str]:
    """The first line where it is one: closed by a slash, or parted from the headline by a blank."""
    filled = [number for number, line in enumerate(head) if line]
    if len(filled) > 1 and (head[filled[0]].endswith("/") or filled[1] > filled[0] + 1):
        return [head[filled[0]]]
    return []


def _is_take(line: str) -> bool:
    if _EMBARGO_TAKE.match(line):
        return True
    return _TAKE_KEY.match(line) is not None and _TAKE_WORDS.match(line.lstrip("(")) is not None


def _split_notes(text: str, agency: str) -> tuple[str, str]:
    """The text, and what the desk adds below it for editors; signatures are neither."""
    found = _NOTES.search(text)
    body, notes = (text[: found.start()], text[found.start() :]) if found else (text, "")
    signature = re.compile(rf"^{re.escape(agency)}(?:-\w+)?(?: [\w/]{{1,6}}){{1,8}}$")
    kept = [line for line in notes.split("\n") if not re.fullmatch(r"[\s*]*", line)]
    return _unsigned(body.split("\n"), signature), _unsigned([line.strip() for line in kept], signature)


def _unsigned(lines: list[str], signature: re.Pattern[str]) -> str:
    shown = [
        line for line in lines if not (signature.match(line.strip()) or _SWISS_SIGNATURE.match(line.strip()))
    ]
    return "\n".join(shown)


def _identity(found: re.Match[str], top: _Top, notes: str, stamp: datetime | None) -> str:
    """Source, number and day; a kill or a correction that names another number is about that one.

    Numbers begin anew every day. So the number that is named is of the day that is named with it, of the
    day before if it is greater than the message's own, which has yet to come to it, and else of this day.
    """
    own = f"{found['source']}{found['number']}".casefold()
    lines = [*top.takes, *notes.split("\n")[:4], top.headline or ""]
    told = " ".join(line for line in lines if _KILL.match(line) or _CORRECTION.search(line))
    named = _NUMBER.search(told)
    if not named or named["source"].casefold() != found["source"].casefold():
        return f"{own}:{stamp:%Y-%m-%d}" if stamp else own
    number = f"{named['source']}{named['number']}".casefold()
    if not stamp:
        return number
    is_of_before = int(named["number"]) > int(found["number"])
    day = day_in(told[named.end() :], stamp) or stamp - timedelta(days=is_of_before)
    return f"{number}:{day:%Y-%m-%d}"


def _status(top: _Top, is_held: bool) -> Status:
    if any(_KILL.match(line) for line in (*top.takes, top.headline or "")):
        return "canceled"
    return "withheld" if is_held else "usable"
