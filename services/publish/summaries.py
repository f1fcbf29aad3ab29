"""A few words of an article for those who decide whether to read it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Mention

OPENING_CHARACTERS = 300
"""Where the opening of a body is cut when its article brings no summary."""
SUMMARY_CHARACTERS = 600
"""Where a summary is cut: some sources put the whole article there."""
CHOSEN_CHARACTERS = 1000
"""How much of the sentences that enrichment chose is told: whole ones, as far as they go."""
ENOUGH_CHARACTERS = 120
"""An opening this long does not need a second sentence to be understood."""

# The marks are: Latin, Arabic question mark and full stop, and those of Chinese and Japanese.
SENTENCE_END = re.compile("(?<=[.!?…\u061f\u06d4])\\s+(?=[^\\sa-z])|(?<=[\u3002\uff01\uff1f])")


def summary_of(document: ArticleDocument, enrichment: EnrichmentDocument | None = None) -> str | None:
    """The article's own summary, else the sentences that enrichment chose, else the opening of its body.

    None without any of them. The title is not said twice.
    """
    own = " ".join((document.summary or "").split())
    if own:
        return cut(own, SUMMARY_CHARACTERS)
    chosen = _chosen(document.text, enrichment.summary if enrichment else ())
    if document.title_derived:
        chosen = chosen.removeprefix(document.title).lstrip()
    if chosen:
        return cut(chosen, CHOSEN_CHARACTERS)
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


def _chosen(text: str, sentences: Iterable[Mention]) -> str:
    """The chosen sentences that fit, at least one; what lies between two of them is left out with a mark."""
    told = ""
    end: int | None = None
    for one in sentences:
        sentence = " ".join(text[one.start : one.end].split())
        is_next = end is None or not text[end : one.start].strip()
        longer = f"{told} {sentence}".lstrip() if is_next else f"{told} […] {sentence}"
        if told and len(longer) > CHOSEN_CHARACTERS:
            break
        told, end = longer, one.end
    return told


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
