"""NITF 2.x to 3.6, with or without a DOCTYPE or namespace (https://iptc.org/standards/nitf/).

The dialects of AP, AAP, PA, EFE, NTB and others differ in which of its many optional elements they
fill; NewsML wraps the same body.
"""

from __future__ import annotations

import re

from newsfeed.documents import Link
from services.ingest.article import Reading, ReadingHint
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.wire.bodies import body_of_elements
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.nitf_head import NitfHead, unmarked
from services.ingest.formats.wire.openings import people_in, read_dateline
from services.ingest.formats.wire.root import root_of
from services.ingest.formats.wire.tree import (
    Element,
    attribute,
    first_text,
    read_source,
    spaced_text,
    text_of,
    texts,
)
from services.ingest.formats.wire.values import joined_lines
from services.ingest.prose.markup import absolute
from services.ingest.prose.sentences import collapse

FORMAT = "nitf"
VERSION = 3

_TITLES = ("byttl", "virtloc", "location")


def recognise(head: Head) -> int:
    """By the root element."""
    root = root_of(head.text)
    return CERTAIN if root and root.name.casefold() == "nitf" else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The article of a NITF document, after the one that it cancels, if any."""
    source = read_source(data, hint)
    head = NitfHead(source.root)
    drafts = [*_canceled(head), read_nitf(source.root, head)]
    kept = [draft for draft in drafts if not draft.is_empty or draft.status != "usable"] or drafts
    for draft in kept:
        draft.warnings = (*source.warnings, *draft.warnings)
    articles = tuple(draft.article(hint) for draft in kept)
    return Reading(format=FORMAT, parser_version=VERSION, charset=source.charset, articles=articles)


def _canceled(head: NitfHead) -> list[Draft]:
    """The document whose end this one announces."""
    reference = head.reference
    if reference is None or reference[1] == "usable":
        return []
    return [Draft(local_id=reference[0], document_id=reference[0], status=reference[1])]


def read_nitf(root: Element, read: NitfHead | None = None) -> Draft:
    """The draft of a ``nitf`` element, which may be no more than a body; its head may be ``read`` already."""
    head = read or NitfHead(root)
    top = root.find("./body/body.head")
    top = top if top is not None else root.find("./body")
    byline, authors = _byline(root, top)
    rights = first_text(top, "./rights/rights.owner", "./rights") or head.rights
    return Draft(
        headline=_headline(root, top),
        summary=_summary(top),
        body=body_of_elements(_contents(root)),
        byline=byline,
        authors=authors,
        dateline=read_dateline(_dateline(root, top)),
        slug=head.slug,
        editor_note=joined_lines([*head.editor_notes, *texts(root, "./body//note")]),
        rights=rights,
        keywords=head.keywords,
        places=head.places,
        document_id=head.document_id,
        local_id=head.local_id,
        revision=head.revision,
        status=head.status,
        language=_language(root),
        published_at=head.published_at,
        updated_at=head.updated_at,
        expires_at=head.expires_at,
        embargo_until=head.embargo_until,
        urgency=head.urgency,
        topics=head.topics,
        url=absolute(attribute(root, "./head/pubdata", "ex-ref")),
        media=tuple(_media(root)),
        warnings=tuple(head.warnings),
    )


def _headline(root: Element, top: Element | None) -> str | None:
    found = first_text(top, ".//hl1", "./hedline") or first_text(root, "./head/title", "./body//hedline")
    return unmarked(found)


def _summary(top: Element | None) -> str | None:
    """The abstract; without one a second headline that is a sentence and no repetition."""
    abstract = first_text(top, "./abstract", ".//abstract")
    first, second = first_text(top, ".//hl1"), first_text(top, ".//hl2")
    if abstract or not second or second.isupper() or second == first:
        return abstract
    return second


def _contents(root: Element) -> list[Element]:
    found = root.findall("./body/body.content") or root.findall(".//body.content")
    return found or [body for body in root.findall("./body") if body.find("./body.head") is None]


def _byline(root: Element, top: Element | None) -> tuple[str | None, tuple[str, ...]]:
    """Who wrote it as printed, without their titles, and the people that are marked as such."""
    places = [top] if top is not None else []
    elements = [element for place in places for element in place.findall(".//byline")]
    shown: list[str] = []
    people: list[str] = []
    for element in elements or root.findall("./body/body.content/byline"):
        marked = [text_of(person) for person in element.findall(".//person")]
        people += [name for person in marked for name in people_in(person)] or people_in(_printed(element))
        shown.append(_printed(element) or text_of(element))
    byline = ", ".join(dict.fromkeys(filter(None, shown)))
    return byline or None, tuple(people)


def _printed(byline: Element) -> str:
    """The text of a byline without the titles, places and addresses in it."""
    hidden = {part for name in _TITLES for found in byline.iter(name) for part in found.iter()}
    pieces = [byline.text or ""]
    for element in byline.iterdescendants():
        pieces += ["" if element in hidden else element.text or "", _tail(element, hidden)]
    return re.sub(r"\s+([,;.])", r"\1", collapse(" ".join(pieces))).strip(" ,;")


def _tail(element: Element, hidden: set[Element]) -> str:
    return "" if element.getparent() in hidden else element.tail or ""


def _dateline(root: Element, top: Element | None) -> str | None:
    """Place and date as they would be printed: ``Port Ellis, March 5``."""
    lines = top.findall(".//dateline") if top is not None else root.findall("./body/body.content//dateline")
    for line in lines:
        dates = [shown for date in line.findall(".//story.date") if not _is_stamp(shown := text_of(date))]
        bare = spaced_text(line)
        for written in filter(None, map(spaced_text, line.findall(".//story.date"))):
            bare = bare.replace(written, " ")
        place = ", ".join(texts(line, ".//city")) or collapse(bare).strip(" ,")
        if place or dates:
            return ", ".join(filter(None, [place, *dates]))
    return first_text(top, "./distributor/location")


def _is_stamp(text: str) -> bool:
    """Whether a date is written for machines (``20240305T101500+0100``)."""
    return not text or re.fullmatch(r"[\dTZ:+\-.]{8,}", text) is not None


def _language(root: Element) -> str | None:
    body = root.find("./body")
    return root.get("baselang") or root.get("lang") or (body.get("lang") if body is not None else None)


def _media(root: Element) -> list[Link]:
    found: dict[str, Link] = {}
    for media in root.iterfind(".//media"):
        kind = str(media.get("media-type") or "media").casefold()
        caption = first_text(media, "./media-caption", "./caption")
        for reference in media.iterfind(".//media-reference"):
            href = absolute(reference.get("source")) or absolute(reference.get("data-location"))
            if href:
                title = caption or reference.get("alternate-text") or None
                link = Link(href=href, rel=kind, title=title, media_type=reference.get("mime-type"))
                found.setdefault(href, link)
    return list(found.values())
