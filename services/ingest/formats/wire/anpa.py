"""ANPA 1312, the wire format of North America, as AP, AAP and Kyodo write it.

A line with service level, number and selector; a line with priority, category, slug, day and words;
lines that open with ``^`` for slug, headline, notes and byline; indented paragraphs; a trailer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from services.ingest.article import Reading, ReadingHint, Status
from services.ingest.formats.composing import words
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.wire import telegram
from services.ingest.formats.wire.bodies import body_of_text, is_end_mark
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.openings import people_in
from services.ingest.formats.wire.telegram import Telegram
from services.ingest.formats.wire.telegram_times import embargo_in, stamp_in
from services.ingest.prose.sentences import collapse

FORMAT = "anpa"
VERSION = 1

_HEADER = re.compile(
    r"\A[\s\x01\x16]*(?P<service>[A-Za-z])(?P<number>\d{4})[\x1f \w.\-]*\n+"
    r"(?P<priority>[A-Za-z]) (?P<category>[A-Za-z])[ \x11-\x14]*\s*"
    r"(?P<slug>(?:[AaPpBb][MmPpCc]-)?\S.{0,80}?)\s+(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:\s+(?P<words>\d{1,5}))?[^\n]*"
)
_SLUG = re.compile(
    r"^(?P<slug>(?:[ABP][MCP]|[A-Z]{2})-[^,<]{2,80}?)(?:,\s*(?P<version>(?!\d+$)[^,<]*?))?(?:,\s*(?P<words>\d{1,5}))?$"
)
_TAKE = re.compile(
    r"(?:\b|(?<=-))(?:\d+(?:st|nd|rd|th)\b.*|Ld\b.*|Writethru\b.*|KILL\b.*|Correction\b.*|Advisory\b.*)$",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"^(?:Eds?:|EDITOR'?S'? NOTES?\b|Editors?:|Note to editors\b|AP Photos?\b|With AP\b|ATTENTION\b|HFR\b"
    r"|EMBARGO|HOLD FOR)",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"^by\s+\S", re.IGNORECASE)
_KILL_VERSION = re.compile(r"^(?:mandatory )?kill\b", re.IGNORECASE)
_KILL_SLUG = re.compile(r"[-, ]KILL$")
_KILL_LINE = re.compile(r"^(?:urgent: ?)?(?:mandatory )?kill\b(?! ?[a-z])", re.IGNORECASE)
_WITHHOLD = re.compile(r"\b(?:withhold|hold for confirmation)\b", re.IGNORECASE)
_URGENCIES = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5, "a": 6, "s": 6, "z": 6}
_TOPICS = {
    "e": "medtop:01000000",
    "f": "medtop:04000000",
    "l": "medtop:10000000",
    "p": "medtop:11000000",
    "s": "medtop:15000000",
    "o": "medtop:17000000",
}
"""Categories of ANPA 1312 that mean one Media Topic."""

_HEADLINE_CHARACTERS = 200
_SUMMARY_CHARACTERS = 60
_ROW_CELLS = 3
_WRITER = re.compile(
    r"\b(?:writer|press|staff|editor|correspondent|columnist|reporter|news)\b", re.IGNORECASE
)
_DASH = re.compile(r"(?<=\s)_(?=\s)")


def recognise(head: Head) -> int:
    """By the first two lines."""
    return CERTAIN if _HEADER.match(head.text.replace("\r\n", "\n")) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """One article a message; raises Rejection ``no_text`` when none has any."""
    sent = telegram.read_transmission(data, hint)
    articles = telegram.articles_of(sent, read_telegram, hint)
    return Reading(format=FORMAT, parser_version=VERSION, charset=sent.charset, articles=articles)


@dataclass(slots=True)
class _Furniture:
    """The lines between header and text, sorted."""

    slug: str | None = None
    version: str | None = None
    headline: str | None = None
    summary: str | None = None
    byline: str | None = None
    notes: list[str] = field(default_factory=list)

    def takes(self, line: str) -> bool:
        """Sort one line in, by its looks and by what is still missing; False when it is text."""
        bare = line.strip("^ \t")
        shown = _typeset(collapse(bare.rstrip("<=+ ")))
        found = _SLUG.match(shown) if self.slug is None and self.headline is None else None
        if found:
            self.slug, self.version = found["slug"], found["version"]
        elif _NOTE.match(shown):
            self.notes.append(shown)
        elif _BYLINE.match(shown) and self.byline is None:
            self.byline = shown
        elif self.byline and bare.endswith("="):
            return _WRITER.search(shown) is not None
        elif self.headline is None and len(shown) <= _HEADLINE_CHARACTERS:
            self.headline = shown
        elif self.summary is None and len(shown) >= _SUMMARY_CHARACTERS:
            self.summary = shown
        else:
            return False
        return True


def read_telegram(message: Telegram) -> Draft | None:
    """The draft of one message; None when it has no header lines."""
    whole = f"{message.heading}\n{message.text}" if message.has_stx else message.text
    found = _HEADER.match(whole)
    if not found:
        return None
    stamp, text = stamp_in(message.trailer, whole[found.end() :])
    furniture, body = _read_lines(text.split("\n"))
    notes = "\n".join(furniture.notes)
    embargo, is_embargoed = embargo_in(notes, stamp)
    given = collapse(found["slug"])
    slug = furniture.slug or _TAKE.sub("", given).strip(" -") or given
    return Draft(
        headline=furniture.headline,
        summary=furniture.summary,
        body=body_of_text(_typeset(body)),
        byline=furniture.byline,
        authors=people_in(furniture.byline),
        slug=slug,
        editor_note=notes or None,
        keywords=words([_TAKE.sub("", slug).strip(" -")]),
        document_id=f"{found['service']}{found['number']}",
        local_id=_identity(slug, found, stamp),
        revision=furniture.version or None,
        status=_status(furniture, given, is_embargoed and embargo is None),
        published_at=stamp,
        updated_at=stamp,
        embargo_until=embargo,
        urgency=_URGENCIES.get(found["priority"].casefold()),
        topics=tuple(filter(None, [_TOPICS.get(found["category"].casefold())])),
    )


def _read_lines(lines: list[str]) -> tuple[_Furniture, str]:
    """The furniture, marked by ``^`` or standing before the first indented line, and the text."""
    furniture = _Furniture()
    is_marked = any(line.startswith("^") for line in lines)
    body: list[str] = []
    is_above = True
    for line in filter(str.strip, lines):
        is_above = is_above and (line.startswith("^") if is_marked else not _is_indented(line))
        if is_end_mark(line) or (is_above and furniture.takes(line.rstrip())):
            continue
        if body and not _is_indented(line) and not _stands_alone(line):
            body[-1] += " " + line.strip()
        else:
            body.append(line.strip("^ \t").rstrip("<="))
    return furniture, "\n\n".join(body)


def _stands_alone(line: str) -> bool:
    """Whether a line is a row of a table or a cross-heading."""
    return line.startswith("^") or line.count(";") >= _ROW_CELLS


def _is_indented(line: str) -> bool:
    return line.startswith(("\t", "  "))


def _typeset(text: str) -> str:
    """Quotation marks and dashes of a teleprinter as they are printed."""
    return _DASH.sub("—", text.replace("``", "“").replace("''", "”"))


def _identity(slug: str, found: re.Match[str], stamp: datetime | None) -> str:
    """Slug and day: later leads of a story repeat both, as its kill does."""
    bare = collapse(_TAKE.sub("", slug)).strip(" -").casefold()
    month, day = int(found["month"]), int(found["day"])
    if stamp and (stamp.day, stamp.month) == (month, day):
        month, day = day, month
    year = f"{stamp:%Y}-" if stamp else ""
    return f"{bare}:{year}{month:02}-{day:02}"


def _status(furniture: _Furniture, given: str, is_held: bool) -> Status:
    version = furniture.version or ""
    slugs = (furniture.slug or "", given)
    is_slugged = any(_KILL_SLUG.search(slug.strip()) for slug in slugs)
    if is_slugged or _KILL_VERSION.match(version) or _KILL_LINE.match(furniture.headline or ""):
        return "canceled"
    return "withheld" if is_held or _WITHHOLD.search(version) else "usable"
