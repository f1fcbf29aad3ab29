"""The zip that a Word document is, with every part bounded before it is expanded."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from lxml import etree

from services.ingest.article import Rejection
from services.ingest.charset import clean
from services.ingest.formats.xml_gate import safe_parser
from services.ingest.prose.sentences import collapse
from services.ingest.unpacking import MAX_EXPANDED_BYTES, MAX_MEMBERS, MAX_RATIO

_MAIN_PART_BYTES = 32 * 1024 * 1024
_SMALL_BYTES = 1024 * 1024
_OFFICE_DOCUMENT = "/officeDocument"
_CORE = "/core-properties"
_PACKAGE_RELATIONS = "_rels/.rels"


@dataclass(frozen=True)
class Package:
    """The parts of a document by name; ``main`` is the name of its text."""

    archive: zipfile.ZipFile
    main: str
    core: str

    def part(self, name: str) -> bytes:
        """A part that stands beside the text; no bytes when there is none."""
        return _read(self.archive, posixpath.join(posixpath.dirname(self.main), name))

    @cached_property
    def styles(self) -> bytes:
        """The styles, which tell names and a language; no bytes when there are none."""
        return self.part("styles.xml")

    def text(self) -> etree._Element:
        """The root of the text."""
        root = tree(_read(self.archive, self.main))
        if root is None:
            raise Rejection("corrupt", "docx: its text cannot be read")
        return root

    def properties(self) -> dict[str, str]:
        """The core properties by their local names (ECMA-376 part 2, 11)."""
        root = tree(_read(self.archive, self.core)) if self.core else None
        if root is None:
            return {}
        found = {local(child): collapse(clean(str(child.text or ""))[0]) for child in root}
        return {name: value for name, value in found.items() if name and value}

    def targets(self) -> dict[str, str]:
        """The addresses that the text links to, by the id of the relation."""
        directory, name = posixpath.split(self.main)
        relations = tree(_read(self.archive, posixpath.join(directory, "_rels", f"{name}.rels")))
        return {
            str(one.get("Id")): str(one.get("Target"))
            for one in (relations if relations is not None else ())
            if str(one.get("Type")).endswith("/hyperlink")
        }


def open_package(data: bytes) -> Package:
    """The package in ``data``; raises Rejection ``corrupt`` or ``archive_too_large``."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
        raise Rejection("corrupt", f"docx: {type(error).__name__}") from None
    if len(archive.infolist()) > MAX_MEMBERS * 5:
        raise Rejection("archive_too_many", f"docx: {len(archive.infolist())} parts")
    relations = tree(_read(archive, _PACKAGE_RELATIONS))
    listed = [
        (str(one.get("Type")), str(one.get("Target"))) for one in (relations if relations is not None else ())
    ]
    main = next((target for kind, target in listed if kind.endswith(_OFFICE_DOCUMENT)), "word/document.xml")
    core = next((target for kind, target in listed if kind.endswith(_CORE)), "docProps/core.xml")
    return Package(archive, main.lstrip("/"), core.lstrip("/"))


def tree(data: bytes) -> etree._Element | None:
    """The root of a part; None when it is missing or broken."""
    if not data:
        return None
    try:
        return etree.fromstring(data, _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None


@cache
def _parser() -> etree.XMLParser:
    """One for all parts: to make it takes longer than to read a small one."""
    return safe_parser(recover=True)


def local(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return _bare(element.tag)


@lru_cache(maxsize=1024)
def _bare(tag: object) -> str:
    """A name without its namespace; a document has few and asks for them at every element."""
    return str(tag).rsplit("}", 1)[-1]


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part by its name; no bytes when it is missing."""
    try:
        info = archive.getinfo(name)
    except KeyError:
        return b""
    limit = min(_MAIN_PART_BYTES, MAX_EXPANDED_BYTES)
    if info.file_size > limit or info.file_size > max(info.compress_size * MAX_RATIO, _SMALL_BYTES):
        raise Rejection("archive_too_large", "docx: a part expands too far")
    try:
        with archive.open(info) as file:
            data = file.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        raise Rejection("corrupt", "docx: a part is damaged") from None
    return data
