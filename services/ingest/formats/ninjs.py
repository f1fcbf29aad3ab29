"""The IPTC's ninjs, versions 1 to 3 (https://iptc.org/standards/ninjs/), and Superdesk's dialect of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from newsfeed.documents import ArticleDocument, Dateline
from services.ingest.article import Article, ReadingHint
from services.ingest.formats.composing import language_tag, titled, urgency_of, words
from services.ingest.formats.ninjs_values import (
    first,
    listed,
    media_of,
    members,
    names,
    patterned,
    string,
    variant,
)
from services.ingest.formats.wire.values import status_of, topic_of
from services.ingest.prose.markup import Markup, absolute, is_markup, plain_line, read_markup, safe_html
from services.ingest.prose.openings import authors_of, find_byline, lift_opening
from services.ingest.prose.paragraphs import Prose, read_prose
from services.ingest.prose.sentences import collapse
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

DIALECT = "ninjs"

_TEXT_KEYS = frozenset(
    [
        *("headline", "headlines", "title", "slugline", "body_text", "body_html", "body_xhtml", "bodies"),
        *("description_text", "description_html", "description_xhtml", "descriptions"),
    ]
)
_WIRE_KEYS = frozenset(
    [
        *(
            "versioncreated",
            "versionCreated",
            "firstcreated",
            "firstCreated",
            "pubstatus",
            "pubStatus",
            "subject",
        ),
        *(
            "subjects",
            "contentcreated",
            "contentCreated",
            "profile",
            "usageterms",
            "usageTerms",
            "urgency",
            "type",
        ),
    ]
)
_WRAPPERS = ("items", "_items", "newsItems", "newsitems")
"""Keys under which content APIs list their items."""


def find_items(value: object) -> list[dict[str, Any]]:
    """The ninjs items in a JSON value: itself, or those of a list; an empty list when there are none."""
    if isinstance(value, dict) and isinstance(value.get("data"), dict) and not _is_item(value):
        value = {**value["data"], "nitf": value.get("nitf")}
    candidates = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and not _is_item(value) and not isinstance(value.get("item"), dict):
        candidates = listed(value, "item", *_WRAPPERS)
    candidates = [_unwrapped(one) if isinstance(one, dict) and "item" in one else one for one in candidates]
    return [item for item in candidates if isinstance(item, dict) and _is_item(item)]


def _unwrapped(wrapper: dict[str, Any]) -> object:
    """The item of a content API, with the text that AP's has beside it."""
    item, text = wrapper["item"], wrapper.get("nitf")
    if not isinstance(item, dict) or not isinstance(text, dict) or _html(item):
        return item
    return {**item, "body_html": string(text, "body_html", "body_nitf")}


def _is_item(item: dict[str, Any]) -> bool:
    named = isinstance(item.get("uri", item.get("guid")), str)
    return named and bool(item.keys() & (_TEXT_KEYS | _WIRE_KEYS)) and "@type" not in item


def read_item(item: dict[str, Any], hint: ReadingHint) -> Article | None:
    """The article in a ninjs item; None when it has neither headline nor body.

    A canceled item needs no text: its identity is what it cancels.
    """
    status = status_of(str(first(item, "pubstatus", "pubStatus") or ""))
    body = _body(item)
    title = _title(item) or (None if body.prose.paragraphs else _summary(item))
    uri = string(item, "uri", "guid")
    if not title and not body.prose.paragraphs:
        if status == "usable":
            return None
        title = uri
    warnings: list[str] = []
    return Article(
        document=_document(item, title, body),
        local_id=uri,
        revision=str(item["version"]) if item.get("version") is not None else None,
        status=status,
        language=language_tag(item.get("language"), hint.language),
        published_at=_time(item, warnings, "firstcreated", "firstCreated")
        or _time(item, warnings, "versioncreated", "versionCreated", "contentcreated", "contentCreated"),
        updated_at=_time(item, warnings, "versioncreated", "versionCreated"),
        expires_at=_time(item, warnings, "expires", "expiry"),
        embargo_until=_time(item, warnings, "embargoed", "embargoedUntil", "embargotime"),
        urgency=urgency_of(item.get("urgency")),
        topics=_topics(item),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _document(item: dict[str, Any], title: str | None, body: Markup) -> ArticleDocument:
    opening = lift_opening(_without_title(body.prose, title))
    shown, derived = titled(title, opening.prose.body)
    byline = string(item, "byline", "by") or _bylines(item) or opening.byline
    markup = _html(item)
    summary = _summary(item)
    return ArticleDocument(
        title=shown,
        title_derived=derived,
        summary=summary if summary != shown else None,
        body=opening.prose.body,
        body_html=(safe_html(markup) or None) if markup else None,
        headings=opening.prose.headings,
        byline=byline,
        authors=words(names(item, "authors", "author", "people_by"))
        or (authors_of(byline) if byline else ()),
        dateline=_dateline(item, opening.dateline),
        slug=string(item, "slugline", "slug"),
        editor_note=string(item, "ednote", "edNote", "editorial_note"),
        rights=_rights(item),
        keywords=words(_keywords(item)),
        places=words(names(item, "place", "places")),
        document_id=string(item, "uri", "guid"),
        url=absolute(string(item, "url", "source_url", "altid")) or absolute(string(item, "uri")),
        links=body.links,
        media=tuple(dict.fromkeys((*media_of(item), *body.images))),
    )


def _title(item: dict[str, Any]) -> str | None:
    found = string(item, "headline") or variant(item, "headlines") or patterned(item, "headline")
    found = found or string(item, "title", "name")
    return plain_line(found) if found else None


def _summary(item: dict[str, Any]) -> str | None:
    found = variant(item, "descriptions", ("plain", "text", "summary"))
    found = (
        found
        or patterned(item, "description", "text", "html", "xhtml")
        or string(item, "abstract", "headline_extended")
    )
    return plain_line(found) if found else None


def _html(item: dict[str, Any]) -> str | None:
    given = string(item, "body_html", "body_xhtml", "body_html5")
    return given or variant(item, "bodies", ("html", "xhtml"), strict=True)


def _body(item: dict[str, Any]) -> Markup:
    if markup := _html(item):
        return read_markup(markup)
    text = variant(item, "bodies") or patterned(item, "body", "text", "plain") or ""
    return read_markup(text) if is_markup(text) and "</" in text else Markup(read_prose(text))


def _without_title(prose: Prose, title: str | None) -> Prose:
    """The text without the headline that some agencies print once more as its first heading."""
    is_repeated = 0 in prose.headings and title is not None and prose.paragraphs[0] == collapse(title)
    return prose.without_first() if is_repeated else prose


def _dateline(item: dict[str, Any], printed: Dateline | None) -> Dateline | None:
    """Superdesk writes ``located``; a ninjs 3 dateline stands in the text. The source is the agency."""
    cities = [string(place, "city") for place in members(item, "datelinelocation")]
    place = string(item, "located", "dateline") or next(filter(None, cities), None)
    sources = [name for name in names(item, "infosource", "infosources", "infoSources") if name]
    agency = string(item, "source") or next((name for name in sources if isinstance(name, str)), None)
    printed = printed or Dateline()
    place, agency = place or printed.place, printed.agency or agency
    return (
        Dateline(place=place, date=printed.date, agency=agency) if place or agency or printed.date else None
    )


def _bylines(item: dict[str, Any]) -> str | None:
    """AP's list of bylines, each a name or a line with ``By``."""
    lines = [string(line, "name", "by") or "" for line in members(item, "bylines")]
    return ", ".join(filter(None, (find_byline(line) or line for line in lines))) or None


def _rights(item: dict[str, Any]) -> str | None:
    given = string(item, "copyrightnotice", "copyrightNotice", "copyrightholder", "copyrightHolder")
    terms = [term.strip() for term in listed(item, "usageterms", "usageTerms") if isinstance(term, str)]
    return given or ", ".join(filter(None, terms)) or None


def _topics(item: dict[str, Any]) -> tuple[str, ...]:
    found = (
        next((topic for value in _codes(subject) if (topic := topic_of(value))), None)
        for subject in members(item, "subject", "subjects")
    )
    return tuple(dict.fromkeys(topic for topic in found if topic))


def _codes(subject: dict[str, Any]) -> list[str]:
    keys = ("code", "qcode", "uri", "literal")
    return [code for key in keys if isinstance(code := subject.get(key), str)]


def _keywords(item: dict[str, Any]) -> list[object]:
    subjects = (string(subject, "name") for subject in members(item, "subject", "subjects"))
    concepts = names(item, "person", "people", "organisation", "organisations", "event", "events", "object")
    return [*listed(item, "keywords", "keyword"), *subjects, *concepts]


def _time(item: dict[str, Any], warnings: list[str], *keys: str) -> datetime | None:
    value = first(item, *keys)
    if value in (None, "", False, True):
        return None
    moment = parse_time(value)
    if moment is None:
        warnings.append(DATE_UNREADABLE)
        return None
    warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
    return moment.at
