"""When a page was published and updated, to the minute where anything on it says so."""

from __future__ import annotations

from collections.abc import Iterable

from services.ingest.formats.page_sources import Sources
from services.ingest.formats.schema_org import text_of
from services.ingest.times import Moment, parse_time

_PUBLISHED_METAS = (
    *("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date"),
    *(
        "sailthru.date",
        "cxenseparse:recs:publishtime",
        "cxenseparse:publishtime",
        "publish-date",
        "publish_date",
    ),
    *(
        "publication_date",
        "pubdate",
        "ptime",
        "date",
        "dc.date.issued",
        "dcterms.created",
        "dcterms.date",
        "dc.date",
    ),
    *("dc.date.created", "article.published", "published-date", "last-publish-date", "iso-8601-publish-date"),
    *(
        "og:published_time",
        "rnews:datepublished",
        "article_date_original",
        "displaydate",
        "citation_publication_date",
    ),
    *(
        "published_at",
        "article:post_date",
        "datecreated",
        "dcterms.issued",
        "prism.publicationdate",
        "vr:published_time",
    ),
)
_UPDATED_METAS = (
    *(
        "article:modified_time",
        "og:updated_time",
        "datemodified",
        "last-modified",
        "dcterms.modified",
        "lastmod",
    ),
    *(
        "og:article:modified_time",
        "article.updated",
        "updated_at",
        "dc.date.modified",
        "article:updated_time",
    ),
    *("vr:modified_time",),
)
_PUBLISHED_ELEMENTS = (
    "//*[@itemprop='datePublished']/@datetime",
    "//*[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']",
    "//time[@pubdate]/@datetime",
    "(//article//time | //main//time)/@datetime",
    "//time/@datetime",
    "//*[@property='schema:datePublished' or @property='datePublished']/@content",
    "//abbr[contains(@class, 'published')]/@title",
    "(//article//time | //main//time)",
)
_UPDATED_ELEMENTS = ("//*[@itemprop='dateModified']/@datetime", "//*[@itemprop='dateModified']/@content")
_LOOKED_AT = 3
_LAST_DAY = "2099-12-31"
"""Fixed, so that the same bytes give the same date whenever they are read."""


def published_on(sources: Sources) -> Moment | None:
    """The first publication time that has a time of day; the first day when none has."""
    declared = [
        text_of(sources.article, "datePublished", "uploadDate"),
        *(sources.meta(name) for name in _PUBLISHED_METAS),
        *(text_of(node, "datePublished") for node in sources.nodes),
        text_of(sources.article, "dateCreated"),
        *_found(sources, _PUBLISHED_ELEMENTS),
    ]
    return _best(declared) or _day_in_text(sources)


def updated_on(sources: Sources) -> Moment | None:
    """The time of the last change, found the same way."""
    declared = [
        text_of(sources.article, "dateModified"),
        *(sources.meta(name) for name in _UPDATED_METAS),
        *_found(sources, _UPDATED_ELEMENTS),
    ]
    return _best(declared)


def _day_in_text(sources: Sources) -> Moment | None:
    """The day in the address or in the text, in any of many languages, for pages that declare nothing."""
    from htmldate import find_date

    found = find_date(
        sources.tree, extensive_search=False, original_date=True, url=sources.url, max_date=_LAST_DAY
    )
    return parse_time(found)


def _found(sources: Sources, paths: Iterable[str]) -> list[str]:
    return [text for path in paths for text in sources.values(path)[:_LOOKED_AT]]


def _best(declared: Iterable[str | None]) -> Moment | None:
    moments = [moment for value in declared if value and (moment := parse_time(value))]
    if not moments:
        return None
    first = moments[0]
    same_day = [
        one for one in moments if not one.day_only and abs((one.at - first.at).total_seconds()) < 2 * 86_400
    ]
    exact = [one for one in moments if not one.day_only]
    return next(iter(same_day or exact), first)
