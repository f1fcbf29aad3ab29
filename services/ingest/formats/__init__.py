"""The formats of news: one module each, and the table of them all.

A new format is a new module of the shape in :mod:`services.ingest.formats.shape` and one more line
in :data:`FORMATS`.
"""

from __future__ import annotations

from services.ingest.formats import docx, feed, json_news, mail, markdown, page, pdf, plain, table, warc
from services.ingest.formats.shape import Format
from services.ingest.formats.wire import anpa, iptc7901, newsml, newsml_g2, nitf, ritzau, zczc

FORMATS: tuple[Format, ...] = (
    *(nitf, newsml, newsml_g2, ritzau, iptc7901, anpa, zczc),
    *(feed, json_news, mail, page, table, markdown, plain),
)
"""Asked in this order; the highest score wins, the earlier of equals."""

BINARY_FORMATS: tuple[Format, ...] = (docx, pdf, warc)
"""Asked before those, of the bytes: what is no text is known by its magic number."""
