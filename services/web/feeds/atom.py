"""Atom 1.0 (RFC 4287), with pages of older entries (RFC 5005)."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from services.web.feeds import Feed, FeedEntry, line, xml_text

NAMESPACE = "http://www.w3.org/2005/Atom"
XML_LANG = "xml:lang"


def atom(feed: Feed) -> bytes:
    """The feed as XML in UTF-8."""
    root = Element("feed", {"xmlns": NAMESPACE, XML_LANG: feed.language})
    title = line(feed.title, feed.feed_id)
    _text(root, "id", feed.feed_id)
    _text(root, "title", title)
    if subtitle := line(feed.description, ""):
        _text(root, "subtitle", subtitle)
    _text(root, "updated", _moment(feed.updated_at))
    _text(SubElement(root, "author"), "name", title)
    _link(root, "self", feed.self_url, "application/atom+xml")
    _link(root, "alternate", feed.page_url, "text/html")
    if feed.next_url:
        _link(root, "next", feed.next_url, "application/atom+xml")
    for hub in feed.hub_urls:
        SubElement(root, "link", {"rel": "hub", "href": hub})
    for entry in feed.entries:
        _entry(SubElement(root, "entry"), entry)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _entry(element: Element, entry: FeedEntry) -> None:
    _text(element, "id", entry.entry_id)
    _text(element, "title", line(entry.title, entry.entry_id))
    _text(element, "published", _moment(entry.published_at))
    _text(element, "updated", _moment(entry.updated_at))
    _link(element, "alternate", entry.url, "text/html")
    for name, title in entry.categories:
        SubElement(element, "category", {"term": name, "label": line(title, name)})
    content = SubElement(element, "content", {"type": "html"})
    content.text = xml_text(entry.html)


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = xml_text(text)


def _link(parent: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(parent, "link", {"rel": rel, "href": href, "type": media_type})


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
