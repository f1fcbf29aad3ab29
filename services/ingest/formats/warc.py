"""Web archives (WARC, ISO 28500): every page in one is an article; needs the extra ``warc``."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import page
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.progress import each
from services.ingest.prose.markup import absolute

FORMAT = "warc"
VERSION = 1

RECORD_REJECTED = "record_rejected"
ARCHIVE_DAMAGED = "archive_damaged"
PAGES_LEFT_OUT = "pages_left_out"

_MAX_RECORDS = 10_000
_MAX_PAGES = 1_000
_PAGE_BYTES = 8 * 1024 * 1024
_HTML = ("text/html", "application/xhtml+xml")
_GOOD_STATUS = 200
_ADDRESS_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Page:
    """One archived page: where it was, and what charset its server named."""

    url: str
    data: bytes
    charset: str | None


def recognise(head: Head) -> int:
    """By the version line of its first record."""
    return CERTAIN if head.data.lstrip(b"\r\n").startswith(b"WARC/") else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """Every page that is an article; one that is none becomes a warning.

    Raises Rejection ``parser_not_installed``, ``corrupt``, or ``no_articles`` without any page.
    """
    warnings: list[str] = []
    articles: list[Article] = []
    for archived in each(_pages(data, warnings)):
        told = hint.model_copy(update={"charset": archived.charset})
        try:
            (article,) = page.parse(archived.data, told).articles
        except Rejection as rejection:
            address = quote(archived.url[:_ADDRESS_CHARACTERS], safe=":/?&=%#")
            warnings.append(f"{RECORD_REJECTED}: {rejection.reason} {address}")
            continue
        articles.append(_located(article, archived.url))
    if not articles:
        raise Rejection("no_articles", "a web archive without a readable page")
    return Reading(format=FORMAT, parser_version=VERSION, articles=tuple(articles), warnings=tuple(warnings))


def _located(article: Article, url: str) -> Article:
    """The article with the address it was fetched from, when it names none itself."""
    if article.local_id:
        return article
    document = article.document.model_copy(update={"url": absolute(url)})
    return article.model_copy(update={"document": document, "local_id": url})


def _pages(data: bytes, warnings: list[str]) -> Iterator[Page]:
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError:
        raise Rejection("parser_not_installed", "warc") from None
    wanted = WarcRecordType.response | WarcRecordType.resource
    found = 0
    records = iter(
        ArchiveIterator(io.BytesIO(data), record_types=wanted, auto_decode="all", quirks_mode=True)
    )
    for _ in range(_MAX_RECORDS):
        try:
            record = next(records)
            archived = _page(record)
        except StopIteration:
            return
        except (OSError, ValueError) as error:
            warnings.append(f"{ARCHIVE_DAMAGED}: {type(error).__name__}")
            return
        if archived:
            found += 1
            yield archived
        if found == _MAX_PAGES:
            warnings.append(f"{PAGES_LEFT_OUT}: more than {_MAX_PAGES}")
            return


def _page(record: Any) -> Page | None:  # noqa: ANN401 - native code without types
    """The page in a record; None when it is none, or the server had no page to give."""
    http = record.http_headers
    status = http.status_code if http is not None else None
    kind = record.http_content_type or record.headers.get("Content-Type") or ""
    if status not in (None, _GOOD_STATUS) or not kind.lower().startswith(_HTML):
        return None
    data = record.reader.read(_PAGE_BYTES)
    return Page(str(record.headers.get("WARC-Target-URI") or "").strip("<>"), data, record.http_charset)
