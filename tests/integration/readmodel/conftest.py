"""A log with events in it, and a version of a read model for it."""

from __future__ import annotations

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.readmodel.store import ModelStore
from newsfeed.testing.bulk import fill
from newsfeed.testing.tally import TALLY, Tally


@pytest.fixture
async def filled(log: EventLog) -> EventLog:
    """A log of 400 events of 100 articles."""
    await fill(log, 400)
    return log


@pytest.fixture
async def tally(log: EventLog) -> ModelStore[Tally]:
    """An empty version of a projection that forgives nothing."""
    store = ModelStore(log, TALLY, 1)
    await store.begin()
    return store
