"""Feeds: one entry for each digest, in Atom 1.0, RSS 2.0 and JSON Feed 1.1. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["atom", "rss", "json"]

MEDIA_TYPES: dict[Kind, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}

NOT_IN_FEEDS = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\ufdd0-\ufdef]"
)
"""What XML 1.0 has no way to say (lone surrogates too), C1 controls, and what Unicode calls no characters."""

REPLACEMENT = "\ufffd"
"""A trace of bytes that nobody could read; validators take it for an error of ours."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One digest; ``entry_id`` is the same for ever, ``url`` and the addresses in ``html`` are absolute.

    ``categories`` are the sections of a bundle, each a name and a title.
    """

    entry_id: str
    url: str
    title: str
    published_at: datetime
    updated_at: datetime
    html: str
    categories: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """The newest digests of a channel, newest first; ``next_url`` is where older ones are.

    ``updated_at`` is when the newest change was, or when there was nothing yet.
    """

    feed_id: str
    title: str
    description: str
    language: str
    self_url: str
    page_url: str
    updated_at: datetime
    entries: Sequence[FeedEntry]
    next_url: str | None = None
    hub_urls: Sequence[str] = field(default=())


def xml_text(text: str) -> str:
    """The text without what feeds cannot say."""
    return NOT_IN_FEEDS.sub("", text).replace(REPLACEMENT, "?")


def line(text: str, fallback: str) -> str:
    """A title: one line that is not empty."""
    return " ".join(xml_text(text).split()) or fallback
