"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/): many articles a file."""

from __future__ import annotations

from typing import Any

from newsfeed.documents import ArticleDocument, Link
from services.ingest.article import Article, ReadingHint
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.formats.dotted import text_in, texts_in
from services.ingest.prose.markup import Markup, absolute, plain_line, read_markup, safe_html
from services.ingest.prose.openings import lift_opening
from services.ingest.prose.paragraphs import read_prose
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

DIALECT = "json-feed"

_FEED = "_feed"
"""Where an item carries the feed that it is from, while it is on its way to its reader."""


def find_items(value: object) -> list[dict[str, Any]]:
    """The items of a JSON Feed; an empty list for any other JSON."""
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return []
    items = [item for item in value["items"] if isinstance(item, dict)]
    says_so = "jsonfeed.org/version" in str(value.get("version"))
    if not says_so and not any(item.keys() & {"content_html", "content_text"} for item in items):
        return []
    return [{**item, _FEED: value} for item in items]


def read_item(item: dict[str, Any], hint: ReadingHint) -> Article | None:
    """The article in an item; None when it has neither text nor title nor address."""
    feed = item[_FEED]
    base = absolute(text_in(feed.get("home_page_url"))) or absolute(text_in(feed.get("feed_url")))
    url = absolute(text_in(item.get("url")), base) or absolute(text_in(item.get("external_url")), base)
    identity = text_in(item.get("id"))
    source = text_in(item.get("content_html"))
    markup = read_markup(source, url or base) if source else Markup(read_prose(_text(item)))
    title = plain_line(text_in(item.get("title")) or "")
    summary = plain_line(text_in(item.get("summary")) or "")
    nameless = not title and not markup.prose.paragraphs
    if nameless and not (summary or url):
        return None
    opening = lift_opening(markup.prose)
    shown, derived = titled(title or (summary or url if nameless else None), opening.prose.body)
    warnings: list[str] = []
    return Article(
        document=ArticleDocument(
            title=shown,
            title_derived=derived or nameless,
            summary=summary if summary and summary != shown else None,
            body=opening.prose.body,
            body_html=(safe_html(source, url or base) or None) if source else None,
            headings=opening.prose.headings,
            byline=opening.byline,
            authors=_people(item) or opening.authors or _people(feed),
            dateline=opening.dateline,
            keywords=words(map(plain_line, texts_in(item.get("tags")))),
            document_id=identity,
            url=url,
            links=(*_links(item, url, base), *markup.links),
            media=(*_media(item, url or base), *markup.images),
        ),
        local_id=identity or url,
        language=language_tag(item.get("language"), language_tag(feed.get("language"), hint.language)),
        published_at=_time(item, "date_published", warnings),
        updated_at=_time(item, "date_modified", warnings),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _text(item: dict[str, Any]) -> str:
    return text_in(item.get("content_text")) or ""


def _people(fields: dict[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has ``authors``, version 1.0 had one ``author``; some write a plain name."""
    people = fields.get("authors") or fields.get("author")
    listed = people if isinstance(people, list) else [people]
    names = [one.get("name") if isinstance(one, dict) else one for one in listed]
    return words([plain_line(name) for name in names if isinstance(name, str)])


def _links(item: dict[str, Any], url: str | None, base: str | None) -> tuple[Link, ...]:
    outside = absolute(text_in(item.get("external_url")), base)
    return (Link(href=outside, rel="related"),) if outside and outside != url else ()


def _media(item: dict[str, Any], base: str | None) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for key in ("image", "banner_image"):
        if href := absolute(text_in(item.get(key)), base):
            found.setdefault(href, Link(href=href, rel="image"))
    attachments = item.get("attachments")
    for one in attachments if isinstance(attachments, list) else []:
        href = absolute(text_in(one.get("url")), base) if isinstance(one, dict) else None
        if href:
            kind, title = text_in(one.get("mime_type")), text_in(one.get("title"))
            found.setdefault(href, Link(href=href, rel="enclosure", media_type=kind, title=title))
    return tuple(found.values())


def _time(item: dict[str, Any], key: str, warnings: list[str]) -> Any:  # noqa: ANN401 - pydantic checks it
    if item.get(key) in (None, ""):
        return None
    moment = parse_time(item[key])
    if moment is None:
        warnings.append(DATE_UNREADABLE)
        return None
    warnings += [ZONE_ASSUMED] if moment.zone_assumed else []
    return moment.at
