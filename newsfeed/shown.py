"""What may be shown of foreign texts: a plain line, an address to follow, the direction of a language."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlsplit

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
"""Languages whose usual script runs from right to left."""
UNKNOWN_LANGUAGE = "und"
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows, also beyond their own text."""
LINKED_SCHEMES = frozenset({"http", "https"})


def direction_of(language: str | None) -> str:
    """``rtl`` or ``ltr``, for HTML's ``dir``; ``auto`` for an unknown language."""
    if language in {None, UNKNOWN_LANGUAGE}:
        return "auto"
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def plain(text: str) -> str:
    """A line without control characters: they could move a terminal's cursor or turn a page around."""
    spaced = " ".join(text.split())
    return "".join(
        character
        for character in spaced
        if unicodedata.category(character) != "Cc" and character not in BIDI_CONTROLS
    )


def web_address(url: str | None) -> str | None:
    """The address if a reader may follow it: http or https with a host, else None."""
    if url is None or plain(url) != url or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname)
    except ValueError:
        return None
    return url if parts.scheme in LINKED_SCHEMES and has_host else None
