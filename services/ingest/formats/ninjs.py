"""The IPTC's ninjs, versions 1 to 3 (https://iptc.org/standards/ninjs/), and Superdesk's dialect of it."""

from __future__ import annotations

import re
from typing import Any

from newsfeed.documents import ArticleDocument, Dateline, Link
from services.ingest.article import Article, ReadingHint, Status
from services.ingest.formats.composing import language_tag, titled, urgency_of, words
from services.ingest.prose.markup import Markup, absolute, is_markup, plain_line, read_markup, safe_html
from services.ingest.prose.openings import authors_of, lift_opening
from services.ingest.prose.paragraphs import read_prose
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
_STATUSES: dict[str, Status] = {
    "usable": "usable",
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
}
_MEDTOP = re.compile(r"(?:medtop:|medtop/|mediatopic/)(\d{8})$|^(\d{8})$")


def find_items(value: object) -> list[dict[str, Any]]:
    """The ninjs items in a JSON value: itself, or those of a list; an empty list when there are none."""
    candidates = value if isinstance(value, list) else [value]
    return [item for item in candidates if isinstance(item, dict) and _is_item(item)]


def _is_item(item: dict[str, Any]) -> bool:
    named = isinstance(item.get("uri", item.get("guid")), str)
    return named and bool(item.keys() & (_TEXT_KEYS | _WIRE_KEYS)) and "@type" not in item


def read_item(item: dict[str, Any], hint: ReadingHint) -> Article | None:
    """The article in a ninjs item; None when it has neither headline nor body.

    A canceled item needs no text: its identity is what it cancels.
    """
    status = _STATUSES.get(str(_first(item, "pubstatus", "pubStatus") or "").casefold(), "usable")
    body = _body(item)
    title = _title(item) or (None if body.prose.paragraphs else _summary(item))
    uri = _string(item, "uri", "guid")
    if not title and not body.prose.paragraphs:
        if status != "canceled":
            return None
        title = uri
    warnings: list[str] = []
    return Article(
        document=_document(item, title, body),
        local_id=uri,
        revision=str(item["version"]) if item.get("version") is not None else None,
        status=status,
        language=language_tag(item.get("language"), hint.language),
        published_at=_time(item, warnings, "firstcreated", "firstCreated", "contentcreated", "contentCreated")
        or _time(item, warnings, "versioncreated", "versionCreated"),
        updated_at=_time(item, warnings, "versioncreated", "versionCreated"),
        expires_at=_time(item, warnings, "expires", "expiry"),
        embargo_until=_time(item, warnings, "embargoed", "embargoedUntil"),
        urgency=urgency_of(item.get("urgency")),
        topics=_topics(item),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _document(item: dict[str, Any], title: str | None, body: Markup) -> ArticleDocument:
    opening = lift_opening(body.prose)
    shown, derived = titled(title, opening.prose.body)
    byline = _string(item, "byline", "by") or opening.byline
    markup = _string(item, "body_html", "body_xhtml") or _variant(item, "bodies", ("html", "xhtml"))
    summary = _summary(item)
    return ArticleDocument(
        title=shown,
        title_derived=derived,
        summary=summary if summary != shown else None,
        body=opening.prose.body,
        body_html=(safe_html(markup) or None) if markup else None,
        headings=opening.prose.headings,
        byline=byline,
        authors=words(_names(item, "authors", "author", "people_by"))
        or (authors_of(byline) if byline else ()),
        dateline=_dateline(item) or opening.dateline,
        slug=_string(item, "slugline", "slug"),
        editor_note=_string(item, "ednote", "edNote", "editorial_note"),
        rights=_string(
            item, "copyrightnotice", "copyrightNotice", "copyrightholder", "copyrightHolder", "usageterms"
        ),
        keywords=words(_keywords(item)),
        places=words(_names(item, "place", "places")),
        document_id=_string(item, "uri", "guid"),
        url=absolute(_string(item, "url", "source_url", "altid")) or absolute(_string(item, "uri")),
        links=body.links,
        media=(*_media(item), *body.images),
    )


def _title(item: dict[str, Any]) -> str | None:
    found = _string(item, "headline") or _variant(item, "headlines") or _string(item, "title", "name")
    return plain_line(found) if found else None


def _summary(item: dict[str, Any]) -> str | None:
    found = _string(item, "description_text", "description_html", "description_xhtml")
    found = found or _variant(item, "descriptions", ("plain", "text")) or _string(item, "abstract")
    return plain_line(found) if found else None


def _body(item: dict[str, Any]) -> Markup:
    markup = _string(item, "body_html", "body_xhtml") or _variant(
        item, "bodies", ("html", "xhtml"), strict=True
    )
    if markup:
        return read_markup(markup)
    text = _string(item, "body_text") or _variant(item, "bodies") or ""
    return read_markup(text) if is_markup(text) and "</" in text else Markup(read_prose(text))


def _variant(
    item: dict[str, Any], key: str, kinds: tuple[str, ...] = ("main", "plain"), *, strict: bool = False
) -> str | None:
    """The value in a ninjs 2 list whose role or content type is wanted, else the first; None without one."""
    members = [member for member in _list(item.get(key)) if isinstance(member, dict)]
    values = [
        (
            str(member.get("contentType") or member.get("contenttype") or "") + str(member.get("role") or ""),
            member,
        )
        for member in members
    ]
    chosen = [member for kind, member in values if any(wanted in kind for wanted in kinds)]
    for member in chosen or ([] if strict else members):
        if text := _string(member, "value"):
            return text
    return None


def _dateline(item: dict[str, Any]) -> Dateline | None:
    """Superdesk writes ``located``; a ninjs 3 dateline stands in the text."""
    place = _string(item, "located", "dateline")
    return Dateline(place=place) if place else None


def _topics(item: dict[str, Any]) -> tuple[str, ...]:
    codes = [str(_first(subject, "code", "uri", "literal") or "") for subject in _subjects(item)]
    found = [matched for code in codes if (matched := _MEDTOP.search(code))]
    return tuple(dict.fromkeys(f"medtop:{match[1] or match[2]}" for match in found))


def _keywords(item: dict[str, Any]) -> list[object]:
    listed = _list(item.get("keywords")) + _list(item.get("keyword"))
    return [*listed, *(_string(subject, "name") for subject in _subjects(item))]


def _subjects(item: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        subject
        for subject in _list(item.get("subject")) + _list(item.get("subjects"))
        if isinstance(subject, dict)
    ]


def _media(item: dict[str, Any]) -> list[Link]:
    associations = item.get("associations") or {}
    members = associations.values() if isinstance(associations, dict) else _list(associations)
    found: dict[str, Link] = {}
    for member in members:
        renditions = member.get("renditions") if isinstance(member, dict) else None
        for rendition in renditions.values() if isinstance(renditions, dict) else _list(renditions):
            href = absolute(_string(rendition, "href")) if isinstance(rendition, dict) else None
            if href:
                kind = _string(rendition, "mimetype", "mimeType", "contentType", "contenttype")
                found.setdefault(href, Link(href=href, rel="media", media_type=kind))
    return list(found.values())


def _names(item: dict[str, Any], *keys: str) -> list[object]:
    members = [member for key in keys for member in _list(item.get(key))]
    return [_string(member, "name") if isinstance(member, dict) else member for member in members]


def _time(item: dict[str, Any], warnings: list[str], *keys: str) -> Any:  # noqa: ANN401 - pydantic checks it
    value = _first(item, *keys)
    if value in (None, "", False, True):
        return None
    moment = parse_time(value)
    if moment is None:
        warnings.append(DATE_UNREADABLE)
        return None
    warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
    return moment.at


def _string(item: dict[str, Any], *keys: str) -> str | None:
    return next(
        (value.strip() for key in keys if isinstance(value := item.get(key), str) and value.strip()), None
    )


def _first(item: dict[str, Any], *keys: str) -> object:
    return next((item[key] for key in keys if item.get(key) not in (None, "")), None)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
