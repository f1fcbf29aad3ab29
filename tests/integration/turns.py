"""Tests that need a real Redis: which of the servers of this machine each runs on, and where lines count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import pytest


def runs_here(item: pytest.Item, servers: Sequence[str]) -> bool:
    """Whether a test runs on the server it was given; one marked ``by_turns`` runs on a single one."""
    if not isinstance(item, pytest.Function) or not item.get_closest_marker("by_turns"):
        return True
    if "server" not in item.fixturenames:  # a neighbour in a module that is marked as a whole
        return True
    asked = str(item.callspec.params["server"])
    return asked not in servers or is_turn(item.name, asked, servers)


def repeats(item: pytest.Item, servers: Sequence[str]) -> bool:
    """Whether the test runs on another server, too: there it reaches the same lines, and counts them."""
    if not isinstance(item, pytest.Function) or item.get_closest_marker("by_turns"):
        return False
    asked = item.callspec.params.get("server") if hasattr(item, "callspec") else None
    return asked in servers[1:]


def is_turn(name: str, asked: str, servers: Sequence[str]) -> bool:
    """Whether it is the turn of one of the servers with the test of this name, such as ``test[asked-0]``.

    It goes by the rest of the name alone, so that every room meets both, and a failure comes back.
    """
    bare = re.sub(rf"(?<=[\[-]){re.escape(asked)}(?=[\]-])", "", name, count=1)
    return servers[crc32(bare.encode()) % len(servers)] == asked
