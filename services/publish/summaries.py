"""A few words of an article for those who decide whether to read it."""

from __future__ import annotations

import re

from newsfeed.documents import ArticleDocument

OPENING_CHARACTERS = 300
"""Where the opening of a body is cut when its article brings no summary."""
SUMMARY_CHARACTERS = 600
"""Where a summary is cut: some sources put the whole article there."""
ENOUGH_CHARACTERS = 120
"""An opening this long does not need a second sentence to be understood."""

# The marks are: Latin, Arabic question mark and full stop, and those of Chinese and Japanese.
SENTENCE_END = re.compile("(?<=[.!?…\u061f\u06d4])\\s+(?=[^\\sa-z])|(?<=[\u3002\uff01\uff1f])")


def summary_of(document: ArticleDocument) -> str | None:
    """The article's own summary, else the first one or two sentences of its body; None without both."""
    own = " ".join((document.summary or "").split())
    if own:
        return cut(own, SUMMARY_CHARACTERS)
    paragraphs = document.body.split("\n\n")
    prose = " ".join(text for index, text in enumerate(paragraphs) if index not in document.headings)
    opening = " ".join(prose[: 4 * OPENING_CHARACTERS].split())
    if document.title_derived:  # The title is the first sentence: do not say it twice, unless it was cut.
        opening = opening.removeprefix(document.title).lstrip()
    return _opening(opening) or None


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, ended by ``…`` at a word if something is missing."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    at_word = head[: head.rfind(" ")] if " " in head[limit // 2 :] else head
    return at_word.rstrip(" ,;:.\u2013\u2014-") + "…"


def _opening(prose: str) -> str:
    """The first sentence, with the next as long as both are short; cut at a word if it is too long.

    Abbreviations end no sentence: a beginning shorter than ``ENOUGH_CHARACTERS`` takes the next piece on.
    """
    opening = ""
    for sentence in SENTENCE_END.split(prose):
        longer = f"{opening} {sentence}".strip()
        if opening and (len(opening) >= ENOUGH_CHARACTERS or len(longer) > OPENING_CHARACTERS):
            break
        opening = longer
    return cut(opening, OPENING_CHARACTERS)
