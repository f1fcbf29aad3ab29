"""Header fields of a message as text, however they were folded, encoded or not encoded (RFC 5322, 2047).

The standard library's structured headers raise on a number of broken fields, so only its split into
names and raw values is used.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from email.message import Message

from services.ingest.charset import decode
from services.ingest.prose.sentences import collapse

_WORD = re.compile(r"=\?\s*([^?\s*]{1,40})(?:\*[^?\s]*)?\s*\?\s*([bBqQ])\s*\?(.*?)\?=", re.DOTALL)
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?\s*[^?\s]{1,48}\s*\?\s*[bBqQ]\s*\?)")
_FOLD = re.compile(r"\n[ \t]*")
_ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>|([^\s<>()\",;:]+@[^\s<>()\",;:]+)")
_COMMENT = re.compile(r"\(([^()]*)\)")
_IDENTIFIER = re.compile(r"<\s*([^<>\s]+)\s*>")
_FIELD_CHARACTERS = 16 * 1024
_ADDRESSES_CHARACTERS = 4 * 1024
"""Longer fields are cut: no title and no list of authors is that long, and patterns take their time."""

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")


_DEFAULTS = frozenset({"us-ascii", "ascii", "unknown", "unknown-8bit", "x-unknown", "default", "binary"})
"""What programs declare that do not know; bytes beyond ASCII are then as good as undeclared."""


def field(message: Message, name: str) -> str | None:
    """The first non-empty field of this name, on one line and decoded."""
    return next(fields(message, name), None)


def fields(message: Message, name: str) -> Iterator[str]:
    """Every non-empty field of this name (of any case), on one line and decoded."""
    for raw_name, raw in message.raw_items():
        if raw_name.strip().lower() == name and (text := decoded(str(raw))):
            yield text


def decoded(raw: str) -> str:
    """A raw field as text: encoded words put together, bare 8-bit characters read by the charset rules."""
    text = _BETWEEN_WORDS.sub(r"\1", _FOLD.sub(" ", _legible(raw[:_FIELD_CHARACTERS])))
    parts: list[str] = []
    place = 0
    pending: tuple[str, bytes] | None = None
    for word in _WORD.finditer(text):
        between = text[place : word.start()]
        charset, data = word[1], _word_bytes(word[2], word[3])
        # A character may be cut between two words of one charset, so their bytes are joined first.
        if pending and not between and pending[0].casefold() == charset.casefold():
            pending = (charset, pending[1] + data)
        else:
            parts += [_text(pending), between]
            pending = (charset, data)
        place = word.end()
    parts += [_text(pending), text[place:]]
    return collapse("".join(parts))


def names_in(value: str) -> tuple[str, ...]:
    """The people in an address field: their names, for want of one nothing."""
    return tuple(name for part in _split(value) if (name := _name(part)))


def addresses_in(value: str) -> tuple[str, ...]:
    """The addresses in an address field."""
    return tuple(found[1] or found[2] for found in _ADDRESS.finditer(value))


def identifiers(value: str) -> tuple[str, ...]:
    """The ids in ``Message-ID``, ``References`` and the like, without brackets; a bare one counts too."""
    found = _IDENTIFIER.findall(value)
    if found:
        return tuple(dict.fromkeys(found))
    bare = value.strip().strip("<>").split()
    return tuple(bare[:1])


def charset_of(message: Message) -> str | None:
    """The charset parameter of ``Content-Type``, None when there is none that can be read."""
    found = re.search(r"charset\*?\s*=\s*(?:[\w-]*'[\w-]*')?[\"']?\s*([\w.:+-]{2,40})", raw_field(message))
    return found[1] if found and found[1].lower() not in _DEFAULTS else None


def raw_field(message: Message, name: str = "content-type") -> str:
    """The first field of this name as it stands there, unfolded; an empty text without one."""
    for raw_name, raw in message.raw_items():
        if raw_name.strip().lower() == name:
            return _FOLD.sub(" ", str(raw))
    return ""


def _legible(raw: str) -> str:
    """The text of a field in which bytes beyond ASCII stand as they came."""
    if raw.isascii():
        return raw
    return decode(raw.encode("utf-8", "surrogateescape")).text


def _text(pending: tuple[str, bytes] | None) -> str:
    return decode(pending[1], pending[0]).text if pending else ""


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return quopri.decodestring(data.replace(b"_", b" ").replace(b"\n", b""))
    bare = _NOT_BASE64.sub(b"", data)
    bare = bare[:-1] if len(bare) % 4 == 1 else bare
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return data


def _split(value: str) -> list[str]:
    """The addresses of a field, parted at commas outside of quotes and brackets."""
    parts = re.split(r",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", value[:_ADDRESSES_CHARACTERS])
    return [part for part in parts if part.strip()]


def _name(part: str) -> str | None:
    before = part.split("<", 1)[0] if "<" in part else ""
    name = collapse(before.replace('\\"', '"')).strip().strip("\"' ")
    if name and not _ADDRESS.fullmatch(name):
        return name
    comment = _COMMENT.search(part)
    if comment and "@" not in comment[1] and comment[1].strip():
        return collapse(comment[1]).strip("\"' ")
    return None if "@" in part or not part.strip() else collapse(part).strip("\"' ") or None
