"""PDF: the text layer as one article; needs the extra ``pdf``."""

from __future__ import annotations

import io
import logging
import re
import struct
import zlib
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import clean
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.formats.headline import headed
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.prose.openings import authors_of, lift_opening
from services.ingest.prose.paragraphs import read_prose
from services.ingest.prose.sentences import collapse
from services.ingest.times import parse_time

if TYPE_CHECKING:
    from pypdf import PdfReader

FORMAT = "pdf"
VERSION = 1

PAGES_LEFT_OUT = "pages_left_out"

_MAGIC_WITHIN_BYTES = 1024
"""Readers accept rubbish of so many bytes before ``%PDF-`` (ISO 32000-1, annex H)."""

_MAX_PAGES = 300
_PAGES_THAT_TELL = 3
_PAGE_NUMBER = re.compile(
    r"^(?:[-–—]?\s*\d{1,4}\s*[-–—]?|(?:page|seite|página|pagina)\s+\d+.{0,12}|\d+\s*/\s*\d+)$", re.IGNORECASE
)
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u00ad\u2010]\n(?=[a-zß-öø-ÿ])")
_DATE = re.compile(r"^(?:D:)?(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:(Z)|([+-]\d{2})'?(\d{2})?)?")
_FAILURES = (
    *(ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, AssertionError),
    *(ArithmeticError, NotImplementedError, EOFError, OSError, zlib.error, struct.error, LookupError),
)
"""What pypdf raises on damaged files besides its own errors."""


def recognise(head: Head) -> int:
    """By its magic number near the start."""
    return (
        CERTAIN
        if b"%PDF-" in head.data[:_MAGIC_WITHIN_BYTES].lstrip(b"\xef\xbb\xbf \r\n\t\0")[:64]
        else NEVER
    )


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The one article.

    Raises Rejection ``parser_not_installed``, ``corrupt``, ``encrypted``, or ``no_text`` when its
    pages are pictures.
    """
    reader = _opened(data)
    pages, lost = _pages(reader)
    text = _HYPHEN.sub("", "\n\n".join(_without_margins(pages)))
    about = _about(reader)
    given, prose = headed(read_prose(text), about.get("Title"))
    if not prose.paragraphs:
        raise Rejection("no_text", "no text on its pages; they may be pictures")
    opening = lift_opening(prose)
    title, derived = titled(given, opening.prose.body)
    document = ArticleDocument(
        title=title,
        title_derived=derived,
        body=opening.prose.body,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=opening.authors or words(authors_of(about.get("Author", ""))),
        dateline=opening.dateline,
        keywords=words([about.get("Keywords"), about.get("Subject")], split=True),
    )
    article = Article(
        document=document,
        language=language_tag(about.get("Lang"), hint.language),
        published_at=_time(about.get("CreationDate")),
        updated_at=_time(about.get("ModDate")),
    )
    warnings = (f"{PAGES_LEFT_OUT}: {lost}",) if lost else ()
    return Reading(format=FORMAT, parser_version=VERSION, articles=(article,), warnings=warnings)


def _opened(data: bytes) -> PdfReader:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise Rejection("parser_not_installed", "pdf") from None
    # What pypdf warns of quotes the file, and no text of an article may get into a log.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Rejection("encrypted", "a PDF with a password")
        len(reader.pages)
    except (PyPdfError, *_FAILURES) as error:
        raise Rejection("corrupt", f"PDF: {type(error).__name__}") from None
    return reader


def _pages(reader: PdfReader) -> tuple[list[str], int]:
    """The text of each page, and how many pages could not be read or were too many."""
    from pypdf.errors import PyPdfError

    pages: list[str] = []
    total = len(reader.pages)
    for index in range(min(total, _MAX_PAGES)):
        try:
            pages.append(clean(reader.pages[index].extract_text())[0])
        except (PyPdfError, *_FAILURES):
            continue
    return pages, total - len(pages)


def _without_margins(pages: list[str]) -> list[str]:
    """The pages without their numbers and without the lines that most of them begin or end with."""
    lines = [[line for line in page.split("\n") if not _PAGE_NUMBER.match(line.strip())] for page in pages]
    edges = Counter(edge for page in lines for edge in {collapse(one) for one in (*page[:1], *page[-1:])})
    repeated = {
        edge for edge, count in edges.items() if count >= _PAGES_THAT_TELL and count * 2 > len(pages)
    } - {""}
    return [
        "\n".join(
            line
            for index, line in enumerate(page)
            if index not in {0, len(page) - 1} or collapse(line) not in repeated
        )
        for page in lines
    ]


def _about(reader: PdfReader) -> dict[str, str]:
    """The document information and the language, as text."""
    from pypdf.errors import PyPdfError

    found: dict[str, str] = {}
    try:
        for name, value in dict(reader.metadata or {}).items():
            found[str(name).lstrip("/")] = collapse(clean(str(value))[0])
        found["Lang"] = str(reader.root_object.get("/Lang") or "")
    except (PyPdfError, *_FAILURES):
        return found
    return found


def _time(value: str | None) -> datetime | None:
    """A PDF date, ``D:20240305101500+01'00'`` (ISO 32000-1, 7.9.4)."""
    found = _DATE.match(value or "")
    if not found:
        return None
    year, month, day, hour, minute, second, utc, east, part = found.groups()
    zone = "Z" if utc else f"{east}:{part or '00'}" if east else ""
    written = f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"
    moment = parse_time(written)
    return moment.at if moment else None
