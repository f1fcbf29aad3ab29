"""Plain text: a headline if there is one, byline and dateline lines, paragraphs, cross-headings."""

from __future__ import annotations

from itertools import islice

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article, Reading, ReadingHint
from services.ingest.charset import decode
from services.ingest.formats.composing import titled
from services.ingest.formats.shape import POSSIBLE, Head
from services.ingest.prose.openings import find_byline, find_dateline, lift_opening
from services.ingest.prose.paragraphs import is_wrapped, read_prose, split_blocks
from services.ingest.prose.sentences import collapse, ends_like_sentence

FORMAT = "text"
VERSION = 2

_HEADLINE_CHARACTERS = 200


def recognise(head: Head) -> int:
    """Any text may be plain text; every other format comes first."""
    return POSSIBLE if head.text.strip() else 0


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """The one article of a text file."""
    decoded = decode(data, hint.charset)
    headline, text = split_headline(decoded.text)
    opening = lift_opening(read_prose(text))
    title, derived = titled(headline, opening.prose.body)
    document = ArticleDocument(
        title=title,
        title_derived=derived,
        body=opening.prose.body,
        headings=opening.prose.headings,
        byline=opening.byline,
        authors=opening.authors,
        dateline=opening.dateline,
    )
    article = Article(document=document, language=hint.language, warnings=decoded.warnings)
    return Reading(format=FORMAT, parser_version=VERSION, charset=decoded.charset, articles=(article,))


def split_headline(text: str) -> tuple[str | None, str]:
    """The headline, or None, and the text after it.

    The first line is one when it is no longer than 200 characters, does not end like a sentence
    and is not the first of several wrapped lines. Two wrapped lines that stand alone are one too.
    """
    blocks = list(islice(split_blocks(text), 2))
    if not blocks:
        return None, ""
    first = blocks[0]
    count = len(first) if len(blocks) > 1 and is_wrapped(first) else 1
    headline = collapse(" ".join(first[:count]))
    if not is_headline(headline) or _goes_on(first, count):
        return None, text
    rest = text.lstrip("\n \t\u3000").split("\n", count)
    return headline.lstrip("#* \t").rstrip("# \t"), rest[count] if len(rest) > count else ""


def is_headline(line: str) -> bool:
    """Whether one line may stand over a text: no sentence, no byline, no dateline."""
    if len(line) > _HEADLINE_CHARACTERS or ends_like_sentence(line) or line.endswith((",", ";", ":")):
        return False
    dateline, _ = find_dateline(line)
    return find_byline(line) is None and (dateline is None or dateline.agency is None)


def _goes_on(block: list[str], count: int) -> bool:
    """Whether the line after the headline would be the rest of its sentence."""
    if count >= len(block):
        return False
    return is_wrapped(block) or block[count][:1].islower()
