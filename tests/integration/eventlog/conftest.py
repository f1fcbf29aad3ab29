"""Logs of a shape that some tests need."""

from __future__ import annotations

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest


@pytest.fixture
async def narrow_log(redis: Client) -> EventLog:
    """An empty log of one partition: the positions of everything follow each other."""
    return EventLog(redis, await open_manifest(redis, 1))
