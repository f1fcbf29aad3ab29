"""RSS 2.0 with the Atom and content extensions that readers expect."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from services.web.feeds import Feed, FeedEntry, line, xml_text

NAMESPACES = {"xmlns:atom": "http://www.w3.org/2005/Atom"}


def rss(feed: Feed) -> bytes:
    """The feed as XML in UTF-8."""
    root = Element("rss", {"version": "2.0", **NAMESPACES})
    channel = SubElement(root, "channel")
    title = line(feed.title, feed.feed_id)
    _text(channel, "title", title)
    _text(channel, "link", feed.page_url)
    _text(channel, "description", line(feed.description, title))
    _text(channel, "language", feed.language)
    _text(channel, "lastBuildDate", _moment(feed.updated_at))
    _link(channel, "self", feed.self_url)
    if feed.next_url:
        _link(channel, "next", feed.next_url)
    for hub in feed.hub_urls:
        SubElement(channel, "atom:link", {"rel": "hub", "href": hub})
    for entry in feed.entries:
        _item(SubElement(channel, "item"), entry)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _item(element: Element, entry: FeedEntry) -> None:
    _text(element, "title", line(entry.title, entry.entry_id))
    _text(element, "link", entry.url)
    guid = SubElement(element, "guid", {"isPermaLink": "false"})
    guid.text = entry.entry_id
    _text(element, "pubDate", _moment(entry.published_at))
    for name, title in entry.categories:
        _text(element, "category", line(title, name))
    _text(element, "description", entry.html)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = xml_text(text)


def _link(parent: Element, rel: str, href: str) -> None:
    SubElement(parent, "atom:link", {"rel": rel, "href": href, "type": "application/rss+xml"})


def _moment(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)
