"""How an event of an older ``schema_version`` is read: step by step it becomes one of the current.

An upcaster turns the JSON object of one version into that of the version after it, by itself: it
knows no model, no clock and no store, so it stays true when the models move on. The registry is
empty as long as every event is at its first version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from newsfeed.errors import EventUnreadable

T = TypeVar("T")
JsonObject = dict[str, Any]

DAMAGED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What an upcaster raises for an object that is not of the version that it claims to be."""


class Upcaster(NamedTuple):
    """One step: from ``from_version`` of a type to the version after it."""

    type: str
    from_version: int
    step: Callable[[JsonObject], JsonObject]


UPCASTERS: tuple[Upcaster, ...] = ()
"""Every step that is known, in any order."""


def upcast(document: JsonObject) -> JsonObject:
    """The document after every step that there is for its type and version; it is not changed itself.

    The version is counted here and not by the steps, so that no chain of them can run in a circle.
    Raises :class:`EventUnreadable` when a step meets an object that it cannot turn.
    """
    kind, version = document["type"], document["schema_version"]
    steps = {(one.type, one.from_version): one.step for one in UPCASTERS}
    while step := steps.get((kind, version)):
        try:
            document = {**step(dict(document)), "type": kind, "schema_version": version + 1}
        except DAMAGED as error:
            detail = f"{kind}: upcasting version {version} failed: {type(error).__name__}"
            raise EventUnreadable("event_unreadable", detail) from error
        version += 1
    return document


def check_chains(current: Mapping[str, int], upcasters: Sequence[Upcaster] | None = None) -> list[str]:
    """What is wrong with the registry, a line each, given the current version of every type.

    Every version below the current one needs exactly one step; any other step leads nowhere.
    """
    counts = Counter((one.type, one.from_version) for one in (UPCASTERS if upcasters is None else upcasters))
    needed = {(kind, version) for kind, newest in current.items() for version in range(1, newest)}
    duplicates = [
        f"{kind}: {count} upcasters from version {version}"
        for (kind, version), count in counts.items()
        if count > 1
    ]
    gaps = [f"{kind}: no upcaster from version {version}" for kind, version in needed - counts.keys()]
    strays = [
        f"{kind}: the upcaster from version {version} leads to no version that there is"
        for kind, version in counts.keys() - needed
    ]
    return sorted(duplicates + gaps + strays)


def parse_event(adapter: TypeAdapter[T], current: Mapping[str, int], data: bytes) -> T:
    """Read an event of the current version as it is, an older one by upcasting it first.

    Raises :class:`EventUnreadable`, whose detail tells an operator why.
    """
    try:
        try:
            return adapter.validate_json(data)
        except ValidationError:
            older = _older(current, data)
            if older is None:
                raise
            return adapter.validate_json(orjson.dumps(upcast(older)))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise EventUnreadable("event_unreadable", f"{where}: {first['msg']}") from error


def _older(current: Mapping[str, int], data: bytes) -> JsonObject | None:
    """The JSON object of an event of an older version; raises :class:`EventUnreadable` for a newer one."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict):
        return None
    kind, version = document.get("type"), document.get("schema_version")
    newest = current.get(kind) if isinstance(kind, str) else None
    if newest is None or type(version) is not int or version == newest:
        return None
    if version > newest:
        detail = f"{kind}: schema_version {version} is newer than {newest}, the newest known here"
        raise EventUnreadable("event_unreadable", detail)
    return document
