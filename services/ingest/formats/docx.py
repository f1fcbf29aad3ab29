"""Word documents (Office Open XML, ECMA-376): one article each."""

from __future__ import annotations

import re
from datetime import datetime

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article, Reading, ReadingHint
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.formats.docx_package import Package, open_package
from services.ingest.formats.docx_text import read_text
from services.ingest.formats.headline import headed
from services.ingest.formats.shape import CERTAIN, NEVER, Head
from services.ingest.prose.openings import authors_of, lift_opening
from services.ingest.times import parse_time
from services.ingest.unpacking import office_kind

FORMAT = "docx"
VERSION = 1

_NOBODY = re.compile(
    r"^(?:python-docx|microsoft(?: office)?(?: user)?|user\d*|admin(?:istrator)?|author|owner|windows user|pc"
    r"|test|un-?known|anonymous|apache poi|docx4j|default)?$",
    re.IGNORECASE,
)
"""Whom programs name as the author when nobody said who it was."""

_TEMPLATE_MAKERS = frozenset({"python-docx"})
"""Programs that leave the dates of their own template in a document."""


def recognise(head: Head) -> int:
    """By the parts of the package."""
    return CERTAIN if office_kind(head.data) == "docx" else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The one article; raises Rejection ``corrupt``, ``archive_too_large`` or ``no_text``."""
    package = open_package(data)
    text = read_text(package)
    properties = package.properties()
    given, prose = headed(text.prose, text.title or properties.get("title"))
    opening = lift_opening(prose)
    title, derived = titled(given, opening.prose.body)
    creator = properties.get("creator", "")
    authors = [] if _NOBODY.match(creator) else re.split(r"\s*;\s*", creator)
    document = ArticleDocument(
        title=title,
        title_derived=derived,
        summary=text.subtitle or properties.get("description") or None,
        body=opening.prose.body,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=opening.authors or words(person for name in authors for person in authors_of(name)),
        dateline=opening.dateline,
        rights=properties.get("rights"),
        keywords=words([properties.get("keywords"), properties.get("subject")], split=True),
        document_id=properties.get("identifier"),
        links=text.links,
    )
    is_template = creator in _TEMPLATE_MAKERS
    article = Article(
        document=document,
        local_id=document.document_id,
        revision=properties.get("version"),
        language=language_tag(properties.get("language"), language_tag(_language(package), hint.language)),
        published_at=None if is_template else _time(properties.get("created")),
        updated_at=None if is_template else _time(properties.get("modified")),
    )
    return Reading(format=FORMAT, parser_version=VERSION, articles=(article,))


def _language(package: Package) -> str | None:
    """The language that the styles of the document are in."""
    found = re.search(rb"<w:lang\b[^>]*?w:val=\"([A-Za-z-]{2,12})\"", package.styles)
    return found[1].decode("ascii") if found else None


def _time(value: str | None) -> datetime | None:
    moment = parse_time(value) if value else None
    return moment.at if moment else None
