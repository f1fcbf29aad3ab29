"""Logs of a shape that some tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.stores import FolderStore
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest


@pytest.fixture
async def narrow_log(redis: Client) -> EventLog:
    """An empty log of one partition: the positions of everything follow each other."""
    return EventLog(redis, await open_manifest(redis, 1))


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Where an archive is."""
    return FolderStore(tmp_path / "archive")


@pytest.fixture
def archived(log: EventLog, store: FolderStore) -> EventLog:
    """An empty log of two partitions with an archive."""
    return EventLog(log.redis, log.manifest, Archive(store, log.manifest.log_id))
