"""When a page was published and updated, to the minute where anything on it says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from services.ingest.formats.page_sources import Sources
from services.ingest.formats.schema_org import text_of
from services.ingest.times import Moment, parse_time
from services.ingest.visible_times import visible_time

_PUBLISHED_METAS = tuple(
    "article:published_time og:article:published_time datepublished parsely-pub-date sailthru.date "
    "cxenseparse:recs:publishtime cxenseparse:publishtime publish-date publish_date publication_date pubdate "
    "ptime date dc.date.issued dcterms.created dcterms.date dc.date dc.date.created article.published "
    "published-date last-publish-date iso-8601-publish-date og:published_time rnews:datepublished "
    "article_date_original displaydate citation_publication_date published_at article:post_date datecreated "
    "dcterms.issued prism.publicationdate vr:published_time publishdate published originalpublicationdate "
    "bt:pubdate pdate analyticsattributes.articledate mediator_published_time article.created "
    "shareaholic:article_published_time article:release_date citation_online_date citation_date "
    "article:published article:publish_date article:published_date article:publication_date pub_date "
    "date_published publicationdate originalpubdate og:publish_date og:pubdate og:release_date publishtime "
    "publish_time firstpublished dcsext.articlefirstpublished dc.created date.created creation_date "
    "content_create_date release_date posted created".split()
)
_UPDATED_METAS = tuple(
    "article:modified_time og:updated_time datemodified last-modified dcterms.modified lastmod "
    "og:article:modified_time article.updated updated_at dc.date.modified article:updated_time "
    "vr:modified_time".split()
)
_PARSELY = re.compile(r'"pub_date"\s*:\s*"([^"]{8,40})"')
"""A time in the JSON that one analytics service has in a ``meta`` element."""

_OF_NO_UPDATE = "not(contains(@class, 'updat') or contains(@class, 'modif') or @itemprop = 'dateModified')"
_PUBLISHED_ELEMENTS = (
    "//*[@itemprop='datePublished']/@datetime",
    "//*[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']",
    "//time[@pubdate]/@datetime",
    f"(//article//time | //main//time)[{_OF_NO_UPDATE}]/@datetime",
    f"//time[{_OF_NO_UPDATE}]/@datetime",
    "//*[@property='schema:datePublished' or @property='datePublished']/@content",
    "//*[contains(@class, 'published')]/@title",
    f"(//article//time | //main//time)[{_OF_NO_UPDATE}]",
    "(//article//time | //main//time)/@datetime",
    "(//article | //main | //header)//*/@data-datetime",
    "(//article | //main | //header)//*/@data-timestamp",
    "(//article | //main)//time/@data-seconds",
)
_VISIBLE_ELEMENTS = (
    "//*[contains(@class, 'publish') or contains(@class, 'posted') or contains(@class, 'pubdate')]",
    "//*[contains(@class, 'dateline') or contains(@class, 'timestamp') or contains(@class, 'byline')]",
    "//*[contains(concat(' ', translate(@class, '-_', '  '), ' '), ' date ')]",
    "//*[contains(concat(' ', translate(@class, '-_', '  '), ' '), ' time ')]",
    *(
        f"//*[contains(concat(' ', translate(@class, '-_', '  '), ' '), ' {word} ')]"
        for word in ("datum", "fecha", "data", "tarih", "datetime")
    ),
)
_UPDATED_ELEMENTS = "//*[@itemprop='dateModified']"
_LOOKED_AT = 3
_DAYS_APART = 2
_LAST_DAY = "2099-12-31"
"""Fixed, so that the same bytes give the same date whenever they are read."""


def published_on(sources: Sources) -> Moment | None:
    """The first publication time that has a time of day; the first day when none has."""
    declared = chain(
        (text_of(sources.article, "datePublished", "uploadDate"),),
        (sources.meta(name) for name in _PUBLISHED_METAS),
        (next(iter(_PARSELY.findall(sources.meta("parsely-page") or "")), None),),
        (text_of(node, "datePublished") for node in sources.nodes),
        (text_of(sources.article, "dateCreated"),),
        _found(sources, _PUBLISHED_ELEMENTS),
    )
    found = _best(declared)
    if found and not found.day_only:
        return found
    day_first = (sources.language or "en").casefold() not in {"en", "en-us"}
    texts = _found(sources, _VISIBLE_ELEMENTS)
    shown = [moment for text in texts if (moment := visible_time(text, day_first=day_first))]
    exact = next((one for one in shown if not one.day_only and _is_near(one, found)), None)
    return exact or found or next(iter(shown), None) or updated_on(sources) or _day_in_text(sources)


def updated_on(sources: Sources) -> Moment | None:
    """The time of the last change, found the same way."""
    declared = chain(
        (text_of(sources.article, "dateModified"),),
        (sources.meta(name) for name in _UPDATED_METAS),
        _attributes(sources, _UPDATED_ELEMENTS, "datetime", "content"),
    )
    return _best(declared)


def _is_near(one: Moment, other: Moment | None) -> bool:
    """Whether two readings may be of one moment: what a page shows of others is older or newer."""
    return other is None or abs((one.at - other.at).total_seconds()) < _DAYS_APART * 86_400


def _day_in_text(sources: Sources) -> Moment | None:
    """The day in the address or in the text, in any of many languages, for pages that declare nothing."""
    from htmldate import find_date

    found = find_date(
        sources.tree, extensive_search=False, original_date=True, url=sources.url, max_date=_LAST_DAY
    )
    return parse_time(found)


def _found(sources: Sources, paths: Iterable[str]) -> Iterator[str]:
    return (text for path in paths for text in sources.values(path)[:_LOOKED_AT])


def _attributes(sources: Sources, path: str, *names: str) -> Iterator[str]:
    elements = sources.elements(path) if sources.has_items else []
    given = ([element.get(name) for element in elements] for name in names)
    return (value for values in given for value in [one for one in values if one is not None][:_LOOKED_AT])


def _best(declared: Iterable[str | None]) -> Moment | None:
    """The first moment if it is exact, else an exact one near it, else any that is exact, else the first."""
    moments = (moment for value in declared if value and (moment := parse_time(value)))
    first = next(moments, None)
    if first is None or not first.day_only:
        return first
    exact = [one for one in moments if not one.day_only]
    return next((one for one in exact if _is_near(one, first)), next(iter(exact), first))
