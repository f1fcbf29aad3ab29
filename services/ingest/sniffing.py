"""Which format a seed has: its content decides, its name is a hint."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.charset import decode
from services.ingest.formats import BINARY_FORMATS, FORMATS
from services.ingest.formats.shape import CERTAIN, Format, Head
from services.ingest.formats.wire import telegram
from services.ingest.formats.xml_gate import why_ill_formed
from services.ingest.packed import read_packed
from services.ingest.unpacking import is_archive, office_kind

_HEAD_BYTES = 16 * 1024
_MAGIC = (
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstandard"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "rar"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"RIFF", "riff"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x7fELF", "elf"),
    (b"\xd0\xcf\x11\xe0", "ole2 document"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"{\\rtf", "rtf"),
)
_MAGICS = tuple(magic for magic, _ in _MAGIC)
_XML_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".nitf", ".newsml"})
_XML_START = re.compile(r"\s*<\?xml\s")
_BLANK_BYTES = b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xff\xfe"
_CONTROL_BYTES = bytes(sorted(frozenset(range(32)) - frozenset(b"\t\n\r\x0b\x0c\x1a\x1b")))
_BINARY_SHARE = 0.02


def read_seed(data: bytes, hint: ReadingHint, formats: Sequence[Format] = FORMATS) -> Reading:
    """All articles of a seed, in this process and without a deadline; raises :class:`Rejection`."""
    if is_archive(data):
        return read_packed(data, hint, lambda inner, told: choose(inner, told, formats).parse(inner, told))
    return choose(data, hint, formats).parse(data, hint)


def choose(data: bytes, hint: ReadingHint, formats: Sequence[Format] = FORMATS) -> Format:
    """The format of ``data``; raises Rejection ``empty``, ``unknown_format`` or ``corrupt``."""
    if not data.strip(_BLANK_BYTES):
        raise Rejection("empty", f"{len(data)} bytes, none of them text")
    for binary in BINARY_FORMATS:
        if binary.recognise(Head("", hint.file_name, data)):
            return binary
    _refuse_binary(data)
    head = Head(_head_text(data), hint.file_name, data)
    score, best = _best(head, formats)
    if score <= 0:
        raise Rejection("unknown_format", "no format recognises it")
    if best.FORMAT in {"text", "markdown"}:
        _refuse_other_xml(data, head)
    return best


def _best(head: Head, formats: Sequence[Format]) -> tuple[int, Format]:
    """The highest score and the first format that gives it; behind one that is certain, nobody is asked."""
    score, best = -1, formats[0]
    for candidate in formats:
        given = candidate.recognise(head)
        if given > score:
            score, best = given, candidate
        if score >= CERTAIN:
            break
    return score, best


def _refuse_binary(data: bytes) -> None:
    if data.startswith(_MAGICS):
        name = next(name for magic, name in _MAGIC if data.startswith(magic))
        raise Rejection("unknown_format", name)
    if kind := office_kind(data):
        raise Rejection("unknown_format", f"office {kind}")
    if data[4:8] == b"ftyp":
        raise Rejection("unknown_format", "mp4")


def _head_text(data: bytes) -> str:
    """The start of the text; raises Rejection ``unknown_format`` when it is none."""
    sample = data[:_HEAD_BYTES]
    if (framed := telegram.head_of(sample)) is not None:
        return framed
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    is_odd = controls > len(sample) * _BINARY_SHARE and controls > 1
    if is_odd or b"\0" in sample or sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        decoded = decode(sample[: len(sample) // 4 * 4])
        if decoded.charset.name.startswith(("utf-16", "utf-32")):
            return decoded.text
        raise Rejection("unknown_format", "binary")
    return sample.decode("utf-8", "replace").lstrip("\ufeff")


def _refuse_other_xml(data: bytes, head: Head) -> None:
    """XML that no format claimed is broken or unknown, never plain text."""
    if head.suffix not in _XML_SUFFIXES and not _XML_START.match(head.text):
        return
    place = why_ill_formed(data)
    if place:
        raise Rejection("corrupt", f"XML: {place}")
    raise Rejection("unknown_format", "XML of an unknown kind")
