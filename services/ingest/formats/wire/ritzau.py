"""RBNews, the XML of the Danish agency Ritzau: one item, or many in an answer of its service.

Fields are elements of the item, HTML in them is escaped, and times are those of Copenhagen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.formats.composing import urgency_of
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.formats.wire.bodies import body_of_text
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.openings import people_in
from services.ingest.formats.wire.root import root_of
from services.ingest.formats.wire.tree import Element, first_text, read_source, texts
from services.ingest.formats.wire.values import is_exact, topics_of
from services.ingest.progress import each
from services.ingest.prose.markup import plain_line, read_markup
from services.ingest.times import DATE_UNREADABLE, parse_time

FORMAT = "ritzau"
VERSION = 1

_ITEM = re.compile(r"<(?:[\w.-]+:)?RBNews[\s>]")
_CODE_DIGITS = 8


def recognise(head: Head) -> int:
    """By the root element, or by the first item in an answer."""
    root = root_of(head.text)
    if root is None or "RBNews" not in head.text:
        return NEVER
    return CERTAIN if root.name == "RBNews" else LIKELY + 3 if _ITEM.search(head.text) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The articles of all items; raises Rejection ``no_text`` when none has a headline or a text."""
    source = read_source(data, hint)
    drafts = [read_item(item) for item in each(source.root.iter("RBNews"))]
    kept = [draft for draft in drafts if not draft.is_empty]
    if not kept:
        raise Rejection("no_text", f"RBNews with {len(drafts)} items and no text")
    for draft in kept:
        draft.warnings = (*source.warnings, *draft.warnings)
    articles = tuple(draft.article(hint) for draft in kept)
    return Reading(format=FORMAT, parser_version=VERSION, charset=source.charset, articles=articles)


def read_item(item: Element) -> Draft:
    """The draft of one item; its strapline is a slug of keywords between slashes."""
    notes: list[str] = []
    published = _local_time(first_text(item, "./PublishDate"), notes)
    origin = first_text(item, "./origin")
    strapline = first_text(item, "./strapline") or ""
    codes = list(_codes(item))
    return Draft(
        headline=_line(item, "./headline"),
        summary=_line(item, "./subtitle"),
        body=body_of_text("".join(str(part) for part in _parts(item.find("./content")))),
        byline=origin,
        authors=people_in(origin),
        slug=strapline.strip("/ ") or None,
        editor_note=_note(item),
        keywords=(*strapline.split("/"), *(code for code in codes if not is_exact(code))),
        document_id=first_text(item, "./NewsID"),
        local_id=first_text(item, "./NewsID"),
        revision=first_text(item, "./version"),
        published_at=published,
        urgency=urgency_of(first_text(item, "./Priority")),
        topics=topics_of(codes),
        warnings=tuple(notes),
    )


def _line(item: Element, path: str) -> str | None:
    found = first_text(item, path)
    return (plain_line(found) or None) if found else None


def _parts(element: Element | None) -> Iterator[object]:
    return element.itertext() if element is not None else iter(())


def _note(item: Element) -> str | None:
    """What the desk tells other desks, a line for each of its paragraphs."""
    given = "".join(str(part) for part in _parts(item.find("./TilRedaktionen")))
    return "\n".join(read_markup(given).prose.paragraphs) or None


def _codes(item: Element) -> Iterator[str]:
    """Subject codes of the IPTC; as numbers they lost their leading zero."""
    for number in texts(item, "./IPTCList/int"):
        code = number.zfill(_CODE_DIGITS)
        if code.isdigit() and code.strip("0"):
            yield code if is_exact(code) else f"subj:{code}"


@cache
def _copenhagen() -> ZoneInfo:
    return ZoneInfo("Europe/Copenhagen")


def _local_time(value: str | None, notes: list[str]) -> datetime | None:
    """A time by the clocks of Copenhagen unless it names another zone."""
    moment = parse_time(value) if value else None
    if moment is None:
        notes += [DATE_UNREADABLE] if value else []
        return None
    return moment.at.replace(tzinfo=_copenhagen()).astimezone(UTC) if moment.zone_assumed else moment.at
