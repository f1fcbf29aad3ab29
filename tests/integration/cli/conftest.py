"""The command on a real Redis, with a small town's news in it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newsfeed.cli.app import create
from newsfeed.eventlog import EventLog
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.answers import Answer, Ask
from newsfeed.testing.town import Town, build_town

CHANNELS = """
[[channels]]
name = "latest"
title = "Latest"
every_seconds = 2
"""


@pytest.fixture
def environment(server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The settings of a command, also set in this process."""
    config = tmp_path / "newsfeed.toml"
    config.write_text(CHANNELS)
    values = {
        "NEWSFEED_REDIS_URL": server.url,
        "NEWSFEED_VAR": str(tmp_path / "var"),
        "NEWSFEED_CONFIG": str(config),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


@pytest.fixture
def ask(environment: dict[str, str]) -> Ask:
    """Runs a command in this process, in a thread of its own."""
    assert environment

    async def run(*arguments: str) -> Answer:
        result = await asyncio.to_thread(CliRunner().invoke, create(*arguments[:1]), list(arguments))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
async def town(log: EventLog) -> Town:
    """The town's log and channel."""
    return await build_town(log)
