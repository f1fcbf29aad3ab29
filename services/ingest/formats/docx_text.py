"""The text of a Word document: paragraphs, headings, lists and tables, without what was deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from newsfeed.documents import Link
from services.ingest.charset import clean
from services.ingest.formats.docx_package import Package, local, tree
from services.ingest.prose.markup import absolute
from services.ingest.prose.paragraphs import Prose
from services.ingest.prose.sentences import collapse

_HEADING = re.compile(
    r"^(?:heading|überschrift|titre|título|titolo|kop|rubrik|overskrift|заголовок|标题)\s*\d", re.IGNORECASE
)
_TITLES = frozenset({"title", "titel", "titre", "título", "titolo"})
_SUBTITLES = frozenset({"subtitle", "untertitel", "sous-titre", "subtítulo", "sottotitolo"})
_SKIPPED = frozenset(
    "del moveFrom delText instrText Fallback pPr rPr sectPr fldData commentReference footnoteReference "
    "endnoteReference annotationRef rt object pict".split()
)
"""Deleted text, codes of fields, properties, and the second form of what stands there in two forms."""

_STYLE = re.compile(
    rb'<w:style\s(?:[^<>]{0,300}?\s)?w:styleId="([\x20\x21\x23-\x25\x27-\x7e]+)"[^<>]{0,300}>\s*'
    rb'<w:name\s+w:val="([\x20\x21\x23-\x25\x27-\x7e]+)"\s*/>'
)
"""A style as most programs write it: ASCII without references, its name first."""

_FEW_STYLES = 40
"""More are not looked up one by one."""

_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}


@dataclass(frozen=True)
class Text:
    """The paragraphs in order, and what styles say is the title and the line under it."""

    prose: Prose
    title: str | None = None
    subtitle: str | None = None
    links: tuple[Link, ...] = ()


def read_text(package: Package) -> Text:
    """Everything a reader sees of the body."""
    root = package.text()
    styles = _style_names(package, root)
    paragraphs: list[str] = []
    headings: list[int] = []
    special: dict[str, str] = {}
    for text, style in _blocks(root, styles):
        if style in _TITLES | _SUBTITLES and len(paragraphs) == 0:
            special.setdefault("subtitle" if style in _SUBTITLES else "title", collapse(text))
            continue
        if _HEADING.match(style):
            headings.append(len(paragraphs))
        paragraphs.append(text)
    return Text(
        prose=Prose(tuple(paragraphs), tuple(headings)),
        title=special.get("title"),
        subtitle=special.get("subtitle"),
        links=_links(root, package.targets()),
    )


def _blocks(root: etree._Element, styles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The text and the style of every paragraph and of every row of a table."""
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        name = local(element)
        if name in {"p", "tr"}:
            if text := _shown(element):
                yield text, _style(element, styles)
            # What stands in it is read already, text boxes and nested tables included.
            walk.skip_subtree()
        elif name in _SKIPPED:
            walk.skip_subtree()


def _shown(element: etree._Element) -> str:
    """The text of a paragraph, or of a row with a blank between two cells."""
    parts: list[str] = []
    after = {"p": "\n" if local(element) == "p" else " ", "tc": " "}
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, inner in walk:
        name = local(inner)
        if event == "end":
            parts.append(after.get(name, "") if inner is not element else "")
        elif name == "t":
            parts.append(str(inner.text or ""))
        elif name in _SKIPPED:
            walk.skip_subtree()
        elif name in _SIGNS:
            parts.append(_sign(inner, name))
    lines = clean("".join(parts))[0].split("\n")
    return "\n".join(line for raw in lines if (line := collapse(raw)))


def _sign(element: etree._Element, name: str) -> str:
    """A character that stands as an element; a tab stop in the properties is none."""
    if name == "tab" and element.getparent() is not None and local(element.getparent()) == "tabs":  # type: ignore[arg-type] # not None, asked before
        return ""
    return _SIGNS.get(name, "")


def _style(element: etree._Element, styles: dict[str, str]) -> str:
    """The name of the style of a paragraph in lower case; ``heading 1`` for an outline level too."""
    for properties in element:
        if local(properties) != "pPr":
            continue
        values = {local(child): _value(child) for child in properties}
        if "pStyle" in values:
            name = styles.get(values["pStyle"], values["pStyle"])
            return re.sub(r"(?<=[a-zé])(?=\d)", " ", name.casefold())
        if values.get("outlineLvl", "9") in set("012345"):
            return "heading 1"
    return ""


def _style_names(package: Package, root: etree._Element) -> dict[str, str]:
    """The names of the styles by their ids; ids are translated, names of built-in styles are not.

    A template has hundreds of styles and a text uses three: they are looked up by their marks, and the
    part is only read as XML when one of them is not found so.
    """
    used = {_value(element) for element in root.iter("{*}pStyle")}
    if not used:
        return {}
    is_usual = len(used) <= _FEW_STYLES and b"<!" not in package.styles
    names = {one: _style_name(package.styles, one) for one in used} if is_usual else {}
    return names if names and all(names.values()) else _all_style_names(package.styles)


def _style_name(part: bytes, style_id: str) -> str:
    """The name of the last style of an id where it is written as usual; else an empty text."""
    start = part.rfind(b"<w:style ", 0, max(part.rfind(f'w:styleId="{style_id}"'.encode()), 0))
    found = _STYLE.match(part, start) if start >= 0 else None
    return found[2].decode() if found and found[1].decode() == style_id else ""


def _all_style_names(part: bytes) -> dict[str, str]:
    root = tree(part)
    names: dict[str, str] = {}
    for style in root if root is not None else ():
        if local(style) != "style":
            continue
        named = [_value(child) for child in style if local(child) == "name"]
        names |= {_attribute(style, "styleId"): named[0]} if named else {}
    return names


def _links(root: etree._Element, targets: dict[str, str]) -> tuple[Link, ...]:
    found: dict[str, Link] = {}
    for element in root.iter("{*}hyperlink"):
        href = absolute(targets.get(_attribute(element, "id")))
        if href:
            found.setdefault(href, Link(href=href, title=_shown(element)[:200] or None))
    return tuple(found.values())


def _value(element: etree._Element) -> str:
    return _attribute(element, "val")


def _attribute(element: etree._Element, name: str) -> str:
    """An attribute by its local name; the transitional and the strict namespace differ."""
    return next(
        (str(value) for key, value in element.attrib.items() if str(key).rsplit("}", 1)[-1] == name), ""
    )
