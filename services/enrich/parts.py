"""Where the parts of an article lie in its text."""

from __future__ import annotations

from newsfeed.documents import ArticleDocument

LEAD_CHARACTERS = 600
"""The lead is the first paragraph of the body, at most this long."""


def body_start(document: ArticleDocument) -> int:
    """Where the body begins, in characters of the text: after the headline, if the text has one."""
    has_title = bool(document.body) and not document.title_derived
    return len(document.title) + 2 if has_title else 0


def bounds(document: ArticleDocument, text: str) -> tuple[int, int]:
    """Where headline and lead end, in characters of the text."""
    start = body_start(document)
    end = text.find("\n", start)
    lead_end = len(text) if end < 0 else end
    return max(0, start - 2), min(lead_end, start + LEAD_CHARACTERS)
