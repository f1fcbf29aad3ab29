"""A log whose times the test says, and a publisher for it."""

from __future__ import annotations

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.testing.timeline import Timeline


@pytest.fixture
async def log(redis: Client) -> EventLog:
    """An empty log of three partitions."""
    return EventLog(redis, await open_manifest(redis, 3))


@pytest.fixture
def timeline(log: EventLog) -> Timeline:
    """The log, with times of the test's choice."""
    return Timeline(log)


@pytest.fixture
def channel() -> Channel:
    """Everything, once a minute."""
    return Channel(name="latest", title="Latest", every_seconds=60)
