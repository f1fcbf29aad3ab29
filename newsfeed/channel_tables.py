"""Channels as an editor writes them: ``[[channels]]`` tables of ``newsfeed.toml``, and the like.

Everything that can be wrong with one is said in the editor's words: which channel, which field, what is
allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from newsfeed.bundles import bundle_problems
from newsfeed.channels import Channel
from newsfeed.errors import ChannelInvalid

UNKNOWABLE_DEFAULT = "default_factory_not_called"
"""The echo of another field's error in a field whose default depends on it; nothing to tell an editor."""


def parse_channels(toml_text: str) -> tuple[Channel, ...]:
    """The channels of a configuration text, in its order; other tables of it are left alone.

    Its bundles are made of channels of the same text.

    Raises :class:`ChannelInvalid` with everything that is wrong, not only the first of it.
    """
    problems: list[str] = []
    channels: list[Channel] = []
    tables = _tables(toml_text)
    for number, table in enumerate(tables, start=1):
        try:
            channels.append(channel_of_table(table, f"number {number}"))
        except ChannelInvalid as error:
            problems += error.problems
    names = [channel.name for channel in channels]
    repeated = sorted({name for name in names if names.count(name) > 1})
    problems += [f"channel {name}: name: there are {names.count(name)} channels of it" for name in repeated]
    known = {str(table.get("name")): () for table in tables} | {one.name: one.bundle for one in channels}
    problems += [problem for channel in channels for problem in bundle_problems(channel, known)]
    if problems:
        raise ChannelInvalid(*problems)
    return tuple(channels)


def channel_of_table(table: Mapping[str, object], called: str) -> Channel:
    """One channel by its keys and values; ``called`` stands for a name that is missing.

    Raises :class:`ChannelInvalid` with everything that is wrong.
    """
    try:
        return Channel.model_validate(table)
    except ValidationError as error:
        shown = f"channel {table.get('name', called)!s}"
        details = [one for one in error.errors(include_url=False) if one["type"] != UNKNOWABLE_DEFAULT]
        raise ChannelInvalid(*(f"{shown}: {_explain(detail)}" for detail in details)) from error


def load_channels(path: Path) -> tuple[Channel, ...]:
    """The channels of a configuration file (UTF-8).

    Raises :class:`ChannelInvalid`, also when there is no such file; the messages name the file.
    """
    try:
        return parse_channels(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ChannelInvalid(f"{path} cannot be read: {error}") from error
    except ChannelInvalid as error:
        raise ChannelInvalid(*(f"{path}: {problem}" for problem in error.problems)) from error


def _tables(toml_text: str) -> list[dict[str, object]]:
    try:
        found = tomllib.loads(toml_text).get("channels", [])
    except tomllib.TOMLDecodeError as error:
        raise ChannelInvalid(f"the text is not TOML: {error}") from error
    if not isinstance(found, list) or not all(isinstance(table, dict) for table in found):
        raise ChannelInvalid("channels: begin each channel with a line [[channels]], in double brackets")
    return found


def _explain(detail: ErrorDetails) -> str:
    """A problem of one field in a line: the field, what is wrong, what is allowed."""
    message = detail["msg"].removeprefix("Value error, ")
    if not detail["loc"]:
        return f"cadence: {message}"
    key = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(key, Channel.model_fields, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(Channel.model_fields)}"
        return f"{key}: unknown key; {hint}"
    allowed = Channel.model_fields[key].description
    if detail["type"] == "missing":
        return f"{key}: is missing; allowed is {allowed}"
    place = "".join(f"[{part}]" for part in detail["loc"][1:] if isinstance(part, int))
    if detail["type"] != "value_error":
        message = f"{detail['input']!r} is not allowed"
    return f"{key}{place}: {message}; allowed is {allowed}"
