"""One entry of a feed as an article."""

from __future__ import annotations

import hashlib
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from newsfeed.documents import ArticleDocument, Link
from services.ingest.article import Article, ReadingHint
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.prose.markup import Markup, absolute, is_markup, plain_line, read_markup, safe_html
from services.ingest.prose.openings import lift_opening
from services.ingest.prose.paragraphs import read_prose
from services.ingest.prose.sentences import collapse
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

_MAILBOX = re.compile(r"^\s*[^\s()<>]+@[^\s()<>]+\s+\((?P<name>[^()]+)\)\s*$")
"""How RSS 2.0 wants its authors: ``ann@news.example (Ann Lee)``."""

_BLOCK = re.compile(r"<(?:p|br|div|li|h[1-6]|table|blockquote|section|article)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n\s*")

_UNPUBLISHED = frozenset({"draft", "pending", "private", "trash", "auto-draft", "future"})
_NO_POSTS = frozenset({"attachment", "nav_menu_item", "revision", "custom_css", "wp_navigation", "wp_block"})
"""Values of ``wp:status`` and ``wp:post_type`` in an export of WordPress (WXR)."""

TITLE_FROM_LINK = "title_from_link"


@dataclass(frozen=True)
class Channel:
    """What holds for every entry of a feed unless the entry says otherwise."""

    is_atom: bool
    has_typed_titles: bool
    link: str | None
    language: str | None
    authors: tuple[str, ...]
    rights: str | None
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, parsed: Mapping[str, Any], hint: ReadingHint, warnings: tuple[str, ...]) -> Channel:
        """The defaults in ``parsed``, a feedparser result."""
        feed = parsed["feed"]
        declared = feed.get("language") or (feed.get("title_detail") or {}).get("language")
        return cls(
            is_atom=parsed["version"].startswith("atom"),
            has_typed_titles=parsed["version"] == "atom10",
            link=absolute(feed.get("link")),
            language=language_tag(declared, hint.language),
            authors=_people(feed),
            rights=collapse(feed.get("rights") or "") or None,
            warnings=warnings,
        )


def read_entry(entry: dict[str, Any], channel: Channel) -> Article | None:
    """The article in ``entry``; None when it has neither text nor link nor id.

    An entry that is only a link or an id has it for a title, with the warning ``title_from_link``.
    A picture or a menu in an export of WordPress is no article, a draft is one that is withheld.
    """
    if str(entry.get("wp_post_type") or "post") in _NO_POSTS:
        return None
    guid = collapse(str(entry.get("id") or "")) or None
    url = _url(entry, channel.link)
    content = _content(entry)
    text = _as_markup(content, url or channel.link)
    title = _line(_title(entry), typed=channel.has_typed_titles)
    if not title and not text.prose.paragraphs and not (url or guid):
        return None
    warnings = list(channel.warnings)
    document = _document(entry, channel, _Parts(title, url, guid, text, content), warnings)
    published, updated = _times(entry, warnings)
    return Article(
        document=document,
        local_id=guid or url or _fingerprint(document),
        language=language_tag(entry.get("language") or content.get("language"), channel.language),
        published_at=published,
        updated_at=updated,
        expires_at=_time([entry.get("expired")], [])[0],
        status="withheld" if str(entry.get("wp_status") or "publish") in _UNPUBLISHED else "usable",
        topics=tuple(term for term in words(_terms(entry)) if term.startswith("medtop:")),
        warnings=tuple(dict.fromkeys(warnings)),
    )


@dataclass(frozen=True)
class _Parts:
    title: str
    url: str | None
    guid: str | None
    text: Markup
    content: Mapping[str, Any]


def _document(entry: dict[str, Any], channel: Channel, parts: _Parts, warnings: list[str]) -> ArticleDocument:
    opening = lift_opening(parts.text.prose)
    nameless = not parts.title and not opening.prose.paragraphs
    warnings += [TITLE_FROM_LINK] if nameless else []
    title, derived = titled(
        parts.title or (parts.url or parts.guid if nameless else None), opening.prose.body
    )
    value = str(parts.content.get("value") or "")
    return ArticleDocument(
        title=title,
        title_derived=derived or nameless,
        summary=_summary(entry, parts.content),
        body=opening.prose.body,
        body_html=(safe_html(value, parts.url or channel.link) or None) if _is_html(parts.content) else None,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=_people(entry) or opening.authors or channel.authors,
        dateline=opening.dateline,
        rights=collapse(entry.get("rights") or "") or channel.rights,
        keywords=words(_terms(entry)),
        document_id=parts.guid,
        url=parts.url,
        links=(*_links(entry, parts.url), *parts.text.links),
        media=(*_media(entry, parts.url or channel.link), *parts.text.images),
    )


def _title(entry: dict[str, Any]) -> dict[str, Any]:
    """The title with its type; the details are those of a picture's title where the two differ."""
    detail = dict(entry.get("title_detail") or {})
    title = entry.get("title")
    return detail if title is None or detail.get("value") == title else {"value": title}


def _url(entry: dict[str, Any], base: str | None) -> str | None:
    """The entry's link; a guid that stands in for it must be an address as it is."""
    link = entry.get("link")
    return absolute(link, None if link == entry.get("id") else base)


def _content(entry: dict[str, Any]) -> dict[str, Any]:
    """The fullest text of an entry: its content where it has one, else its summary."""
    contents = [item for item in entry.get("content") or [] if str(item.get("value") or "").strip()]
    if contents:
        best = max(contents, key=lambda item: (_is_html(dict(item)), len(item["value"])))
        return _with_breaks(dict(best))
    return _with_breaks(dict(entry.get("summary_detail") or {"value": entry.get("summary") or ""}))


def _with_breaks(content: dict[str, Any]) -> dict[str, Any]:
    """HTML without a single block is text in which blank lines part paragraphs."""
    value = str(content.get("value") or "")
    if _is_html(content) and not _BLOCK.search(value):
        return {**content, "value": _BLANK_LINE.sub("<br><br>", value.strip())}
    return content


def _summary(entry: dict[str, Any], content: Mapping[str, Any]) -> str | None:
    detail = entry.get("summary_detail") or {"value": entry.get("summary") or ""}
    given = _with_breaks(dict(detail)).get("value")
    if not given or given == content.get("value"):
        return None
    return _line(detail) or None


def _is_html(detail: Mapping[str, Any]) -> bool:
    return "html" in str(detail.get("type") or "") or (
        detail.get("type") is None and is_markup(str(detail.get("value") or ""))
    )


def _line(detail: Mapping[str, Any], *, typed: bool = False) -> str:
    value = str(detail.get("value") or "")
    if _is_html(detail) or (not typed and is_markup(value)):
        return plain_line(value) or collapse(value)
    return collapse(value)


def _as_markup(content: Mapping[str, Any], base: str | None) -> Markup:
    value = str(content.get("value") or "")
    return read_markup(value, base) if _is_html(content) else Markup(read_prose(value))


def _people(fields: Mapping[str, Any]) -> tuple[str, ...]:
    named = _MAILBOX.match(str(fields.get("author") or ""))
    if named:
        return words([named["name"]])
    people = fields.get("authors") or [fields.get("author_detail") or {}]
    names = [plain_line(str(person.get("name") or "")) for person in people]
    return words([name for name in names if "@" not in name])


def _terms(entry: Mapping[str, Any]) -> list[object]:
    return [plain_line(str(tag.get("label") or tag.get("term") or "")) for tag in entry.get("tags") or []]


def _links(entry: Mapping[str, Any], url: str | None) -> tuple[Link, ...]:
    """Where else an entry leads: its address before a redirecting service, its comments, what it names."""
    named = [("canonical", entry.get("feedburner_origlink")), ("replies", entry.get("comments"))]
    listed = [
        (str(link.get("rel")), link.get("href"))
        for link in entry.get("links") or []
        if link.get("rel") not in {None, "enclosure"}
    ]
    found: dict[str, Link] = {}
    for rel, address in [*named, *listed]:
        href = absolute(address, url)
        if href and href != url:
            found.setdefault(href, Link(href=href, rel=rel))
    return tuple(found.values())


def _media(entry: Mapping[str, Any], base: str | None) -> tuple[Link, ...]:
    enclosures = [link for link in entry.get("links") or [] if link.get("rel") == "enclosure"]
    found: dict[str, Link] = {}
    for item in [*enclosures, *(entry.get("media_content") or []), *(entry.get("media_thumbnail") or [])]:
        href = absolute(item.get("href") or item.get("url"), base)
        if href:
            found.setdefault(
                href, Link(href=href, rel=item.get("rel") or "media", media_type=item.get("type"))
            )
    return tuple(found.values())


def _times(entry: Mapping[str, Any], warnings: list[str]) -> tuple[datetime | None, datetime | None]:
    """When it was published and updated; an entry with one time only was published then."""
    published, found = _time(
        [entry.get("published"), entry.get("created")], warnings, entry.get("published_parsed")
    )
    updated, changed = _time([entry.get("updated")], warnings, entry.get("updated_parsed"))
    if (found or changed) and not (published or updated):
        warnings.append(DATE_UNREADABLE)
    return (published, updated) if published else (updated, None)


def _time(values: Iterable[object], warnings: list[str], parsed: Any = None) -> tuple[datetime | None, bool]:  # noqa: ANN401 - a time.struct_time from an untyped library
    """The first readable time, and whether any was given; ``parsed`` is feedparser's own reading."""
    given = [value for value in values if value]
    for value in given:
        if moment := parse_time(value):
            warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
            return moment.at, True
    try:
        return (datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None), bool(given)
    except (ValueError, OverflowError):
        return None, bool(given)


def _fingerprint(document: ArticleDocument) -> str:
    return hashlib.sha256(f"{document.title}\x1f{document.body}".encode()).hexdigest()
