"""A log whose times the test says, and a publisher for it."""

from __future__ import annotations

import pytest

from newsfeed.bundles import assembled
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


@pytest.fixture
def bundle(channel: Channel) -> Channel:
    """The same channel in two sections: some of the articles, and the rest."""
    some = Channel(name="some", title="Some", immediate=True, query="b OR d OR changing")
    rest = Channel(name="rest", title="The rest", immediate=True)
    whole = channel.model_copy(update={"bundle": ("some", "rest")})
    return assembled([some, rest, whole])[channel.name]
