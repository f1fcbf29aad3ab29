"""The parts of a query, as values. ``str`` writes each so that it reads back as the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Field = Literal["topic", "entity", "place", "language", "source", "story"]
Part = Literal["title", "lead"]
Operator = Literal["<", "<=", "=", ">=", ">"]

OPERATOR_WORDS = frozenset({"and", "or", "not"})

_BARE = re.compile(r"[^\s()\"“”„«»*<>=:-][^\s()\"“”„«»*<>=:]*")
_BARE_VALUE = re.compile(r"[^\s()\"“”„«»*]+")


@dataclass(frozen=True, slots=True)
class Everything:
    """``*``: every article."""

    def __str__(self) -> str:
        return "*"


@dataclass(frozen=True, slots=True)
class Clause:
    """What an article has: ``topic:16000000``, ``place:UA``.

    ``value`` of a topic is ``medtop:`` and eight digits; of a place two capital letters (a country), an
    id with a scheme, or a name.
    """

    field: Field
    value: str

    def __str__(self) -> str:
        return f"{self.field}:{_value(self.value.removeprefix('medtop:'))}"


@dataclass(frozen=True, slots=True)
class Text:
    """Words side by side in the text, or in a ``part`` of it; with ``is_prefix`` the last may go on."""

    words: str
    part: Part | None = None
    is_prefix: bool = False

    def __str__(self) -> str:
        field = f"{self.part}:" if self.part else ""
        if self.is_prefix:
            return f"{field}{self.words}*"
        if self.part:
            return field + _value(self.words)
        is_plain = _BARE.fullmatch(self.words) and self.words.lower() not in OPERATOR_WORDS
        return self.words if is_plain else _quoted(self.words)


@dataclass(frozen=True, slots=True)
class Urgency:
    """How urgent its source says an article is: 1 the most, 9 the least."""

    operator: Operator
    value: int

    def __str__(self) -> str:
        return f"urgency{self.operator}{self.value}"


@dataclass(frozen=True, slots=True)
class Score:
    """What topics, entities and places beside it, and in the parentheses beside it, must reach: 0 to 1."""

    minimum: float

    def __str__(self) -> str:
        return f"score>={self.minimum:g}"


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be met."""

    part: Query

    def __str__(self) -> str:
        return f"NOT {_grouped(self.part)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more must be met."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " AND ".join(map(_grouped, self.parts))


@dataclass(frozen=True, slots=True)
class Or:
    """One of two or more is enough."""

    parts: tuple[Query, ...]

    def __str__(self) -> str:
        return " OR ".join(map(_grouped, self.parts))


Query = Everything | Clause | Text | Urgency | Score | Not | And | Or


def leaves(query: Query) -> Iterator[Query]:
    """Every part of a query that has no parts itself, in order."""
    match query:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield query


def selects(query: Query) -> bool:
    """Whether something must be there for it to be met: ``NOT x`` is met by what is not there."""
    match query:
        case And(parts):
            return any(map(selects, parts))
        case Or(parts):
            return all(map(selects, parts))
        case Not() | Score():
            return False
        case _:
            return True


def _grouped(part: Query) -> str:
    return f"({part})" if isinstance(part, And | Or) else str(part)


def _value(value: str) -> str:
    return value if _BARE_VALUE.fullmatch(value) else _quoted(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
