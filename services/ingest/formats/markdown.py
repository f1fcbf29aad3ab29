"""Markdown, with or without front matter as Hugo, Jekyll and their kin write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article, Reading, ReadingHint, Status
from services.ingest.charset import decode
from services.ingest.formats.composing import language_tag, titled, urgency_of, words
from services.ingest.formats.front_matter import opens_with_front_matter, split_front_matter
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.prose.markup import Markup, absolute, read_markup, safe_html
from services.ingest.prose.openings import Opening, authors_of, lift_opening
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, Moment, parse_time

FORMAT = "markdown"
VERSION = 2

_SUFFIXES = frozenset({".md", ".markdown", ".mdown", ".mkd", ".mdx"})
_STATUSES: dict[str, Status] = {
    **dict.fromkeys(("draft", "withheld", "embargoed", "private", "pending"), "withheld"),
    **dict.fromkeys(("withdrawn", "canceled", "cancelled", "killed", "retracted"), "canceled"),
}


def recognise(head: Head) -> int:
    """By front matter, or by the file's name."""
    if opens_with_front_matter(head.text):
        return CERTAIN
    return LIKELY if head.suffix in _SUFFIXES else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The one article of a Markdown file."""
    decoded = decode(data, hint.charset)
    fields, text = split_front_matter(decoded.text)
    page = _Page.of(fields, text)
    document = _document(fields, page)
    warnings = [*decoded.warnings]
    article = Article(
        document=document,
        local_id=_text(fields, "id", "guid", "uuid") or document.url,
        status=_status(fields),
        language=_language(fields, hint),
        published_at=_time(fields, ("date", "published", "published_at", "pubdate", "publishdate"), warnings),
        updated_at=_time(
            fields, ("updated", "lastmod", "modified", "updated_at", "last_modified_at"), warnings
        ),
        expires_at=_time(fields, ("expires", "expirydate", "unpublishdate"), warnings),
        embargo_until=_time(fields, ("embargo", "embargoed", "embargo_until"), warnings),
        urgency=urgency_of(_first(fields, "urgency", "priority")),
        topics=tuple(
            topic for topic in words(_many(fields, "topics", "categories")) if topic.startswith("medtop:")
        ),
        warnings=tuple(dict.fromkeys(warnings)),
    )
    return Reading(format=FORMAT, parser_version=VERSION, charset=decoded.charset, articles=(article,))


@dataclass(frozen=True)
class _Page:
    """A Markdown text as HTML, as paragraphs, and with its heading and opening lines taken out."""

    title: str | None
    html: str
    markup: Markup
    opening: Opening

    @classmethod
    def of(cls, fields: dict[str, Any], text: str) -> _Page:
        base = _text(fields, "url", "canonical", "canonical_url")
        rendered = render(text)
        markup = read_markup(rendered, base)
        title, prose = _text(fields, "title", "headline"), markup.prose
        if markup.levels.get(0) == 1 and (
            title is None or title.casefold() == prose.paragraphs[0].casefold()
        ):
            title, prose = title or prose.paragraphs[0], prose.without_first()
            rendered = rendered.split("</h1>", 1)[-1]
        return cls(title, safe_html(rendered, base), markup, lift_opening(prose))


def render(text: str) -> str:
    """CommonMark with tables as HTML, not yet safe."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text))


def _document(fields: dict[str, Any], page: _Page) -> ArticleDocument:
    title, derived = titled(page.title, page.opening.prose.body)
    byline = _text(fields, "byline") or page.opening.byline
    url = absolute(_text(fields, "url", "canonical", "canonical_url", "link"))
    return ArticleDocument(
        title=title,
        title_derived=derived,
        summary=_text(fields, "summary", "description", "excerpt", "abstract"),
        body=page.opening.prose.body,
        body_html=page.html or None,
        headings=page.opening.prose.headings,
        byline=byline,
        authors=words(_people(fields)) or (authors_of(byline) if byline else ()),
        dateline=page.opening.dateline,
        slug=_text(fields, "slug", "slugline"),
        editor_note=_text(fields, "ednote", "editor_note"),
        rights=_text(fields, "rights", "copyright", "license"),
        keywords=words(_many(fields, "tags", "keywords", "topics", "categories"), split=True),
        places=words(_many(fields, "place", "places", "location")),
        document_id=_text(fields, "id", "guid", "uuid"),
        url=url,
        links=page.markup.links,
        media=page.markup.images,
    )


def _language(fields: dict[str, Any], hint: ReadingHint) -> str | None:
    """The declared language; what YAML takes for a refusal, ``lang: no``, is Norwegian."""
    declared = _first(fields, "lang", "language", "locale")
    return language_tag("no" if declared is False else declared, hint.language)


def _status(fields: dict[str, Any]) -> Status:
    if fields.get("draft") is True or fields.get("published") is False:
        return "withheld"
    return _STATUSES.get((_text(fields, "status", "pubstatus") or "").casefold(), "usable")


def _time(fields: dict[str, Any], names: Iterable[str], warnings: list[str]) -> Any:  # noqa: ANN401 - pydantic checks it
    values = [fields[name] for name in names if fields.get(name) not in (None, "", True, False)]
    moments: list[Moment] = [moment for value in values if (moment := parse_time(value))]
    if not moments:
        warnings += [DATE_UNREADABLE] if values else []
        return None
    warnings += [ZONE_ASSUMED] if moments[0].zone_assumed else []
    return moments[0].at


def _first(fields: dict[str, Any], *names: str) -> object:
    return next((fields[name] for name in names if fields.get(name) not in (None, "")), None)


def _text(fields: dict[str, Any], *names: str) -> str | None:
    value = _first(fields, *names)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return " ".join(str(value).split()) or None


def _many(fields: dict[str, Any], *names: str) -> list[object]:
    found = [fields[name] for name in names if fields.get(name)]
    return [value for item in found for value in (item if isinstance(item, list) else [item])]


def _people(fields: dict[str, Any]) -> list[object]:
    people = _many(fields, "authors", "author")
    names = [person.get("name") if isinstance(person, dict) else person for person in people]
    return [part for name in names if isinstance(name, str) for part in authors_of(name)]
