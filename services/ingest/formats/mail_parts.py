"""The text of a message: which of its parts a reader would see, and how their bytes are read."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from services.ingest.article import Rejection
from services.ingest.charset import Decoded, declared_in_markup, decode
from services.ingest.formats.mail_headers import charset_of, raw_field
from services.ingest.prose.markup import read_markup

_DEEPEST = 12
_MOST_PARTS = 500
_GUESSED_BOUNDARY = re.compile(rb"(?m)^--(?P<boundary>[^\s-][^\n]{0,68}?)[ \t]*\n(?=content-)", re.IGNORECASE)
_POINTER_CHARACTERS = 400
_POINTER = re.compile(
    r"html|browser|webversion|web version|online ansehen|view (?:this|it) |en ligne|navegador|navigateur",
    re.IGNORECASE,
)
_RICHER = 3
_PART_TYPE = re.compile(r"^\s*([\w.+-]+)/([\w.+-]+)")
_TEXTS = frozenset({"text/plain", "text/html", "text/enriched", "application/xhtml+xml"})
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

BOUNDARY_GUESSED = "mail_boundary_guessed"


@dataclass(frozen=True)
class Part:
    """One text of a message: its type, its text with the charset it was read by, and its layout."""

    kind: str
    decoded: Decoded
    is_flowed: bool = False
    deletes_space: bool = False

    @property
    def is_html(self) -> bool:
        """Whether it is markup."""
        return "html" in self.kind


def opened(data: bytes) -> Message:
    """The message in ``data``; raises Rejection ``corrupt`` when its parts are nested beyond all depth."""
    try:
        return message_from_bytes(data, policy=policy.compat32)
    except RecursionError:
        raise Rejection("corrupt", "a mail nested beyond all depth") from None


def read_parts(message: Message) -> tuple[list[Part], list[str]]:
    """The texts that a reader would see, plain text first choice, and warnings."""
    warnings: list[str] = []
    shown = _shown(message, warnings, 0)
    if not any(part.decoded.text.strip() for part in shown):
        shown = [part for leaf in _leaves(message, warnings) if (part := _read(leaf))]
    return [part for part in shown if part.decoded.text.strip()], warnings


def _shown(message: Message, warnings: list[str], depth: int) -> list[Part]:
    """The texts of a part: of alternatives the best one, of others all that are not attached."""
    if depth > _DEEPEST:
        return []
    children = _children(message, warnings)
    if children is None:
        part = None if _is_attached(message) else _read(message)
        return [part] if part else []
    if _type(message).startswith("message/"):
        return []
    groups = [_shown(child, warnings, depth + 1) for child in children[:_MOST_PARTS]]
    if _type(message) == "multipart/alternative":
        return _best([group for group in groups if group])
    if _type(message) == "multipart/related":
        return next((group for group in groups if group), [])
    return [part for group in groups for part in group]


def _best(groups: list[list[Part]]) -> list[Part]:
    """The plain text, unless it only says that there is HTML."""
    plain = next((group for group in groups if not any(part.is_html for part in group)), [])
    rich = next((group for group in reversed(groups) if any(part.is_html for part in group)), [])
    if not plain or not rich:
        return plain or rich
    return rich if _is_pointer(plain, rich) else plain


def _is_pointer(plain: list[Part], rich: list[Part]) -> bool:
    text = "\n".join(part.decoded.text for part in plain).strip()
    if len(text) > _POINTER_CHARACTERS:
        return False
    shown = sum(len(read_markup(part.decoded.text).prose.body) for part in rich if part.is_html)
    return not text or (shown > len(text) * _RICHER or (_POINTER.search(text) is not None and shown > 0))


def _children(message: Message, warnings: list[str]) -> list[Message] | None:
    """The parts of a message; None when it has none. A boundary that is missing or wrong is guessed."""
    payload = message.get_payload()
    if isinstance(payload, list):
        return [child for child in payload if isinstance(child, Message)]
    if not _type(message).startswith("multipart/") or not isinstance(payload, str):
        return None
    raw = _raw(message)
    found = _GUESSED_BOUNDARY.search(raw)
    if not found:
        return None
    head = f'Content-Type: {_type(message)}; boundary="'.encode() + found["boundary"] + b'"\n\n'
    again = opened(head + raw)
    inner = again.get_payload()
    if not isinstance(inner, list):
        return None
    warnings.append(BOUNDARY_GUESSED)
    return [child for child in inner if isinstance(child, Message)]


def _leaves(message: Message, warnings: list[str], depth: int = 0) -> Iterator[Message]:
    """Every part without parts of its own, attached or forwarded ones included."""
    children = _children(message, warnings)
    if children is None:
        yield message
    elif depth < _DEEPEST:
        for child in children[:_MOST_PARTS]:
            yield from _leaves(child, warnings, depth + 1)


def _read(message: Message) -> Part | None:
    """The text of a leaf; None when it is no text. A multipart without parts is read as plain text."""
    kind = _type(message)
    if kind.startswith("multipart/"):
        kind = "text/plain"
    if kind not in _TEXTS:
        return None
    data = _payload(message)
    declared = charset_of(message) or (declared_in_markup(data) if "html" in kind else None)
    layout = raw_field(message).lower()
    return Part(
        kind=kind,
        decoded=decode(data, declared),
        is_flowed=re.search(r"format\s*=\s*\"?flowed", layout) is not None,
        deletes_space=re.search(r"delsp\s*=\s*\"?yes", layout) is not None,
    )


def _payload(message: Message) -> bytes:
    """The bytes of a leaf; what is wrong in their encoding is skipped."""
    raw = _raw(message)
    encoding = re.sub(r"[\s\"'-]", "", raw_field(message, "content-transfer-encoding").lower()).split(";")[0]
    if encoding == "base64":
        return _base64(raw)
    if encoding in {"quotedprintable", "qp"}:
        return quopri.decodestring(raw)
    if encoding in {"uuencode", "xuuencode", "xuue"}:
        decoded = message.get_payload(decode=True)
        return decoded if isinstance(decoded, bytes) else raw
    return raw


def _raw(message: Message) -> bytes:
    """The payload as it stands in the file; the library would decode it by a charset that may be wrong."""
    bare = copy(message)
    del bare["content-transfer-encoding"]
    payload = bare.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _base64(raw: bytes) -> bytes:
    """What the good characters say; a footer that somebody put after the end is cut off."""
    lines = [line.strip() for line in raw.split(b"\n")]
    ended = next((index for index, line in enumerate(lines) if line.endswith(b"=")), len(lines) - 1)
    bare = _NOT_BASE64.sub(b"", b"".join(lines[: ended + 1]))
    bare = bare[:-1] if len(bare) % 4 == 1 else bare
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        return raw


def _type(message: Message) -> str:
    """The media type in lower case; text/plain when it is missing or nonsense."""
    raw = raw_field(message).strip().lower()
    found = _PART_TYPE.match(raw)
    if found:
        return f"{found[1]}/{found[2]}"
    if isinstance(message.get_payload(), list):
        return "multipart/mixed"
    return "text/html" if raw.startswith("html") else "text/plain"


def _is_attached(message: Message) -> bool:
    disposition = raw_field(message, "content-disposition").strip().lower()
    return disposition.startswith("attachment")
