"""What a page says about its article: JSON-LD, Open Graph, meta tags, microdata and ``<time>``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import html

from newsfeed.documents import Link
from services.ingest.article import ReadingHint
from services.ingest.formats.composing import language_tag, words
from services.ingest.formats.page_dates import published_on, updated_on
from services.ingest.formats.page_sources import Sources, read_sources
from services.ingest.formats.page_titles import choose_title
from services.ingest.formats.schema_org import authors_in, body_of, images_of, keywords_of, text_of, title_of
from services.ingest.prose.markup import Markup, absolute, plain_line
from services.ingest.prose.openings import authors_of, find_byline
from services.ingest.times import ZONE_ASSUMED

_AUTHOR_METAS = (
    *(
        "author",
        "parsely-author",
        "sailthru.author",
        "dc.creator",
        "dcterms.creator",
        "byl",
        "citation_author",
    ),
    *(
        "article:author",
        "article:author_name",
        "cxenseparse:author",
        "vr:author",
        "og:article:author",
        "twitter:creator",
    ),
)
_SUMMARY_METAS = (
    "og:description",
    "description",
    "twitter:description",
    "dc.description",
    "sailthru.description",
)
_KEYWORD_METAS = (
    *("news_keywords", "keywords", "article:tag", "article:section", "parsely-tags", "parsely-section"),
    *("sailthru.tags", "dc.subject"),
)
_BYLINE_ELEMENTS = (
    "//*[@itemprop='author']//*[@itemprop='name']",
    "//*[@itemprop='author']",
    "//a[@rel='author' or contains(@href, '/author/')]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' byline ')]",
    "//*[contains(@class, 'author-name') or contains(@class, 'author__name')]",
)
_NAME_CHARACTERS = 80
_AUTHORS = 12


@dataclass(frozen=True)
class PageMetadata:
    """All that is known of an article but its text; ``body`` is the text its JSON-LD gives, often nothing."""

    title: str | None
    summary: str | None
    authors: tuple[str, ...]
    published_at: datetime | None
    updated_at: datetime | None
    language: str | None
    url: str | None
    keywords: tuple[str, ...]
    rights: str | None
    media: tuple[Link, ...]
    body: Markup
    warnings: tuple[str, ...]


def read_metadata(tree: html.HtmlElement, hint: ReadingHint, *, has_items: bool = True) -> PageMetadata:
    """Everything the page declares, the more structured source first; ``has_items`` is for microdata."""
    sources = read_sources(tree, has_items=has_items)
    published, updated = published_on(sources), updated_on(sources)
    return PageMetadata(
        title=choose_title(
            title_of(sources.article),
            sources.meta("og:title"),
            sources.headings,
            sources.title,
            sources.site_name,
        ),
        summary=_summary(sources),
        authors=_authors(sources),
        published_at=published.at if published else None,
        updated_at=updated.at if updated else None,
        language=_language(sources, hint),
        url=sources.url,
        keywords=_keywords(sources),
        rights=sources.meta("copyright", "dc.rights", "dcterms.rights"),
        media=_media(sources),
        body=body_of(sources.article),
        warnings=(ZONE_ASSUMED,) if published and published.zone_assumed else (),
    )


def _summary(sources: Sources) -> str | None:
    declared = sources.meta(*_SUMMARY_METAS) or text_of(sources.article, "description")
    return (plain_line(declared) or None) if declared else None


def _authors(sources: Sources) -> tuple[str, ...]:
    declared = authors_in(sources.article)
    if declared:
        return declared[:_AUTHORS]
    for name in _AUTHOR_METAS:
        found = _names(sources.metas(name))
        if found:
            return found
    for path in _BYLINE_ELEMENTS:
        found = _names(sources.texts(path)[:_AUTHORS])
        if found:
            return found
    return ()


def _names(texts: list[str]) -> tuple[str, ...]:
    """Names of people among texts that may be addresses, handles or whole bylines."""
    named = [plain_line(text) for text in texts if len(text) <= _NAME_CHARACTERS * 2]
    usable = [
        text for text in named if text and not text.startswith(("http", "@", "/")) and "://" not in text
    ]
    people = [person for text in usable for person in authors_of(find_byline(text) or text)]
    return words([person for person in people if len(person) <= _NAME_CHARACTERS])[:_AUTHORS]


def _language(sources: Sources, hint: ReadingHint) -> str | None:
    declared = [
        *(text_of(sources.article, "inLanguage"), sources.language),
        *(sources.meta("content-language", "dc.language", "language", "og:locale"), hint.language),
    ]
    return next((tag for value in declared if (tag := language_tag(value))), None)


def _keywords(sources: Sources) -> tuple[str, ...]:
    declared = [value for name in _KEYWORD_METAS for value in sources.metas(name)]
    return tuple(dict.fromkeys((*keywords_of(sources.article), *words(declared, split=True))))


def _media(sources: Sources) -> tuple[Link, ...]:
    declared = [absolute(value, sources.url) for value in sources.metas("og:image")]
    links = {href: Link(href=href, rel="image") for href in declared if href}
    links.update({link.href: link for link in images_of(sources.article) if link.href not in links})
    return tuple(links.values())
