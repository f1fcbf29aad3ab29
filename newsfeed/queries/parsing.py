"""From the text of a query to its parts; whoever made a mistake is told where, and what to do about it.

any = all { "OR" all }      all = one { [ "AND" ] one }      one = "NOT" one | "(" any ")" | clause
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NoReturn, cast

from newsfeed.queries.clauses import (
    OPERATOR_WORDS,
    And,
    Clause,
    Everything,
    Field,
    Not,
    Operator,
    Or,
    Part,
    Query,
    Score,
    Text,
    Urgency,
    leaves,
    selects,
)
from newsfeed.queries.lexing import QueryInvalid, Token, lex
from newsfeed.queries.values import checked_value

MOST_CHARACTERS = 4000
DEEPEST = 30
"""Parentheses and NOTs inside each other."""

FIELDS = ("topic", "entity", "place", "language", "source", "story")
PARTS = ("title", "lead")
MEASURES = ("urgency", "score")
_COMPARISON = re.compile(r"(?P<measure>[^\W\d_]+)(?P<operator><=|>=|<|>|=)(?P<number>.*)", re.DOTALL)
_BEGINS_COMPARISON = re.compile(r"[<>=]")
_SCORED = frozenset({"topic", "entity", "place"})


def parse_query(text: str) -> Query:
    """The query that a text says; raises :class:`QueryInvalid`."""
    if len(text) > MOST_CHARACTERS:
        raise QueryInvalid(
            MOST_CHARACTERS, f"it has {len(text)} characters", f"at most {MOST_CHARACTERS} are read"
        )
    parser = _Parser(text)
    query = parser.any(0)
    parser.end()
    if not selects(query):
        raise QueryInvalid(
            parser.absence_at(),
            "NOT takes away, and nothing says from what",
            "add what is wanted, or * for everything: * NOT ferry",
        )
    return query


class _Parser:
    """The tokens of one query, and how far they were read."""

    def __init__(self, text: str) -> None:
        self._tokens = [*lex(text)]
        self._length = len(text)
        self._at = 0

    def any(self, depth: int) -> Query:
        """Parts between ORs."""
        parts = [self._all(depth)]
        while self._takes("OR"):
            parts.append(self._all(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def end(self) -> None:
        """Raises where anything is left: that can only be a parenthesis."""
        if self._at < len(self._tokens):
            raise QueryInvalid(
                self._tokens[self._at].start, "this ) closes nothing", "take it out, or add a ("
            )

    def absence_at(self) -> int:
        """Where the first NOT stands."""
        return next((one.start for one in self._tokens if one.kind == "bare" and one.text == "NOT"), 0)

    def _all(self, depth: int) -> Query:
        start = self._here()
        parts = [self._one(depth)]
        while self._goes_on():
            parts.append(self._one(depth))
        _check_score(start, parts)
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _goes_on(self) -> bool:
        """Whether another part follows; an AND before it is taken."""
        if self._takes("AND"):
            return True
        following = self._peek()
        return following is not None and following.kind != ")" and not _is_operator(following, "OR")

    def _one(self, depth: int) -> Query:
        token = self._next()
        if depth > DEEPEST:
            raise QueryInvalid(token.start, "it is nested too deeply", f"at most {DEEPEST} levels are read")
        if _is_operator(token, "NOT"):
            return Not(self._one(depth + 1))
        if token.kind == "(":
            return self._group(token, depth)
        if token.kind == ")":
            raise QueryInvalid(token.start, "there is nothing before this )", "put a clause between ( and )")
        if _is_operator(token, "AND", "OR"):
            raise QueryInvalid(
                token.start, f"{token.text} has nothing before it", "it stands between two clauses"
            )
        return self._clause(token)

    def _group(self, opening: Token, depth: int) -> Query:
        query = self.any(depth + 1)
        closing = self._peek()
        if closing is None or closing.kind != ")":
            raise QueryInvalid(opening.start, "this ( is never closed", "add the missing )")
        self._at += 1
        return query

    def _clause(self, token: Token) -> Query:
        if token.kind == "string":
            return Text(_worded(token.text, token.start))
        if token.text == "*":
            return Everything()
        if comparison := _COMPARISON.fullmatch(token.text):
            return _compared(token, comparison)
        name, colon, value = token.text.partition(":")
        if colon:
            return self._field(token, name, value)
        self._check_bare(token)
        return _text(token.text, None, token.start)

    def _check_bare(self, token: Token) -> None:
        """A word that probably means something else is told of."""
        if token.text.lower() in OPERATOR_WORDS:
            upper = token.text.upper()
            raise QueryInvalid(
                token.start,
                f"{token.text} is a word here",
                f'write {upper}, or "{token.text}" if the word is meant',
            )
        if token.text.startswith("-"):
            raise QueryInvalid(
                token.start, "a hyphen excludes nothing", f"write NOT {token.text.lstrip('-')}"
            )
        following = self._peek()
        if token.text in MEASURES and following and _BEGINS_COMPARISON.match(following.text):
            raise QueryInvalid(
                token.start, "there are spaces in a comparison", f"write {token.text}<=3, without them"
            )

    def _field(self, token: Token, name: str, value: str) -> Query:
        start = token.start + len(name) + 1
        quoted = not value
        if quoted:
            following = self._peek()
            if following is None or following.kind != "string" or following.start != token.end:
                raise QueryInvalid(token.start, f"{name}: has no value", "write it right behind the colon")
            value = self._next().text
        if name in PARTS:
            part = cast("Part", name)
            return Text(_worded(value, start), part) if quoted else _text(value, part, start)
        if name not in FIELDS:
            _raise_unknown(token, name)
        return Clause(cast("Field", name), checked_value(name, value, start))

    def _takes(self, word: str) -> bool:
        token = self._peek()
        if token is None or not _is_operator(token, word):
            return False
        self._at += 1
        following = self._peek()
        if following is None or following.kind == ")":
            raise QueryInvalid(token.start, f"{word} has nothing behind it", "add a clause, or take it out")
        return True

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _here(self) -> int:
        token = self._peek()
        return token.start if token else self._length

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise QueryInvalid(
                self._length, "a clause is missing at the end", "such as ferry or topic:16000000"
            )
        self._at += 1
        return token


def _is_operator(token: Token, *words: str) -> bool:
    return token.kind == "bare" and token.text in words


def _raise_unknown(token: Token, name: str) -> NoReturn:
    known = (*FIELDS, *PARTS)
    near = get_close_matches(name.lower(), known, n=1)
    if near:
        hint = f"did you mean {near[0]}:?"
    elif name in MEASURES:
        hint = f"it is compared: {name}{'<=3' if name == 'urgency' else '>=0.6'}"
    else:
        hint = f'known are {", ".join(known)}; put words with a colon in quotes: "{token.text}"'
    raise QueryInvalid(token.start, f"unknown field {name!r}", hint)


def _text(value: str, part: Part | None, start: int) -> Text:
    """A bare word; a star at its end makes it a prefix."""
    is_prefix = value.endswith("*")
    words = value[:-1] if is_prefix else value
    if "*" in words:
        raise QueryInvalid(
            start + words.index("*"), "* stands inside a word", "it can only stand at its end: ukrain*"
        )
    return Text(_worded(words, start), part, is_prefix)


def _worded(words: str, start: int) -> str:
    if not any(character.isalnum() for character in words):
        raise QueryInvalid(start, f"{words!r} has no letter and no digit", "name a word or a phrase")
    return words


def _compared(token: Token, comparison: re.Match[str]) -> Query:
    measure, operator, number = comparison["measure"], comparison["operator"], comparison["number"]
    start = token.start + comparison.start("number")
    if measure not in MEASURES:
        near = get_close_matches(measure.lower(), MEASURES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(MEASURES)}"
        raise QueryInvalid(token.start, f"{measure!r} cannot be compared", hint)
    if measure == "urgency":
        if not re.fullmatch(r"[1-9]", number):
            raise QueryInvalid(start, f"{number!r} is no urgency", "it is a digit from 1 (most) to 9 (least)")
        return Urgency(cast("Operator", operator), int(number))
    if operator != ">=":
        raise QueryInvalid(token.start, "a score can only be a minimum", "write score>=0.6")
    if not re.fullmatch(r"0|1|0?\.[0-9]{1,6}|1\.0{1,6}|0\.[0-9]{1,6}", number):
        raise QueryInvalid(start, f"{number!r} is no score", "it is a number from 0 to 1, such as 0.6")
    return Score(float(number))


def _check_score(start: int, parts: list[Query]) -> None:
    """A minimum counts for what stands beside it; alone it says nothing."""
    if not any(isinstance(part, Score) for part in parts):
        return
    beside = (leaf for part in parts if not isinstance(part, Score) for leaf in leaves(part))
    if not any(isinstance(leaf, Clause) and leaf.field in _SCORED for leaf in beside):
        raise QueryInvalid(
            start,
            "score>= is a minimum for nothing",
            "put it beside a topic, an entity or a place, without OR",
        )
