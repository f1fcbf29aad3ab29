"""Web pages: the main text by trafilatura, everything about it from the page's own metadata."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from html import escape
from typing import Any

from lxml import etree, html

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import clean, declared_in_markup, decode
from services.ingest.formats.composing import titled
from services.ingest.formats.page_metadata import PageMetadata, read_metadata
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.prose.markup import Markup, parse_html, read_tree, safe_html
from services.ingest.prose.openings import Opening, lift_opening
from services.ingest.prose.paragraphs import Prose
from services.ingest.prose.sentences import collapse
from services.ingest.visible_times import visible_time

FORMAT = "html"
VERSION = 3

_SUFFIXES = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_ROOT = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:article|main|section|div|p|h[1-6]|body|head|title|meta|center|table)[\s>]", re.IGNORECASE
)
_SHORT_TEXT_CHARACTERS = 200
"""Below this an extraction is doubted and what the page says of itself is preferred when longer."""

_HTML_OF = {
    "p": "p",
    "quote": "blockquote",
    "code": "pre",
    "list": "ul",
    "item": "li",
    "table": "table",
    "row": "tr",
}
_HTML_OF |= {"cell": "td", "head": "h2", "hi": "em", "del": "del"}
_BLOCKS = frozenset({"p", "head", "quote", "code", "item", "row"})


def recognise(head: Head) -> int:
    """By its first tags, or by the file's name."""
    start = head.text.lstrip()
    if start.startswith("<") and _ROOT.search(start[:4096]):
        return CERTAIN - 1
    if head.suffix in _SUFFIXES or _FRAGMENT.match(start):
        return LIKELY + 1
    return NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The one article of a page; raises Rejection ``no_text`` when the page shows none."""
    decoded = decode(data, declared_in_markup(data) or hint.charset)
    tree = parse_html(decoded.text)
    if tree is None:
        raise Rejection("no_text", "a page without elements")
    metadata = read_metadata(tree, hint, has_items="itemprop" in decoded.text.lower())
    markup, shown = _main_text(tree, metadata)
    shown_at, prose = _dated(_without_title(markup.prose, metadata.title))
    opening = lift_opening(prose)
    document = _document(metadata, markup, opening, shown)
    article = Article(
        document=document,
        local_id=metadata.url,
        language=metadata.language,
        published_at=metadata.published_at or shown_at,
        updated_at=metadata.updated_at,
        warnings=tuple(dict.fromkeys((*decoded.warnings, *metadata.warnings))),
    )
    return Reading(format=FORMAT, parser_version=VERSION, charset=decoded.charset, articles=(article,))


def _document(metadata: PageMetadata, markup: Markup, opening: Opening, shown: str) -> ArticleDocument:
    title, derived = titled(metadata.title, opening.prose.body)
    return ArticleDocument(
        title=title,
        title_derived=derived,
        summary=metadata.summary,
        body=opening.prose.body,
        body_html=safe_html(shown.removeprefix(f"<h2>{escape(title)}</h2>"), metadata.url) or None,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=metadata.authors or opening.authors,
        dateline=opening.dateline,
        rights=metadata.rights,
        keywords=metadata.keywords,
        url=metadata.url,
        links=markup.links,
        media=metadata.media,
    )


def _main_text(tree: html.HtmlElement, metadata: PageMetadata) -> tuple[Markup, str]:
    """The article's text and its HTML: as extracted, else as declared, else all that is visible."""
    extracted = _extract(tree)
    markup = _prose_of(extracted) if extracted is not None else Markup(Prose())
    found = len(markup.prose.body)
    if extracted is not None and found >= _SHORT_TEXT_CHARACTERS:
        return markup, _html_of(extracted)
    others = [metadata.body, read_tree(_fallback(tree), metadata.url)] if not found else [metadata.body]
    for other in others:
        if len(other.prose.body) > found:
            return other, "".join(f"<p>{escape(text)}</p>" for text in other.prose.paragraphs)
    return markup, _html_of(extracted) if extracted is not None else ""


def _extract(tree: html.HtmlElement) -> etree._Element | None:
    import trafilatura

    document = trafilatura.bare_extraction(tree, options=_options())
    body = getattr(document, "body", None)
    return body if isinstance(body, etree._Element) else None  # noqa: SLF001 - lxml has no public name for it


@cache
def _options() -> Any:  # noqa: ANN401 - an untyped library
    """What to extract; reading its settings takes a twentieth of an extraction.

    Whatever is asked for, the tree is what we take: as ``txt`` it is not written out as text before.
    """
    from trafilatura.settings import Extractor

    return Extractor(output_format="txt", comments=False, tables=True, with_metadata=False)


def _fallback(tree: html.HtmlElement) -> html.HtmlElement:
    """The smallest element that says it holds the article, else the whole page."""
    for path in ("//article", "//main", "//*[@itemprop='articleBody']", "//body"):
        found = tree.xpath(path)
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], html.HtmlElement):
            return found[0]
    return tree


def _prose_of(body: etree._Element) -> Markup:
    paragraphs: list[str] = []
    headings: list[int] = []
    for element in body.iter(*_BLOCKS):
        text = _own_text(element)
        if not text:
            continue
        if element.tag == "head":
            headings.append(len(paragraphs))
        paragraphs.append(text)
    if not paragraphs and (loose := collapse("".join(map(str, body.itertext())))):
        paragraphs = [loose]
    return Markup(Prose(tuple(paragraphs), tuple(headings)))


def _own_text(element: etree._Element) -> str:
    """The text of a block without that of the blocks inside it."""
    parts = [element.text or ""]
    for child in element:
        if child.tag not in _BLOCKS and child.tag not in {"list", "table"}:
            parts.append("\n" if child.tag == "lb" else " " if child.tag == "cell" else "")
            parts.append(_own_text(child))
        parts.append(child.tail or "")
    if element.tag in {"cell", "hi", "ref", "del", "span", "graphic"}:
        return "".join(parts)
    text = clean("".join(parts))[0]
    if "\n" not in text:
        return collapse(text)
    lines = text.split("\n")
    return "\n".join(line for raw in lines if (line := collapse(raw)))


def _html_of(body: etree._Element) -> str:
    """Plain HTML of an extracted tree; made safe by its reader."""
    parts: list[str] = []
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        tag = _HTML_OF.get(element.tag)
        if event == "start":
            parts.append("<br>" if element.tag == "lb" else f"<{tag}>" if tag else "")
            parts.append(escape(element.text or ""))
        else:
            parts.append(f"</{tag}>" if tag else "")
            parts.append(escape(element.tail or ""))
    return "".join(parts)


def _dated(prose: Prose) -> tuple[datetime | None, Prose]:
    """A first line that is only a date, and the text without it."""
    moment = visible_time(prose.paragraphs[0]) if len(prose.paragraphs) > 1 else None
    return (moment.at, prose.without_first()) if moment else (None, prose)


def _without_title(prose: Prose, title: str | None) -> Prose:
    """The text without a first line that only repeats the title."""
    if title and prose.paragraphs and prose.paragraphs[0].casefold() == title.casefold():
        return prose.without_first()
    return prose
