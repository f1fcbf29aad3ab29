"""The text of a query cut into parentheses, strings in quotes and bare words, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["(", ")", "string", "bare"]

_TOKEN = re.compile(r"""\s*(?:(?P<mark>[()])|"(?P<string>(?:[^"\\]|\\.)*)"|(?P<bare>[^\s()"]+))""", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CURLY = re.compile("[“”„«»]")


class QueryInvalid(ValueError):
    """A query that cannot be read: where (``position``, from 1), why, and a ``hint`` what to do."""

    def __init__(self, start: int, problem: str, hint: str) -> None:
        super().__init__(f"at character {start + 1}: {problem}; {hint}")
        self.position = start + 1
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]`` of a query; ``text`` is what it stands for."""

    kind: Kind
    text: str
    start: int
    end: int


def lex(query: str) -> Iterator[Token]:
    """The tokens in order; raises :class:`QueryInvalid` for a quotation mark without its second."""
    at = 0
    end = len(query.rstrip())
    while at < end:
        found = _TOKEN.match(query, at)
        if found is None:
            start = query.index('"', at)
            raise QueryInvalid(start, "a phrase has no end", 'close it with a second "')
        at = found.end()
        yield _token(found)


def _token(found: re.Match[str]) -> Token:
    start = found.start(found.lastgroup or 0)
    if mark := found["mark"]:
        return Token("(" if mark == "(" else ")", mark, start, found.end())
    if (bare := found["bare"]) is None:
        return Token("string", _ESCAPE.sub(r"\1", found["string"]), start - 1, found.end())
    if curly := _CURLY.search(bare):
        raise QueryInvalid(
            start + curly.start(), f"{curly[0]} is no quotation mark here", 'use straight ones: "'
        )
    return Token("bare", bare, start, found.end())
