"""The formats of news: one module each, and the table of them all.

A new format is a new module of the shape in :mod:`services.ingest.formats.shape` and one more line
in :data:`FORMATS`.
"""

from __future__ import annotations

from services.ingest.formats import feed, json_news, markdown, page, plain
from services.ingest.formats.shape import Format
from services.ingest.formats.wire import anpa, iptc7901, newsml, newsml_g2, nitf

FORMATS: tuple[Format, ...] = (
    *(nitf, newsml, newsml_g2, iptc7901, anpa),
    *(feed, json_news, page, markdown, plain),
)
"""Asked in this order; the highest score wins, the earlier of equals."""
