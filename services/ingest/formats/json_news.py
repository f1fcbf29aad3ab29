"""News in JSON: ninjs and schema.org, told apart by their keys."""

from __future__ import annotations

import re
from typing import Any

import orjson

from newsfeed.values import Charset
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import decode
from services.ingest.formats import ninjs, schema_org
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head

FORMAT = "json"
VERSION = 2

_SUFFIXES = frozenset({".json", ".jsonld", ".ninjs"})
_OPENING = re.compile(r"""\s*(?:\{\s*(?:"|\})|\[\s*(?:[\[{"\]]|-?\d+\s*[,\]]))""")
_UNICODE = ("utf-8", "utf-16", "utf-32")


def recognise(head: Head) -> int:
    """By the first brackets, or by the file's name: what is named ``.json`` is broken JSON at worst."""
    if _OPENING.match(head.text):
        return CERTAIN
    return LIKELY if head.suffix in _SUFFIXES else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """All news items of the document, of the first dialect that knows any of them."""
    value, charset = load(data)
    for name, find, read in (
        (schema_org.DIALECT, schema_org.find_articles, schema_org.read_node),
        (ninjs.DIALECT, ninjs.find_items, ninjs.read_item),
    ):
        nodes = find(value)
        if nodes:
            articles = _readable([read(node, hint) for node in nodes], name)
            return Reading(format=name, parser_version=VERSION, charset=charset, articles=articles)
    raise Rejection("unknown_format", "JSON of an unknown kind")


def load(data: bytes) -> tuple[Any, Charset]:
    """The value in UTF-8, UTF-16 or UTF-32 JSON; raises Rejection ``corrupt`` with line and column."""
    decoded = decode(data)
    if not decoded.charset.name.startswith(_UNICODE) or "undecodable_bytes_replaced" in decoded.warnings:
        raise Rejection("corrupt", "JSON in no Unicode encoding")
    try:
        return orjson.loads(decoded.text), decoded.charset
    except orjson.JSONDecodeError as error:
        raise Rejection("corrupt", f"JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Rejection("corrupt", "JSON beyond all depth") from None


def _readable(articles: list[Article | None], dialect: str) -> tuple[Article, ...]:
    found = tuple(article for article in articles if article is not None)
    if not found and dialect == ninjs.DIALECT:
        raise Rejection("metadata_only", "ninjs with neither a headline nor a text")
    if not found:
        raise Rejection("no_text", "neither a title nor a body")
    return found
