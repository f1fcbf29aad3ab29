"""News in JSON: schema.org, JSON Feed, ninjs and records of no standard, one document or a line each."""

from __future__ import annotations

import re
from typing import Any

import orjson

from newsfeed.values import Charset
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import decode
from services.ingest.formats import json_feed, json_records, ninjs, schema_org
from services.ingest.formats.json_lines import read_lines
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.progress import each

FORMAT = "json"
VERSION = 4

LINES_UNREADABLE = "json_lines_unreadable"
RECORDS_SKIPPED = "records_skipped"

_SUFFIXES = frozenset({".json", ".jsonld", ".ninjs", ".jsonl", ".ndjson", ".geojson"})
_OPENING = re.compile(r"""\s*(?:\x1e\s*)?(?:\{\s*(?:"|\})|\[\s*(?:[\[{"\]]|-?\d+\s*[,\]]))""")
_UNICODE = ("utf-8", "utf-16", "utf-32")
_NAMED_LINES = 10
"""So many line numbers a warning gives."""


def recognise(head: Head) -> int:
    """By the first brackets, or by the file's name: what is named ``.json`` is broken JSON at worst."""
    if _OPENING.match(head.text):
        return CERTAIN
    return LIKELY if head.suffix in _SUFFIXES else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """All news items of the document, of the first dialect that knows any of them."""
    value, charset, warnings = load(data)
    name, articles = _read(value, hint)
    found = tuple(article for article in articles if article is not None)
    if not found and name == ninjs.DIALECT:
        raise Rejection("metadata_only", "ninjs with neither a headline nor a text")
    if not found:
        raise Rejection("no_text", "neither a title nor a body")
    if len(found) < len(articles):
        warnings = (*warnings, f"{RECORDS_SKIPPED}: {len(articles) - len(found)} of {len(articles)}")
    return Reading(
        format=name, parser_version=VERSION, charset=charset, articles=found, warnings=tuple(warnings)
    )


def _read(value: object, hint: ReadingHint) -> tuple[str, list[Article | None]]:
    """The dialect of a value and its items, None for one without a text."""
    for name, find, read in (
        (schema_org.DIALECT, schema_org.find_articles, schema_org.read_node),
        (json_feed.DIALECT, json_feed.find_items, json_feed.read_item),
        (ninjs.DIALECT, ninjs.find_items, ninjs.read_item),
    ):
        nodes = [] if hint.mapping else find(value)
        if nodes:
            return name, [read(node, hint) for node in each(nodes)]
    records = json_records.find_records(value, hint.mapping)
    if not records:
        raise Rejection("unknown_format", "JSON of an unknown kind")
    return json_records.DIALECT, json_records.read_records(records, hint)


def load(data: bytes) -> tuple[Any, Charset, tuple[str, ...]]:
    """The value in UTF-8, UTF-16 or UTF-32 JSON, a list when each line has one, and what was left out.

    Raises Rejection ``corrupt`` with line and column.
    """
    decoded = decode(data)
    if not decoded.charset.name.startswith(_UNICODE) or "undecodable_bytes_replaced" in decoded.warnings:
        raise Rejection("corrupt", "JSON in no Unicode encoding")
    try:
        return orjson.loads(decoded.text), decoded.charset, ()
    except orjson.JSONDecodeError as error:
        lines = read_lines(decoded.text)
        if lines is None:
            raise Rejection("corrupt", f"JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Rejection("corrupt", "JSON beyond all depth") from None
    numbers = ", ".join(map(str, lines.bad[:_NAMED_LINES]))
    warnings = (f"{LINES_UNREADABLE}: {len(lines.bad)}, at {numbers}",) if lines.bad else ()
    return lines.values, decoded.charset, warnings
