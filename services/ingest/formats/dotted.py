"""Values at a path of somebody else's JSON: ``headline.main``, ``byline.0.name``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_VALUE_KEYS = (
    *("rendered", "#text", "$t", "_", "value", "__cdata", "main", "content", "text", "original", "name"),
    *("title", "label", "term", "href", "url", "src", "source_url"),
)
"""Where an object that stands for a text keeps it: WordPress, XML turned into JSON, content APIs."""

_DEEPEST = 6


def at(value: object, path: str) -> object:
    """What stands at ``path``; a list on the way gives the values of all its members; None without any.

    A key that holds the dots itself comes first.
    """
    if isinstance(value, dict) and path in value:
        return value[path]
    head, _, rest = path.partition(".")
    if isinstance(value, list):
        if head.isdigit():
            inner = value[int(head)] if int(head) < len(value) else None
        else:
            found = [member for one in value if (member := at(one, path)) not in (None, "", [])]
            return found or None
    else:
        inner = value.get(head) if isinstance(value, dict) else None
    return at(inner, rest) if rest else inner


def text_in(value: object) -> str | None:
    """The first text or number that ``value`` means."""
    return next(texts_in(value), None)


def texts_in(value: object, depth: int = 0) -> Iterator[str]:
    """Every text that ``value`` means: itself, those of a list, and of objects what they stand for."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        text = str(value).strip()
        if text and text not in {"None", "nan", "NaN", "null"}:
            yield text
    elif isinstance(value, list) and depth < _DEEPEST:
        for member in value:
            yield from texts_in(member, depth + 1)
    elif isinstance(value, dict) and depth < _DEEPEST:
        yield from _named(value, depth)


def _named(value: dict[str, Any], depth: int) -> Iterator[str]:
    for key in _VALUE_KEYS:
        if found := list(texts_in(value.get(key), depth + 1)):
            yield from found
            return
    if first := str(value.get("firstname") or value.get("first_name") or "").strip():
        last = str(value.get("lastname") or value.get("last_name") or "").strip()
        yield f"{first} {last}".strip()
