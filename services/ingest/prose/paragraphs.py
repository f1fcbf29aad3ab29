"""Plain text as paragraphs: blank lines part them, wrapped lines are joined, cross-headings are marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from services.ingest.prose.sentences import collapse, ends_like_sentence

_BLANK = re.compile(r"\n[ \t\u00a0\u3000]*(?:\n[ \t\u00a0\u3000]*)+")
_INDENT = re.compile(r"^(?: {2,}|\t|\u3000)")
_STAR = re.compile(r"^\*+[ \t]+(?=\S)")
_HASHES = re.compile(r"^#{1,6}[ \t]+(?=\S)")
_LISTED = re.compile(r"^(?:[*•‣◦▪·\-–—]|\d{1,3}[.)])[ \t]+\S")
_RULE = re.compile(r"^[\s*=_\-–—#~.•]{3,}$")
_WRAP_CHARACTERS = range(40, 101)
"""Lines are taken for hard-wrapped when the longest of a block is this long (wires wrap at 64 to 80)."""

_WRAPPED_SHARE = 0.75
_HEADING_CHARACTERS = 150


@dataclass(frozen=True)
class Prose:
    """Paragraphs without line breaks at their ends; ``headings`` are the indices of cross-headings."""

    paragraphs: tuple[str, ...] = ()
    headings: tuple[int, ...] = ()

    @property
    def body(self) -> str:
        """The paragraphs, a blank line between two."""
        return "\n\n".join(self.paragraphs)

    def without_first(self, count: int = 1) -> Prose:
        """What is left when ``count`` paragraphs are taken from the start."""
        kept = tuple(index - count for index in self.headings if index >= count)
        return Prose(self.paragraphs[count:], kept)


def split_blocks(text: str) -> Iterator[list[str]]:
    """The lines of each block between blank lines, right-stripped; indented lines open a block."""
    for chunk in _chunks("\n" + text.strip("\n")):
        lines = [line.rstrip() for line in chunk.split("\n") if line.strip()]
        yield from _split_at_indents(lines)


def _chunks(text: str) -> Iterator[str]:
    at = 0
    for gap in _BLANK.finditer(text):
        yield text[at : gap.start()]
        at = gap.end()
    yield text[at:]


def read_prose(text: str) -> Prose:
    """The paragraphs of a plain text, cross-headings marked and freed of their ``* `` or ``#``."""
    raw = [paragraph for block in split_blocks(text) for paragraph in joined(block)]
    return mark_headings([paragraph for paragraph in raw if not _RULE.match(paragraph)])


def mark_headings(raw: list[str]) -> Prose:
    """A lone short ``* line`` before a paragraph is a cross-heading; several in a row are a list."""
    headings: list[int] = []
    paragraphs: list[str] = []
    for index, text in enumerate(raw):
        marked = _HASHES.match(text) or (_STAR.match(text) if _is_lone_star(raw, index) else None)
        if marked:
            headings.append(index)
            text = text[marked.end() :].rstrip("# \t") if text[0] == "#" else text[marked.end() :]  # noqa: PLW2901 - the marker is no text
        paragraphs.append(text)
    return Prose(tuple(paragraphs), tuple(headings))


def joined(lines: list[str]) -> list[str]:
    """The paragraphs of one block: hard-wrapped lines are joined, others stand for themselves."""
    if not is_wrapped(lines):
        return [collapse(line) for line in lines]
    width = max(map(len, lines))
    paragraphs: list[list[str]] = [[]]
    for index, line in enumerate(lines):
        paragraphs[-1].append(line)
        closed = (
            index + 1 < len(lines) and ends_like_sentence(line) and _would_fit(line, lines[index + 1], width)
        )
        if closed:
            paragraphs.append([])
    return [collapse(" ".join(part)) for part in paragraphs]


def is_wrapped(lines: list[str]) -> bool:
    """Whether somebody broke these lines at a width: the next word would not have fitted."""
    if len(lines) < 2 or any(_LISTED.match(line) or _HASHES.match(line) for line in lines):  # noqa: PLR2004 - a wrap needs two lines
        return False
    width = max(map(len, lines))
    if width not in _WRAP_CHARACTERS:
        return False
    pairs = list(pairwise(lines))
    full = sum(not _would_fit(line, following, width) for line, following in pairs)
    stops = sum(ends_like_sentence(line) for line in lines[:-1])
    return full >= len(pairs) * _WRAPPED_SHARE and stops * 2 <= len(pairs)


def _would_fit(line: str, following: str, width: int) -> bool:
    words = following.split(None, 1)
    return len(line) + 1 + len(words[0] if words else "") <= width - 3


def _is_lone_star(raw: list[str], index: int) -> bool:
    text = raw[index]
    if not _STAR.match(text) or len(text) > _HEADING_CHARACTERS or index + 1 >= len(raw):
        return False
    neighbours = [raw[index + 1], *raw[max(index - 1, 0) : index]]
    return not any(_STAR.match(other) for other in neighbours)


def _split_at_indents(lines: list[str]) -> list[list[str]]:
    if not any(_INDENT.match(line) for line in lines) or all(_INDENT.match(line) for line in lines[1:]):
        return [[line.strip() for line in lines]] if lines else []
    blocks: list[list[str]] = []
    for line in lines:
        if _INDENT.match(line) or not blocks:
            blocks.append([])
        blocks[-1].append(line.strip())
    return blocks
