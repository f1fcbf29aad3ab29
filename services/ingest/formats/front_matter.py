"""The metadata before a Markdown text: YAML between ``---`` lines or TOML between ``+++`` lines."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import yaml

from services.ingest.article import Rejection

_LIMIT_BYTES = 64 * 1024
_YAML_BLOCK = re.compile(
    r"\A\s*?---[ \t]*\n(?P<inside>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_TOML_BLOCK = re.compile(
    r"\A\s*?\+\+\+[ \t]*\n(?P<inside>.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_OPENED = re.compile(
    r"\A\s*?(?:---[ \t]*\n[\w\"'][\w \"'-]*:(?:\s|$)|\+\+\+[ \t]*\n[\w\"'.-]+[ \t]*=)", re.MULTILINE
)
_TOML_PLACE = re.compile(r"at line (\d+), column (\d+)")


class _AliasRefused(yaml.YAMLError):
    """The front matter refers to a part of itself, by which 254 bytes can mean 28 megabytes."""


class _PlainLoader(yaml.SafeLoader):
    """YAML without anchors and aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """As inherited; raises at the first anchor or alias."""
        event = self.peek_event()  # type: ignore[no-untyped-call] # PyYAML has stubs in part
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _AliasRefused
        return super().compose_node(parent, index)


def opens_with_front_matter(text: str) -> bool:
    """Whether the first lines are a fence and a key."""
    return _OPENED.match(text) is not None


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The metadata (keys in lower case) and the text after it.

    Raises Rejection ``corrupt`` when it is broken, unclosed or no mapping, ``yaml_alias`` when it
    uses anchors or aliases, ``front_matter_too_large`` beyond 64 KiB.
    """
    for pattern, load in ((_YAML_BLOCK, _load_yaml), (_TOML_BLOCK, _load_toml)):
        found = pattern.match(text)
        if not found:
            continue
        inside = found["inside"]
        if len(inside.encode()) > _LIMIT_BYTES:
            raise Rejection("front_matter_too_large", f"more than {_LIMIT_BYTES} bytes")
        return {str(key).strip().casefold(): value for key, value in load(inside).items()}, text[
            found.end() :
        ]
    if opens_with_front_matter(text):
        raise Rejection("corrupt", "front matter is not closed")
    return {}, text


def _load_yaml(inside: str) -> dict[Any, Any]:
    try:
        loaded = yaml.load(inside, Loader=_PlainLoader)  # noqa: S506 - a SafeLoader that refuses even more
    except _AliasRefused:
        raise Rejection("yaml_alias", "front matter uses an anchor or alias") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 2}, column {mark.column + 1}" if mark else "unknown place"
        raise Rejection("corrupt", f"YAML front matter: {where}") from None
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise Rejection("corrupt", f"YAML front matter: {type(error).__name__}") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise Rejection("corrupt", "YAML front matter is not a mapping")
    return loaded


def _load_toml(inside: str) -> dict[str, Any]:
    try:
        return tomllib.loads(inside)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = _TOML_PLACE.search(str(error))
        where = f"line {int(place[1]) + 1}, column {place[2]}" if place else "unknown place"
        raise Rejection("corrupt", f"TOML front matter: {where}") from None
