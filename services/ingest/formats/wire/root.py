"""The root element of an XML document, found in its first bytes without parsing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_BLANK = re.compile(r"[\s\ufeff\x00]*")
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?P<name>[\w.-]+)(?P<rest>[^>]*)")
_SUBSET_END = re.compile(r"\]\s*>")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


@dataclass(frozen=True)
class Root:
    """The name of a root element without its prefix, and what stands in its tag after the name."""

    name: str
    attributes: str


@lru_cache(maxsize=1)
def root_of(text: str) -> Root | None:
    """The root that ``text`` opens with after declaration, comments and DOCTYPE; None without one.

    Every format of XML asks it of the same text.
    """
    at = _blank_end(text, 0)
    while (end := _preamble_end(text, at)) is not None:
        at = _blank_end(text, end)
    found = _ROOT.match(text, at)
    return Root(found["name"], found["rest"]) if found else None


def _blank_end(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _preamble_end(text: str, at: int) -> int | None:
    """Where the declaration, comment or DOCTYPE at ``at`` ends; None when there is none."""
    for opening, closing in (("<?", "?>"), ("<!--", "-->")):
        if text.startswith(opening, at):
            end = text.find(closing, at + len(opening))
            return None if end < 0 else end + len(closing)
    if text[at : at + 9].upper() == "<!DOCTYPE":
        return _doctype_end(text, at + 9)
    return None


def _doctype_end(text: str, at: int) -> int | None:
    rest = text[at:]
    unquoted = _QUOTED.sub(lambda found: "_" * len(found.group()), rest)
    subset, end = unquoted.find("["), unquoted.find(">")
    if 0 <= subset < end:
        closing = _SUBSET_END.search(unquoted, subset) or _SUBSET_END.search(rest, subset)
        return at + closing.end() if closing else None
    return at + end + 1 if end >= 0 else None
