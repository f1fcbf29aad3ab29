"""The text of a wire item: NITF and XHTML blocks, HTML in a string, or typed paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from newsfeed.documents import Link
from services.ingest.charset import clean
from services.ingest.formats.wire.tree import Element, drop
from services.ingest.prose.markup import Markup, is_markup, parse_html, read_markup, safe_html
from services.ingest.prose.paragraphs import Prose, is_wrapped, joined, read_prose
from services.ingest.prose.sentences import collapse

_RENAMED = {
    "hl1": "h2",
    "hl2": "h2",
    "hl3": "h3",
    "hl4": "h4",
    "hl5": "h5",
    "crosshead": "h2",
    "block": "div",
    "bq": "blockquote",
    "nitf-table": "div",
    "section": "div",
    "article": "div",
    "media-caption": "p",
    "credit": "p",
    "fn": "p",
    "ol": "ol",
    "em": "em",
    "lang": "span",
}
_HTML = frozenset(
    "a abbr b blockquote br caption center cite code dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 "
    "hr i img ins li ol p pre q s small strong sub sup table tbody td tfoot th thead time tr u ul".split()
)
_LEFT_OUT = frozenset(
    "media note header head script style nitf-table-metadata nitf-colgroup media-reference aside".split()
)
_FURNITURE = re.compile(r"\b(?:byline|teaser|notepad|closingline|slugline)\b")
_BLOCK = re.compile(r"<(?:p|br|div|li|h[1-6]|table|blockquote|section|article|pre|tr)\b", re.IGNORECASE)
_INDENTED = re.compile(r"\n[ \t]{2,}\S|\n[ \t]*\n")
_RULE = re.compile(r"^[\s*=_\-–—#~.•]{3,}$")
_END_MARK = re.compile(r"^(?:-?\s*ends?\s*-?|=+\s*\w{2,12}|#{3,}|_{2,}|-?30-?|nnnn)$", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """What an item says: its paragraphs, HTML to show them, links and pictures."""

    prose: Prose = field(default_factory=Prose)
    html: str | None = None
    links: tuple[Link, ...] = ()
    images: tuple[Link, ...] = ()


_LOOSE_STOP = re.compile(r"(?<=\w)\s+(?=[.,](?:\s|$))")
"""White space between a name in an element of its own and the stop or comma after it."""

_SPACED_STOP = re.compile(r"\s[.,]")
"""What each of those holds, sooner found."""


def body_of_text(value: str) -> Body:
    """The body in a string: HTML when there are blocks in it, else lines that somebody typed."""
    text = clean(value)[0]
    if not is_markup(text):
        return _finished(Markup(read_prose(text)), None)
    tree = parse_html(text)
    if _BLOCK.search(text):
        typed = _typed_text(tree) if tree is not None else None
        return _finished(Markup(read_prose(typed)), None) if typed else _body_of_html(text)
    return _finished(Markup(read_prose(tree.text_content() if tree is not None else text)), None)


def body_of_elements(parents: Sequence[Element]) -> Body:
    """The body in the children of some elements, be they NITF, XHTML or bare text."""
    wrapper = etree.Element("div")
    for parent in parents:
        wrapper.append(_as_html(parent))
    typed = _typed_text(wrapper)
    if typed is not None:
        return body_of_text(typed)
    return _body_of_html(etree.tostring(wrapper, encoding="unicode", method="html"))


def _as_html(parent: Element) -> Element:
    """A copy of ``parent`` as a ``div`` of nothing but HTML, without pictures and notes."""
    copy = deepcopy(parent)
    copy.tail = None
    for element in [*copy.iter(etree.Element)][1:]:
        if element.tag in _LEFT_OUT or _FURNITURE.search(element.get("class") or ""):
            drop(element)
    for element in copy.iter(etree.Element):
        name = str(element.tag)
        renamed = _RENAMED.get(name, name)
        element.tag = renamed if renamed in _HTML else "span"
    copy.tag = "div"
    return copy


def _typed_text(wrapper: Element) -> str | None:
    """The text when no block parts it, or when its only paragraph holds typed ones; else None."""
    filled = filter(_is_filled_block, wrapper.iter(etree.Element))
    blocks = list(islice(filled, 2))
    text = "".join(str(part) for part in wrapper.itertext())
    if not blocks:
        return None if wrapper.find(".//br") is not None else text
    only = blocks[0]
    if len(blocks) > 1 or len(only) or collapse(only.text or "") != collapse(text):
        return None
    typed = (only.text or "").strip("\n ")
    return only.text if _INDENTED.search(typed) else None


def _is_filled_block(element: Element) -> bool:
    is_block = element.tag in {"p", "pre", "li", "td", "h1", "h2", "h3", "h4", "blockquote"}
    return is_block and any(str(part).strip() for part in element.itertext())


def _body_of_html(source: str) -> Body:
    return _finished(read_markup(source), safe_html(source) or None)


def _finished(markup: Markup, html: str | None) -> Body:
    return Body(_unwrapped(markup.prose), html, markup.links, markup.images)


def is_end_mark(line: str) -> bool:
    """Whether a line says only that the text is over (``ends``, ``==Kyodo``, ``-30-``)."""
    return _END_MARK.match(line.strip()) is not None


def _unwrapped(prose: Prose) -> Prose:
    """Lines that were broken at a width (``<br/>`` at every 70th column) joined, end marks left out."""
    paragraphs: list[str] = []
    headings: list[int] = []
    last = len(prose.paragraphs) - 1
    for index, paragraph in enumerate(prose.paragraphs):
        if _RULE.match(paragraph):
            continue
        if index == last and index > 0 and is_end_mark(paragraph):
            break
        if index in prose.headings:
            headings.append(len(paragraphs))
        text = _LOOSE_STOP.sub("", paragraph) if _SPACED_STOP.search(paragraph) else paragraph
        lines = text.split("\n")
        paragraphs += joined(lines) if len(lines) > 1 and is_wrapped(lines) else ["\n".join(lines)]
    return Prose(tuple(paragraphs), tuple(headings))
