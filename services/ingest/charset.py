"""How bytes become text: byte order mark, declaration, strict UTF-8, and only then a guess.

Nothing here fails: bytes that fit no charset are replaced, and the warnings say so.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from newsfeed.values import Charset
from services.ingest.charset_guess import guess

DECLARATION_WRONG = "charset_declaration_wrong"
CONTROLS_REMOVED = "control_characters_removed"
MOJIBAKE = "mojibake_suspected"
BYTES_REPLACED = "undecodable_bytes_replaced"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""UTF-32 stands before UTF-16 because its little-endian mark begins with the other's."""

_BROWSER_NAMES = {
    **dict.fromkeys(("ascii", "iso8859-1", "latin_1", "us-ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "hz"), "gb18030"),
    **dict.fromkeys(("shift_jis", "x-sjis", "windows-31j", "ms932"), "cp932"),
    **dict.fromkeys(("euc_kr", "ks_c_5601-1987", "johab"), "cp949"),
    **dict.fromkeys(("tis-620", "iso8859-11"), "cp874"),
    "iso8859-9": "cp1254",
    "big5": "big5hkscs",
    "utf-8-sig": "utf-8",
    "x-gbk": "gb18030",
}
"""Labels that producers use for a smaller charset than they write (encoding.spec.whatwg.org)."""

_MULTIBYTE = frozenset({"gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "iso2022_jp", "euc_jis_2004"})
_SURELY_UTF8 = 8
"""Multi-byte characters after which a text that is strict UTF-8 by accident is beyond belief."""

_LEAD_BYTES = frozenset(range(0xC2, 0xF5))
_DECLARATIONS = (
    re.compile(rb"""\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""", re.IGNORECASE),
    re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE),
)
_DECLARED_WITHIN_BYTES = 8192
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_ASCII_CONTROLS = bytes(sorted({*range(0x20), 0x7F} - {0x09, 0x0A}))
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
_FOREIGN_RUN = re.compile("[\u0080-\u00ff\u0152-\u0192\u02c6-\u02dc\u2013-\u2122]{2,}")
_MOJIBAKE_RUNS = 2


@dataclass(frozen=True)
class Decoded:
    """A text without control characters, every line ended by a line feed, and how it was read."""

    text: str
    charset: Charset
    warnings: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """The text of ``data``; ``declared`` is any charset label, or None."""
    raw, charset, warnings = _read(data, _codec(declared) if declared else None)
    text, removed = clean(raw)
    warnings += [CONTROLS_REMOVED] if removed else []
    warnings += [MOJIBAKE] if looks_garbled(text) else []
    return Decoded(text, charset, tuple(dict.fromkeys(warnings)))


def declared_in_markup(data: bytes) -> str | None:
    """The label in the XML declaration or an HTML ``<meta>`` of the first 8 KiB; None without one."""
    head = data[:_DECLARED_WITHIN_BYTES]
    for pattern in _DECLARATIONS:
        if found := pattern.search(head):
            return found.group(1).decode("ascii")
    return None


def clean(raw: str) -> tuple[str, bool]:
    """``raw`` with one kind of newline and no control characters, and whether any were dropped."""
    if _is_clean(raw):  # Most texts, and soon known.
        return raw, False
    text = _NEWLINES.sub("\n", raw)
    kept = _CONTROLS.sub("", text)
    return kept, len(kept) != len(text)


def _is_clean(raw: str) -> bool:
    """Whether there is surely nothing to clean; in ASCII that is ten times sooner known."""
    if raw.isascii():
        return len(raw.encode("ascii").translate(None, _ASCII_CONTROLS)) == len(raw)
    return raw.replace("\n", " ").replace("\t", " ").isprintable()


def looks_garbled(text: str) -> bool:
    """Whether UTF-8 was once read as Windows-1252, or characters were lost on the way here."""
    if text.isascii():
        return False
    if len(text) - len(text.encode("ascii", "ignore")) < 2 * _MOJIBAKE_RUNS:
        return "\ufffd" in text
    if "\ufffd" in text:
        return True
    found = 0
    for run in _FOREIGN_RUN.finditer(text):
        found += _is_misread(run.group())
        if found >= _MOJIBAKE_RUNS:
            return True
    return False


def _is_misread(run: str) -> bool:
    try:
        run.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _read(data: bytes, declared: str | None) -> tuple[str, Charset, list[str]]:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], name, declared)
    found = _wide(data) or _escaped(data)
    if found:
        method = "declared" if declared == found else "detected"
        return data.decode(found), Charset(name=found, method=method), []
    return _unmarked(data, declared)


def _marked(data: bytes, name: str, declared: str | None) -> tuple[str, Charset, list[str]]:
    warnings = [] if declared in (None, name, name[:6].rstrip("-")) else [DECLARATION_WRONG]
    try:
        return data.decode(name), Charset(name=name, method="bom"), warnings
    except UnicodeDecodeError:
        return data.decode(name, "replace"), Charset(name=name, method="bom"), [*warnings, BYTES_REPLACED]


def _unmarked(data: bytes, declared: str | None) -> tuple[str, Charset, list[str]]:
    unicode = _strictly(data, "utf-8")
    text = _strictly(data, declared) if declared and not declared.startswith("utf-") else None
    if declared and text is not None and not _prefer_utf8(data, unicode, declared):
        return text, Charset(name=declared, method="declared"), []
    wrong = [DECLARATION_WRONG] if declared not in (None, "utf-8") or (declared and unicode is None) else []
    if unicode is not None:
        return unicode, Charset(name="utf-8", method="declared" if declared == "utf-8" else "utf-8"), wrong
    return _guessed(data, wrong)


def _prefer_utf8(data: bytes, unicode: str | None, declared: str) -> bool:
    if unicode is None or data.isascii():
        return False
    return declared not in _MULTIBYTE or sum(map(_LEAD_BYTES.__contains__, data)) >= _SURELY_UTF8


def _guessed(data: bytes, warnings: list[str]) -> tuple[str, Charset, list[str]]:
    name = guess(data)
    text = _strictly(data, name) if name else None
    if name and text is not None:
        return text, Charset(name=name, method="detected"), warnings
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 20 < len(text):
        return text, Charset(name="utf-8", method="detected"), [*warnings, BYTES_REPLACED]
    replaced = data.decode("cp1252", "replace")
    return replaced, Charset(name="cp1252", method="detected"), [*warnings, BYTES_REPLACED]


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, told by zero bytes that keep to one side of each unit."""
    sample = data[: 1 << 16]
    if b"\0" not in sample:
        return None
    if len(data) % 4 == 0 and sample.count(0) * 4 >= len(sample):
        wide = [name for name in ("utf-32-le", "utf-32-be") if _is_prose(_strictly(data, name))]
        if wide:
            return wide[0]
    if len(data) % 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if even and odd:
        return None
    name = "utf-16-be" if even else "utf-16-le"
    return name if _is_prose(_strictly(data, name)) else None


def _is_prose(text: str | None) -> bool:
    if not text:
        return False
    sample = text[:4096]
    readable = sum(character.isprintable() or character.isspace() for character in sample)
    return readable * 100 >= len(sample) * 98


def _escaped(data: bytes) -> str | None:
    """ISO 2022 and HZ, which are ASCII to every other test."""
    is_hz = b"~{" in data and b"~}" in data
    if not (is_hz or b"\x1b" in data) or not data.isascii():
        return None
    for name, marks in (
        ("hz", (b"~{",)),
        ("iso2022_kr", (b"\x1b$)C",)),
        ("iso2022_jp_2", (b"\x1b$B", b"\x1b$@", b"\x1b(J")),
    ):
        if any(mark in data for mark in marks) and _strictly(data, name) is not None:
            return name
    return None


def _strictly(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except (UnicodeError, LookupError, ValueError):
        return None


def _codec(label: str) -> str | None:
    """Python's name for what browsers read under ``label``; None for what is no charset of text."""
    wanted = label.strip().lower()
    try:
        name = codecs.lookup(wanted).name
        is_text = bool(codecs.lookup(wanted)._is_text_encoding)  # noqa: SLF001 - the only way to tell rot13 and zlib
    except (LookupError, ValueError):
        return _BROWSER_NAMES.get(wanted)
    if not is_text or name in {"utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode"}:
        return None
    return _BROWSER_NAMES.get(wanted, _BROWSER_NAMES.get(name, name))
