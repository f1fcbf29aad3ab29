"""HTML as paragraphs of plain text, and HTML that is safe to show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from newsfeed.documents import Link
from services.ingest.charset import clean
from services.ingest.prose.paragraphs import Prose
from services.ingest.prose.sentences import collapse

if TYPE_CHECKING:
    import nh3

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_SILENT = frozenset(
    "script style template noscript head title iframe object embed svg math canvas audio video select "
    "textarea button input map".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer header hr html legend li main menu nav ol p pre section summary table tbody tfoot thead "
    "tr ul".split()
)
_TAGS = frozenset(
    "a abbr b blockquote br caption cite code dd del dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li mark ol p pre q s small strong sub sup table tbody td tfoot th thead time tr u ul".split()
)
_ATTRIBUTES: dict[str, set[str]] = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "blockquote": {"cite"},
    "q": {"cite"},
}
_SCHEMES = {"http", "https", "mailto"}
_DROPPED_WITH_TEXT = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "textarea",
    "select",
    "title",
}
_ADDRESS = re.compile(r"(?:href|src|cite)\s*=", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n\s*\n")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MARKUP = re.compile(r"<[a-zA-Z!/]|&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]\w{1,31});")


@dataclass(frozen=True)
class Markup:
    """What a piece of HTML says: paragraphs, their heading levels, links and images."""

    prose: Prose
    levels: dict[int, int] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    images: tuple[Link, ...] = ()


def is_markup(text: str) -> bool:
    """Whether ``text`` holds a tag or a character reference."""
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None


def plain_line(text: str) -> str:
    """``text`` on one line, tags and character references resolved if it has any."""
    if not is_markup(text):
        return collapse(text)
    return collapse(" ".join(read_markup(text).prose.paragraphs))


def safe_html(source: str, base: str | None = None) -> str:
    """``source`` with a small list of tags: no scripts, styles, handlers or strange addresses.

    Relative addresses are made absolute by ``base``, and dropped without one.
    """
    text = clean(source)[0]
    if base and "=" in text and absolute(base) and _ADDRESS.search(text):
        # nh3 is stricter about addresses than we are.
        with suppress(ValueError):
            return _cleaner(("rewrite_with_base", base)).clean(text).strip()
    return _usual_cleaner().clean(text).strip()


@cache
def _usual_cleaner() -> nh3.Cleaner:
    """To make one takes longer than to clean an article with it."""
    return _cleaner("deny")


def _cleaner(relative: Literal["deny"] | tuple[Literal["rewrite_with_base"], str]) -> nh3.Cleaner:
    import nh3

    return nh3.Cleaner(
        tags=set(_TAGS),
        clean_content_tags=_DROPPED_WITH_TEXT,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
        strip_comments=True,
        url_relative=relative,
    )


def parse_html(source: str) -> html.HtmlElement | None:
    """The tree of a page or a fragment; None when there is nothing in it.

    Raises ``MemoryError`` where the parser would go on with half a tree.
    """
    text = _XML_DECLARATION.sub("", source)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        tree = None
    if any(entry.type_name == "ERR_NO_MEMORY" for entry in parser.error_log):
        raise MemoryError
    return tree


def read_markup(source: str, base: str | None = None) -> Markup:
    """The text of a piece of HTML."""
    tree = parse_html(source)
    return read_tree(tree, base) if tree is not None else Markup(Prose())


def read_tree(tree: html.HtmlElement, base: str | None = None) -> Markup:
    """The text under ``tree``, block by block; what no reader sees is left out."""
    writer = _Writer()
    links: dict[str, Link] = {}
    images: dict[str, Link] = {}
    for element, opening in _walk(tree):
        writer.mark(element, opening=opening)
        if opening:
            _collect(element, base, links, images)
    writer.close()
    levels = {index: level for index, (_, level) in enumerate(writer.blocks) if level}
    prose = Prose(tuple(text for text, _ in writer.blocks), tuple(levels))
    return Markup(prose, levels, tuple(links.values()), tuple(images.values()))


def absolute(href: str | None, base: str | None = None) -> str | None:
    """The http, https or mailto address that ``href`` means; None for any other."""
    if not href:
        return None
    try:
        full = urljoin(base or "", href.strip())
        parts = urlsplit(full)
    except ValueError:
        return None
    return full if parts.scheme in _SCHEMES and (parts.netloc or parts.scheme == "mailto") else None


class _Writer:
    """Collects the text of blocks; a block is its text and its heading level, 0 for none."""

    def __init__(self) -> None:
        self.blocks: list[tuple[str, int]] = []
        self._parts: list[str] = []
        self._level = 0
        self._preformatted = 0

    def mark(self, element: html.HtmlElement, *, opening: bool) -> None:
        """Take in the start or the end of an element, and the text that follows it."""
        tag = element.tag
        if tag in _BLOCKS or tag in _HEADINGS:
            self.close()
            self._level = _HEADINGS.get(tag, 0) if opening else 0
        elif tag == "br" and opening:
            self._parts.append("\n")
        elif tag in {"td", "th"} and opening:
            self._parts.append(" ")
        self._preformatted += (1 if opening else -1) if tag == "pre" else 0
        text = element.text if opening else element.tail
        if text and not (opening and tag in _SILENT):
            is_clean = self._preformatted or text.isprintable()
            self._parts.append(text if is_clean else _SPACES.sub(" ", text))

    def close(self) -> None:
        """End the block; blank lines inside it (``<br><br>``) part paragraphs."""
        if not self._parts:
            return
        text = clean("".join(self._parts))[0]
        self._parts.clear()
        pieces = [text.strip("\n").rstrip()] if self._preformatted else _BLANK_LINES.split(text)
        for piece in pieces:
            shown = piece if self._preformatted else _lines(piece)
            if shown.strip():
                self.blocks.append((_BLANK_LINES.sub("\n", shown), self._level))


def _lines(piece: str) -> str:
    return "\n".join(line for raw in piece.split("\n") if (line := collapse(raw)))


def _walk(tree: html.HtmlElement) -> Iterator[tuple[html.HtmlElement, bool]]:
    """Every visible element at its start and at its end, without recursion."""
    silent = 0
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if element.tag in _SILENT:
            silent += 1 if event == "start" else -1
            if event == "end" and not silent:
                yield element, False
        elif not silent:
            yield element, event == "start"


def _collect(
    element: html.HtmlElement, base: str | None, links: dict[str, Link], images: dict[str, Link]
) -> None:
    if element.tag == "a" and (href := absolute(element.get("href"), base)):
        text = collapse("".join(element.itertext()))[:200]
        links.setdefault(href, Link(href=href, rel=element.get("rel"), title=text or None))
    elif element.tag == "img" and (src := absolute(element.get("src"), base)):
        images.setdefault(src, Link(href=src, rel="image", title=element.get("alt") or None))
