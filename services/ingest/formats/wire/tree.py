"""XML of the wires as a tree of plain names: no namespaces, no entities, no comments.

No other file is ever read: a DTD that a document names, and parameter entities such as ``%nitf;``
in its DOCTYPE, are passed over.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from newsfeed.values import Charset
from services.ingest.article import ReadingHint, Rejection
from services.ingest.charset import declared_in_markup, decode
from services.ingest.formats.xml_gate import safe_parser, why_ill_formed
from services.ingest.prose.sentences import collapse

NOT_WELL_FORMED = "xml_not_well_formed"

Element = etree._Element  # noqa: SLF001 - lxml has no public name for it

_PROLOG = re.compile(r"\A\s*<\?xml[^>]*\?>")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z_][\w.-]{0,40});)")
_NAME = re.compile(r"[^\W\d][\w.-]*")
_TAIL_CHARACTERS = 4096
_BREAKING = frozenset("p br li div tr td th block hl1 hl2 h1 h2 h3 h4 city state region country".split())


@dataclass(frozen=True)
class Source:
    """A document's root, the charset of its bytes and what had to be forgiven."""

    root: Element
    charset: Charset
    warnings: tuple[str, ...]


def read_source(data: bytes, hint: ReadingHint) -> Source:
    """The tree of an XML document; raises Rejection ``corrupt`` when it is cut off or a bomb."""
    decoded = decode(data, declared_in_markup(data) or hint.charset)
    text = _ENTITY.sub(_character, _PROLOG.sub("", decoded.text).strip())
    root, forgiven = _parsed(text)
    _simplify(root)
    return Source(root, decoded.charset, (*decoded.warnings, *forgiven))


def _parsed(text: str) -> tuple[Element, tuple[str, ...]]:
    data = text.encode("utf-8", "replace")
    try:
        return etree.fromstring(data, safe_parser()), ()
    except (etree.XMLSyntaxError, ValueError):
        place = why_ill_formed(data) or "no XML"
    root = _recovered(text)
    if root is None or not _is_whole(text, root):
        raise Rejection("corrupt", f"XML: {place}")
    return root, (NOT_WELL_FORMED,)


def _recovered(text: str) -> Element | None:
    """What can be saved of an ill-formed document, ampersands that stand for themselves included."""
    repaired = "".join(_escaped(text))
    try:
        return etree.fromstring(repaired.encode("utf-8", "replace"), safe_parser(recover=True))
    except (etree.XMLSyntaxError, ValueError):
        return None


def _escaped(text: str) -> Iterator[str]:
    """``text`` piece by piece, bare ampersands escaped but for those in CDATA sections."""
    at = 0
    while (start := text.find("<![CDATA[", at)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield _BARE_AMPERSAND.sub("&amp;", text[at:start])
        yield text[start : end + 3]
        at = end + 3
    yield _BARE_AMPERSAND.sub("&amp;", text[at:])


def _is_whole(text: str, root: Element) -> bool:
    """Whether the root is closed at the end: what is cut off is no news but a part of it."""
    name = _local(root.tag)
    closing = re.compile(rf"</(?:[\w.-]+:)?{re.escape(name)}\s*>", re.IGNORECASE)
    return closing.search(text[-_TAIL_CHARACTERS:]) is not None


def _character(found: re.Match[str]) -> str:
    """The character of an HTML entity, which agencies use without declaring it; XML's own stay."""
    value = html.entities.html5.get(f"{found[1]};", "")
    return value if value and not set(value) & set("<>&\"'") else found[0]


def _simplify(root: Element) -> None:
    """Names without namespaces, in place; ``xml:lang`` becomes ``lang``; unknown entities go."""
    for entity in list(root.iter(etree.Entity)):
        drop(entity)
    for element in root.iter(etree.Element):
        element.tag = _local(element.tag)
        for key, value in list(element.attrib.items()):
            if str(key).startswith("{"):
                del element.attrib[key]
                name = _local(key)
                element.set(name, element.get(name, value))


def _local(name: object) -> str:
    """A name without its namespace; ``span`` for what recovery left as a name and is none."""
    local = str(name).rpartition("}")[2]
    return local if _NAME.fullmatch(local) else "span"


def drop(element: Element) -> None:
    """Take ``element`` out of its parent; the text after it stays."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail
    if parent is None:
        return
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def text_of(element: Element | None) -> str:
    """All text under ``element`` on one line; empty without one."""
    return "" if element is None else collapse("".join(_pieces(element)))


def spaced_text(element: Element | None) -> str:
    """As :func:`text_of`, with a space between elements: ``<byline>By<person>Ann Lee`` has none."""
    return "" if element is None else collapse(" ".join(str(part) for part in element.itertext()))


def _pieces(element: Element) -> Iterator[str]:
    for event, part in etree.iterwalk(element, events=("start", "end")):
        text = part.text if event == "start" else part.tail if part is not element else None
        if part.tag in _BREAKING:
            yield " "
        yield text or ""


def first_text(root: Element | None, *paths: str) -> str | None:
    """The first non-empty text that the paths lead to, on one line; None without one."""
    return next(texts(root, *paths), None)


def texts(root: Element | None, *paths: str) -> Iterator[str]:
    """Every non-empty text that the paths lead to, each on one line."""
    for path in paths:
        elements = root.findall(path) if root is not None else []
        yield from (shown for element in elements if (shown := text_of(element)))


def attributes(root: Element | None, path: str, *names: str) -> Iterator[str]:
    """Every non-empty value of the named attributes where ``path`` leads, on one line."""
    for element in root.findall(path) if root is not None else []:
        for name in names:
            if value := collapse(str(element.get(name) or "")):
                yield value


def attribute(root: Element | None, path: str, *names: str) -> str | None:
    """The first of :func:`attributes`; None without one."""
    return next(attributes(root, path, *names), None)
