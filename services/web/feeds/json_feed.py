"""JSON Feed 1.1: no more than 250 kB a page, as its specification asks."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from services.web.feeds import Feed, FeedEntry, line, xml_text

VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON."""
    title = line(feed.title, feed.feed_id)
    document: dict[str, object] = {
        "version": VERSION,
        "title": title,
        "home_page_url": feed.page_url,
        "feed_url": feed.self_url,
        "language": feed.language,
        "authors": [{"name": title}],
        "items": [_item(entry) for entry in feed.entries],
    }
    if description := line(feed.description, ""):
        document["description"] = description
    if feed.next_url:
        document["next_url"] = feed.next_url
    if feed.hub_urls:
        document["hubs"] = [{"type": "WebSub", "url": hub} for hub in feed.hub_urls]
    return orjson.dumps(document)


def _item(entry: FeedEntry) -> dict[str, object]:
    tags = [line(title, name) for name, title in entry.categories]
    return {
        "id": entry.entry_id,
        "url": entry.url,
        "title": line(entry.title, entry.entry_id),
        "content_html": xml_text(entry.html),
        "date_published": _moment(entry.published_at),
        "date_modified": _moment(entry.updated_at),
        **({"tags": tags} if tags else {}),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
