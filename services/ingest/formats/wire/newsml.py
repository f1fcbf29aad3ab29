"""NewsML 1.0 to 1.2 (https://iptc.org/standards/newsml-1/): every NewsItem of an envelope.

AFP, Belga, Keystone-SDA, Kyodo, ANA-MPE, EFE, ANP and TASS fill different corners of it: the
headline may stand on any level of a tree of components, and the text in NITF, HTML or bare lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from services.ingest.article import Article, Reading, ReadingHint, Rejection, Status
from services.ingest.formats.composing import urgency_of
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.wire.draft import Draft
from services.ingest.formats.wire.newsml_component import read_component
from services.ingest.formats.wire.root import root_of
from services.ingest.formats.wire.telegram_times import embargo_in
from services.ingest.formats.wire.tree import Element, attribute, first_text, read_source, text_of, texts
from services.ingest.formats.wire.values import status_of, time_of
from services.ingest.progress import each

FORMAT = "newsml"
VERSION = 3

_REVISION_END = re.compile(r"[:_-]v?\d{1,6}[NUA]?$")

_EMBARGOED = re.compile("embargo", re.IGNORECASE)
_OFFSET = re.compile(r":?\d\d-(?P<hours>\d\d):?(?P<minutes>\d\d)$")
"""The zone of a time west of Greenwich."""


def recognise(head: Head) -> int:
    """By the root element: ``NewsML``, or a ``NewsItem`` without its envelope."""
    root = root_of(head.text)
    return CERTAIN if root and root.name in {"NewsML", "NewsItem", "newsML", "NEWSML"} else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The articles of all items; raises Rejection ``no_articles`` when there are none."""
    source = read_source(data, hint)
    root = source.root
    items = [root] if root.tag == "NewsItem" else list(_items(root))
    envelope = root.find("./NewsEnvelope")
    articles: list[Article] = []
    for item in each(items):
        articles += _articles(item, envelope, hint, source.warnings)
    if not articles:
        reason = "no_text" if items else "no_articles"
        raise Rejection(reason, f"NewsML with {len(items)} items and no text")
    return Reading(format=FORMAT, parser_version=VERSION, charset=source.charset, articles=tuple(articles))


def _items(root: Element) -> Iterator[Element]:
    """The items that stand in no other item."""
    for item in root.iter("NewsItem"):
        if next(item.iterancestors("NewsItem"), None) is None:
            yield item


def _articles(
    item: Element, envelope: Element | None, hint: ReadingHint, warnings: tuple[str, ...]
) -> list[Article]:
    """The article of an item, or one for each component that is a story of its own."""
    managed = _managed(item, envelope)
    managed.warnings = (*warnings, *managed.warnings)
    stories = [managed.completed_by(draft) for draft in _stories(item)]
    kept = [draft for draft in stories if not draft.is_empty]
    if not kept and managed.status != "usable" and managed.local_id:
        kept = [managed]
    for number, draft in enumerate(kept[1:], start=2):
        draft.local_id = f"{draft.local_id}#{draft.language or number}" if draft.local_id else None
    return [draft.article(hint) for draft in kept]


def _stories(item: Element) -> list[Draft]:
    top = item.find("./NewsComponent")
    if top is None:
        return [Draft()]
    return read_component(top)


def _managed(item: Element, envelope: Element | None) -> Draft:
    """What ``Identification`` and ``NewsManagement`` say."""
    notes: list[str] = []
    management = item.find("./NewsManagement")
    embargo = time_of([_embargo(management)], notes)
    word = attribute(management, "./Status", "FormalName") or first_text(management, "./Status")
    urgency = attribute(management, "./Urgency", "FormalName") or first_text(management, "./Urgency")
    priority = attribute(envelope, "./Priority", "FormalName")
    public = first_text(item, ".//NewsIdentifier/PublicIdentifier")
    sent = first_text(envelope, "./DateAndTime")
    created = [
        first_text(management, "./FirstCreated"),
        first_text(management, "./ThisRevisionCreated"),
        sent,
    ]
    published = time_of(created, notes)
    if embargo is None and _EMBARGOED.search(word or ""):
        embargo = _noted_embargo(item, created, published)
    return Draft(
        document_id=public or first_text(item, ".//NewsIdentifier/NewsItemId"),
        local_id=_identity(item, public),
        revision=first_text(item, ".//NewsIdentifier/RevisionId"),
        status=_status(item, word, embargo),
        language=item.get("lang"),
        published_at=published,
        updated_at=time_of([first_text(management, "./ThisRevisionCreated")], notes),
        expires_at=time_of([first_text(management, "./ExpirationDate", "./ExpiryDate")], notes),
        embargo_until=embargo,
        urgency=urgency_of(urgency) or urgency_of(priority),
        slug=first_text(item, "./Identification/NameLabel"),
        warnings=tuple(notes),
    )


def _identity(item: Element, public: str | None) -> str | None:
    """Provider, day and item without the revision: what stays the same in every revision.

    None when an item is numbered 0, as all are that a desk has not taken in: then its path must do.
    """
    identifier = item.find(".//NewsIdentifier")
    item_id = first_text(identifier, "./NewsItemId") or ""
    if item_id.strip("0"):
        provider, day = first_text(identifier, "./ProviderId"), first_text(identifier, "./DateId")
        bare = re.sub(r"-v\d{1,4}$", "", item_id)
        return ":".join(filter(None, ["urn:newsml", provider, (day or "")[:8], bare]))
    bare = _REVISION_END.sub("", public or "")
    return bare if bare.count(":") > 2 else first_text(item, ".//guid")  # noqa: PLR2004 - urn:newsml:provider names no item


def _status(item: Element, word: str | None, embargo: datetime | None) -> Status:
    """By ``Status``; by the instruction ``Kill`` or ``Cancel``, and by the letter of the revision."""
    update = (attribute(item, ".//NewsIdentifier/RevisionId", "Update") or "").upper()
    instruction = attribute(item, "./NewsManagement/Instruction", "FormalName") or ""
    if update == "D" or status_of(instruction) == "canceled":
        return "canceled"
    return status_of(word, embargo)


def _noted_embargo(item: Element, created: list[str | None], sent_at: datetime | None) -> datetime | None:
    """When an embargo ends of which a comment tells, at a desk in the west by its own clock: never early."""
    zone = next((found for text in created if (found := _OFFSET.search(text or ""))), None)
    west = timedelta(hours=int(zone["hours"]), minutes=int(zone["minutes"])) if zone else timedelta()
    for note in texts(item, ".//Comment"):
        release, _ = embargo_in(note.strip(), sent_at)
        if release:
            return release + west
    return None


def _embargo(management: Element | None) -> str | None:
    """When the status changes to usable."""
    for change in management.findall("./StatusWillChange") if management is not None else []:
        future = attribute(change, "./FutureStatus", "FormalName") or first_text(change, "./FutureStatus")
        if status_of(future) == "usable":
            return first_text(change, "./DateAndTime") or text_of(change)
    return first_text(management, "./Embargo", "./EmbargoDate")
