"""An index of stories on Redis, and a newsroom that uses it."""

from __future__ import annotations

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from services.enrich.story_index import RedisIndex
from tests.integration.enrich.newsroom import Newsroom


@pytest.fixture
def index(redis: Client) -> RedisIndex:
    """An empty index."""
    return RedisIndex(redis)


@pytest.fixture
def newsroom(log: EventLog, index: RedisIndex) -> Newsroom:
    """A log of two partitions and one process that enriches."""
    return Newsroom(log, index)
