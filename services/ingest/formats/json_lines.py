"""Several JSON values in one file: a line each, or one after the other."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

_SEPARATOR = "\x1e"
"""What RFC 7464 puts before every value."""

_BAD_LINES = 200
"""So many more bad lines than good ones say that the lines are those of something else."""

_HALF = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)


@dataclass(frozen=True)
class Lines:
    """The values that could be read, and the numbers of the lines that could not."""

    values: list[Any]
    bad: list[int]


def read_lines(text: str) -> Lines | None:
    """The objects of newline-delimited JSON; None when the text is something else.

    One in two lines must be an object: the lines of a broken document are seldom any.
    """
    values: list[Any] = []
    bad: list[int] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip().lstrip(_SEPARATOR).strip()
        if not line:
            continue
        value = _loaded(line)
        if isinstance(value, dict | list):
            values.append(value)
        else:
            bad.append(number)
        if len(bad) > len(values) + _BAD_LINES:
            return _concatenated(text)
    if len(values) + len(bad) > 1 and values and len(values) >= len(bad):
        return Lines(values, bad)
    return _concatenated(text)


def paired(text: str) -> str:
    """JSON in which an escape that is half a character, a surrogate alone, is one that was lost (U+FFFD)."""
    return _HALF.sub(r"\\ufffd", text)


def _loaded(line: str) -> Any:  # noqa: ANN401 - JSON
    for candidate in (line, line.rstrip(",")):
        try:
            return orjson.loads(candidate)
        except orjson.JSONDecodeError:
            continue
    return None


def _concatenated(text: str) -> Lines | None:
    """Objects that stand one after the other, over several lines each; None when one of them breaks."""
    decoder, text = json.JSONDecoder(), paired(text)
    values: list[Any] = []
    place = 0
    while (place := _next(text, place)) < len(text):
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            return None
        values.append(value)
    return Lines(values, []) if len(values) > 1 and all(isinstance(one, dict) for one in values) else None


def _next(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\n\r,\x1e":
        place += 1
    return place
