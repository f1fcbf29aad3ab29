"""The Lua scripts of the log, from the files beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from redis.commands.core import AsyncScript

from newsfeed.eventlog.connection import Client


@cache
def source(name: str) -> str:
    """The text of ``lua/<name>.lua``; its head tells keys, arguments and replies."""
    return files("newsfeed.eventlog").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")


def script(redis: Client, name: str) -> AsyncScript:
    """A script that survives a restart of the server and SCRIPT FLUSH (EVALSHA, then EVAL)."""
    return redis.register_script(source(name))
