"""Feeds: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0; many articles a file."""

from __future__ import annotations

import io
import re
from typing import Any

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import declared_in_markup, decode
from services.ingest.formats.feed_entry import Channel, read_entry
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.formats.xml_gate import why_ill_formed

FORMAT = "feed"
VERSION = 1

_PREAMBLE = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|\s+)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?P<name>rss|feed|RDF)\b(?P<rest>[^>]*)", re.IGNORECASE)
_ROOT_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|RDF)\s*>", re.IGNORECASE)
_TAIL_BYTES = 4096
_RDF_FEED = re.compile(r"purl\.org/(?:rss|net/rss)|netscape\.com/rdf|channel\.dtd", re.IGNORECASE)
_PROLOG = re.compile(r"\A\s*<\?xml[^>]*\?>")


def recognise(head: Head) -> int:
    """By the root element."""
    start = _PREAMBLE.match(head.text)
    root = _ROOT.match(head.text, start.end() if start else 0)
    if not root:
        return NEVER
    is_rdf = root["name"].casefold() == "rdf"
    return CERTAIN if not is_rdf or _RDF_FEED.search(head.text) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """Every entry as an article; raises Rejection ``no_articles`` when the feed has none."""
    decoded = decode(data, declared_in_markup(data) or hint.charset)
    xml = b'<?xml version="1.0" encoding="utf-8"?>\n' + _PROLOG.sub("", decoded.text).strip().encode()
    warnings = (*decoded.warnings, *_check(xml))
    parsed = _parsed(xml)
    channel = Channel.of(parsed, hint, warnings)
    articles = _identified([read_entry(dict(entry), channel) for entry in parsed["entries"]])
    if not articles:
        raise Rejection("no_articles", "a feed without entries")
    name = "atom" if channel.is_atom else "rss"
    return Reading(format=name, parser_version=VERSION, charset=decoded.charset, articles=articles)


def _check(xml: bytes) -> list[str]:
    """A warning when the XML is ill-formed but whole; raises Rejection ``corrupt`` when it is cut off."""
    place = why_ill_formed(xml)
    if place and not _ROOT_CLOSED.search(xml[-_TAIL_BYTES:]):
        raise Rejection("corrupt", f"XML: {place}")
    return ["xml_not_well_formed"] if place else []


def _parsed(xml: bytes) -> dict[str, Any]:
    import feedparser

    parsed = feedparser.parse(io.BytesIO(xml), sanitize_html=False, resolve_relative_uris=False)
    return {
        "version": parsed.get("version") or "",
        "feed": dict(parsed["feed"]),
        "entries": parsed["entries"],
    }


def _identified(articles: list[Article | None]) -> tuple[Article, ...]:
    """The articles, each with an identity of its own: a guid used twice is told apart by link or place."""
    seen: set[str] = set()
    kept: list[Article] = []
    for position, article in enumerate(articles):
        if article is None:
            continue
        local_id = article.local_id or ""
        if local_id in seen:
            by_link = f"{local_id}|{article.document.url}"
            local_id = f"{local_id}|{position}" if not article.document.url or by_link in seen else by_link
        seen.add(local_id)
        kept.append(article.model_copy(update={"local_id": local_id}))
    return tuple(kept)
