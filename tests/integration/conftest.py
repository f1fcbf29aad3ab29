"""What integration tests need beside the shipped fixtures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import cast

import pytest

from newsfeed.eventlog.connection import Client
from newsfeed.testing.fixtures import servers
from tests.integration.turns import repeats, runs_here


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another server has its turn with; count lines on one, since counting takes long."""
    elsewhere = {item for item in items if not runs_here(item, servers())}
    config.hook.pytest_deselected(items=[*elsewhere])
    items[:] = [item for item in items if item not in elsewhere]
    for item in items:
        if repeats(item, servers()):
            item.add_marker("no_cover")


@pytest.fixture
async def configure(redis: Client) -> AsyncIterator[Callable[[str, str], Awaitable[None]]]:
    """Sets a parameter of the server, for this test only."""
    before: dict[str, str] = {}

    async def change(name: str, value: str) -> None:
        stored = cast("Mapping[str | bytes, str | bytes]", await redis.config_get(name))
        before.update({_text(key): _text(old) for key, old in stored.items()})
        await redis.config_set(name, value)

    yield change
    for name, value in before.items():
        await redis.config_set(name, value)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
