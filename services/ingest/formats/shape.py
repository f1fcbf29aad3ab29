"""What a format is: two constants and two functions, standing in a module of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from services.ingest.article import Reading, ReadingHint

CERTAIN, LIKELY, POSSIBLE, NEVER = 100, 60, 10, 0
"""Scores of recognition: the content says so, the content and the name agree, nothing speaks against it."""


@dataclass(frozen=True)
class Head:
    """The start of a seed as text of some kind: ASCII in it is right, whatever the charset.

    ``data`` is the whole seed, for formats that are no text.
    """

    text: str
    file_name: str = ""
    data: bytes = b""

    @cached_property
    def suffix(self) -> str:
        """The last extension in lower case: ``.json`` of ``a.b.JSON``; empty without one."""
        name = self.file_name.rpartition("/")[2]
        at = name.rfind(".")
        return name[at:].lower() if 0 < at < len(name) - 1 else ""


class Format(Protocol):
    """A module that reads one family of documents.

    ``VERSION`` rises with every change of what it makes of the same bytes. ``recognise`` scores 0
    to 100. ``parse`` raises :class:`services.ingest.article.Rejection`.
    """

    FORMAT: str
    VERSION: int

    def recognise(self, head: Head) -> int:
        """How surely this is such a document."""

    def parse(self, data: bytes, hint: ReadingHint) -> Reading:
        """All articles of the document, at least one."""
