"""Tests that need a real Redis but do not ask which: each runs on one of the servers of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zlib import crc32

import pytest


def runs_here(item: pytest.Item, servers: Sequence[str]) -> bool:
    """Whether a test runs on the server it was given; one marked ``by_turns`` runs on a single one."""
    if not isinstance(item, pytest.Function) or not item.get_closest_marker("by_turns"):
        return True
    asked = str(item.callspec.params["server"])
    return asked not in servers or is_turn(item.name, asked, servers)


def is_turn(name: str, asked: str, servers: Sequence[str]) -> bool:
    """Whether it is the turn of one of the servers with the test of this name, such as ``test[asked-0]``.

    It goes by the rest of the name alone, so that every room meets both, and a failure comes back.
    """
    bare = re.sub(rf"(?<=[\[-]){re.escape(asked)}(?=[\]-])", "", name, count=1)
    return servers[crc32(bare.encode()) % len(servers)] == asked
