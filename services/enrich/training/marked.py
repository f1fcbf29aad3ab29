"""Text with its names marked inline, as ``Le maire de [Lyon|LOC] a parlé.``: the form that people write.

One line is one sentence. Empty lines and lines that begin with ``#`` mean nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from services.enrich.text import tokenise

MARK = re.compile(r"\[([^\[\]|]+)\|(PER|LOC|ORG)\]")
OUTSIDE = "O"


class Tagged(NamedTuple):
    """A token and its IOB2 tag: ``O``, or ``B-`` or ``I-`` before PER, LOC or ORG."""

    text: str
    tag: str


class Marked(NamedTuple):
    """Plain text and its names as ``(start, end, type)`` in code points, in order."""

    text: str
    names: tuple[tuple[int, int, str], ...]


def lines(path: Path) -> Iterator[str]:
    """The lines of a file that are neither empty nor comments, stripped."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if (bare := line.strip()) and not bare.startswith("#"):
            yield bare


def read(line: str) -> Marked:
    """The line without its marks; a bracket or bar that is part of no mark is a ``ValueError``."""
    parts: list[str] = []
    names: list[tuple[int, int, str]] = []
    length = last = 0
    for mark in MARK.finditer(line):
        between = line[last : mark.start()]
        start = length + len(between)
        parts += between, mark[1]
        length = start + len(mark[1])
        names.append((start, length, mark[2]))
        last = mark.end()
    text = "".join([*parts, line[last:]])
    if set("[]|") & set(text):
        raise ValueError(f"a mark is not [name|TYPE]: {line}")
    return Marked(text, tuple(names))


def tag(line: str) -> list[Tagged]:
    """The tokens of a marked line; a name that is not made of whole tokens is a ``ValueError``."""
    text, names = read(line)
    tokens = tokenise(text)
    tags = [OUTSIDE] * len(tokens)
    starts = {token.start: index for index, token in enumerate(tokens)}
    ends = {token.end: index for index, token in enumerate(tokens)}
    for start, end, kind in names:
        if start not in starts or end not in ends:
            raise ValueError(f"{text[start:end]!r} is not made of whole tokens: {text}")
        first, last = starts[start], ends[end]
        tags[first : last + 1] = [f"B-{kind}", *[f"I-{kind}"] * (last - first)]
    return [Tagged(token.text, one) for token, one in zip(tokens, tags, strict=True)]


def to_iob2(sentences: Iterable[list[Tagged]]) -> str:
    """One ``token<TAB>tag`` a line, an empty line after each sentence."""
    return "".join("".join(f"{text}\t{tag}\n" for text, tag in sentence) + "\n" for sentence in sentences)
