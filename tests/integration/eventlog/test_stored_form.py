"""The samples under `tests/golden` have the form that a real log gives to events."""

from __future__ import annotations

from typing import Any

from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.events import ArticleIngested
from newsfeed.testing.samples import samples, stored_form


async def test_a_log_stores_the_form_that_the_samples_have(log: EventLog) -> None:
    """A corpus in a form of its own would prove nothing about stored events."""
    event = next(one for one in samples() if isinstance(one, ArticleIngested))

    await log.append(0, [Append(event)])

    [(_, fields)] = await raw_entries(log)
    [entry] = [entry async for entry in log.read(0)]
    assert fields[FIELD_DATA] == stored_form(entry.readable())


async def raw_entries(log: EventLog) -> Any:  # noqa: ANN401 # redis-py's
    """What stands in the stream."""
    return await log.redis.xrange(streams.log(0))
