"""Framing of teleprinter wires: control characters around messages, fill bytes, charset.

SOH opens a message, STX its text, ETX closes the text, EOT the message (ISO 646, IPTC 7901, ANPA
1312). Many files have lost some of them on their way, and others begin with fill: SYN, NUL, DEL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsfeed.values import Charset
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.charset import CONTROLS_REMOVED, clean, decode
from services.ingest.formats.wire.draft import Draft
from services.ingest.progress import each

SOH, STX, ETX, EOT = "\x01", "\x02", "\x03", "\x04"

_FILL = b"\x00\x16\x7f"
_FRAMING = bytes({*range(0x01, 0x05), *range(0x0E, 0x20)} - {0x16, 0x1B})
_AS_BLANKS = bytes.maketrans(_FRAMING, b" " * len(_FRAMING))
_STARTS = re.compile(
    rb"\A(?:ZCZC\b.{0,40}\s+)?\x01?\s*"
    rb"(?:[A-Za-z]{1,10}\d{1,7}\s+\d\s+[A-Za-z]{1,5}\s+\d{1,6}\b"
    rb"|[A-Za-z]\d{4}[\x1f\w \-]*\r?\n[a-z] [a-z][ \x11-\x14])",
    re.IGNORECASE,
)
_MESSAGE_END = re.compile(rf"{EOT}|^[ \t]*NNNN[ \t]*$", re.MULTILINE)
_SAMPLE_BYTES = 16 * 1024


@dataclass(frozen=True)
class Telegram:
    """One message: what stands before STX, between it and ETX, and after."""

    heading: str
    text: str
    trailer: str
    has_stx: bool


@dataclass(frozen=True)
class Transmission:
    """All messages of a file and how its bytes were read."""

    telegrams: tuple[Telegram, ...]
    charset: Charset
    warnings: tuple[str, ...]


def head_of(sample: bytes) -> str | None:
    """The start of a telegram without its fill bytes, its framing kept; None when it is none."""
    bare = sample[:_SAMPLE_BYTES].translate(None, _FILL).lstrip(b" \t\r\n\xff")
    return bare.decode("latin-1") if _STARTS.match(bare) else None


def read_transmission(data: bytes, hint: ReadingHint) -> Transmission:
    """The messages of ``data``, in the charset that the whole of it speaks for."""
    bare = data.translate(None, _FILL).replace(b"\x08", b"\t").replace(b"\x10", b" ")
    decoded = decode(bare.translate(_AS_BLANKS), hint.charset)
    text = bare.decode(_codec(decoded.charset.name), "replace").replace("\r\n", "\n").replace("\r", "\n")
    warnings = tuple(warning for warning in decoded.warnings if warning != CONTROLS_REMOVED)
    return Transmission(tuple(_split(text)), decoded.charset, warnings)


def articles_of(
    sent: Transmission, read: Callable[[Telegram], Draft | None], hint: ReadingHint
) -> tuple[Article, ...]:
    """The articles that ``read`` makes of the messages; raises Rejection ``no_text`` without any."""
    articles: list[Article] = []
    for draft in filter(None, map(read, each(sent.telegrams))):
        draft.warnings = (*sent.warnings, *draft.warnings)
        if not draft.is_empty:
            articles.append(draft.article(hint))
    if not articles:
        raise Rejection("no_text", "header lines and no text")
    return tuple(articles)


def _codec(name: str) -> str:
    return name if not name.startswith(("utf-16", "utf-32")) else "latin-1"


def _split(text: str) -> Iterator[Telegram]:
    for message in _messages(text):
        heading, stx, rest = message.partition(STX)
        if not stx:
            heading, rest = "", message
        body, _, trailer = rest.partition(ETX)
        yield Telegram(_shown(heading), _shown(body), _shown(trailer), bool(stx))


def _messages(text: str) -> Iterator[str]:
    parts = text.split(SOH) if SOH in text else _MESSAGE_END.split(text)
    for part in parts:
        bare = re.sub(r"\AZCZC\b[^\n]*\n", "", _MESSAGE_END.split(part)[0].lstrip())
        if bare.strip():
            yield bare


def _shown(part: str) -> str:
    """``part`` without control characters: framing is no text."""
    return clean(part)[0]
