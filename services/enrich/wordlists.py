"""The word lists that the name rules read, each a text file in ``data/``.

A list has ``[section]`` lines; other lines are words separated by blanks, ``#`` begins a comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from services.enrich.text import fold


def lines(name: str) -> Iterator[str]:
    """The lines of a data file that are neither empty nor comments, stripped."""
    for line in files("services.enrich").joinpath("data", name).read_text(encoding="utf-8").splitlines():
        bare = line.split("#", 1)[0].strip()
        if bare:
            yield bare


@cache
def sections(name: str) -> Mapping[str, frozenset[str]]:
    """Section to its words, folded as token keys are."""
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in lines(name):
        if line.startswith("["):
            words = found.setdefault(line.strip("[]"), set())
        else:
            words.update(fold(word) for word in line.split())
    return {section: frozenset(members) for section, members in found.items()}
