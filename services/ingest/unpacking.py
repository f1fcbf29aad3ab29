"""Archives around seeds: what is in a ``.zip`` or a ``.gz``, bounded before anything is expanded."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from services.ingest.article import Rejection

MAX_MEMBERS = 1_000
MAX_EXPANDED_BYTES = 50 * 1024 * 1024
MAX_RATIO = 100
"""Expanded bytes for one byte of an archive: text packs to a fifth or a tenth, bombs to a thousandth."""

_ZIP, _GZIP = (b"PK\x03\x04", b"PK\x05\x06"), b"\x1f\x8b"
_NESTED = (*_ZIP, _GZIP, b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf\x27\x1c", b"Rar!")
_OFFICE = ((b"word/", "docx"), (b"xl/", "xlsx"), (b"ppt/", "pptx"))
_FREE_BYTES = 1024 * 1024
"""Below this no ratio is asked for: a small member of spaces harms nobody."""

_CHUNK_BYTES = 64 * 1024
_ENCRYPTED = 0x1
_UTF8_NAME = 0x800
_NO_NEWS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its bytes, or why it is left out."""

    name: str
    data: bytes = b""
    refused: Rejection | None = None


def is_archive(data: bytes) -> bool:
    """Whether ``data`` is a bundle of files, and no office document."""
    if data.startswith(_ZIP):
        return office_kind(data) is None
    return data.startswith(_GZIP)


def office_kind(data: bytes) -> str | None:
    """``docx``, ``xlsx``, ``pptx`` or ``document`` for a zip that is one; None for any other bytes."""
    if not data.startswith(_ZIP[0]):
        return None
    if b"[Content_Types].xml" in data:
        return next((kind for mark, kind in _OFFICE if mark in data), "document")
    return "document" if data[30:38] == b"mimetype" else None


def members(data: bytes, file_name: str) -> Iterator[Member]:
    """The files in an archive, in its order.

    Raises Rejection ``corrupt``, ``archive_encrypted``, ``archive_too_many`` or ``archive_too_large``
    when the archive as a whole cannot be read or is built to exhaust its reader.
    """
    if data.startswith(_GZIP):
        yield Member(_bare_name(file_name), gunzipped(data))
    else:
        yield from _zipped(data)


def is_bundle(data: bytes) -> bool:
    """Whether an archive has room for several files, as a zip has and a gzip file has not."""
    return data.startswith(_ZIP)


def is_nested(data: bytes) -> bool:
    """Whether the file in an archive is an archive itself; office documents are none."""
    return (data.startswith(_NESTED) and office_kind(data) is None) or data[257:262] == b"ustar"


def gunzipped(data: bytes) -> bytes:
    """All streams of a gzip file, one after the other; rubbish after them is ignored.

    A cut web archive gives what is left of it, and any other cut file Rejection ``corrupt``.
    """
    expanded = bytearray()
    rest = data
    while rest.startswith(_GZIP):
        stream = zlib.decompressobj(wbits=31)
        try:
            rest = _expand(stream, rest, expanded, len(data))
            damage = None if stream.eof else "cut off"
        except zlib.error:
            damage = "damaged"
        if damage:
            if expanded.startswith(b"WARC/"):
                break
            raise Rejection("corrupt", f"gzip: {damage}")
    return bytes(expanded)


def _expand(stream: zlib._Decompress, packed: bytes, expanded: bytearray, size: int) -> bytes:
    """Append what one gzip stream holds; returns the bytes after it."""
    while not stream.eof:
        chunk = stream.decompress(packed, _CHUNK_BYTES)
        packed = stream.unconsumed_tail
        expanded += chunk
        _refuse_bomb(len(expanded), size)
        if not chunk and not packed:
            break
    return stream.unused_data.lstrip(b"\0")


def _zipped(data: bytes) -> Iterator[Member]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
        raise Rejection("corrupt", f"zip: {type(error).__name__}") from None
    with archive:
        listed = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
        if len(listed) > MAX_MEMBERS:
            raise Rejection("archive_too_many", f"{len(listed)} files; at most {MAX_MEMBERS} are read")
        _refuse_bomb(sum(info.file_size for info in listed), len(data))
        if listed and all(info.flag_bits & _ENCRYPTED for info in listed):
            raise Rejection("archive_encrypted", f"{len(listed)} files, all with a password")
        expanded = 0
        for info in listed:
            member = _member(archive, info)
            expanded += len(member.data)
            _refuse_bomb(expanded, len(data))
            yield member


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    name = _shown_name(info)
    if _escapes(info):
        return Member(name, refused=Rejection("archive_unsafe_name", "a link, or a name that leads out"))
    if info.flag_bits & _ENCRYPTED:
        return Member(name, refused=Rejection("archive_encrypted", "a password"))
    if info.file_size > max(info.compress_size * MAX_RATIO, _FREE_BYTES):
        return Member(name, refused=Rejection("archive_too_large", "it expands too far"))
    try:
        with archive.open(info) as file:
            # One byte more than announced tells a member that lies about its size.
            data = file.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError):
        return Member(name, refused=Rejection("corrupt", "damaged in its archive"))
    if len(data) > info.file_size:
        return Member(name, refused=Rejection("corrupt", "longer than its archive says"))
    return Member(name, data)


def _refuse_bomb(expanded_bytes: int, packed_bytes: int) -> None:
    if expanded_bytes > MAX_EXPANDED_BYTES:
        raise Rejection("archive_too_large", f"more than {MAX_EXPANDED_BYTES} bytes when expanded")
    if expanded_bytes > max(packed_bytes * MAX_RATIO, _FREE_BYTES):
        raise Rejection("archive_too_large", f"expands to more than {MAX_RATIO} times its size")


def _escapes(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a link, or its name leads out of the archive."""
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return True
    name = info.orig_filename.replace("\\", "/")
    return name.startswith("/") or name[1:2] == ":" or ".." in name.split("/") or "\0" in name


def _is_litter(name: str) -> bool:
    """What operating systems put beside files."""
    path = PurePosixPath(name.replace("\\", "/"))
    return "__MACOSX" in path.parts or path.name.startswith("._") or path.name.casefold() in _NO_NEWS


def _shown_name(info: zipfile.ZipInfo) -> str:
    """The name in UTF-8 if it is that, marked or not; names of old archives are code page 437."""
    name = info.filename
    if not info.flag_bits & _UTF8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in name)


def _bare_name(file_name: str) -> str:
    """``a.xml`` of ``a.xml.gz``."""
    path = PurePosixPath(file_name)
    return path.stem if path.suffix.casefold() in {".gz", ".gzip"} else path.name or "content"
