"""What a commit does to Redis itself; what any log promises is in ``newsfeed.testing.conformance``."""

from __future__ import annotations

from typing import Any

import pytest

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.content import ERASED
from newsfeed.testing.facts import document, erased_append, version_append, version_at


async def test_the_time_of_record_is_the_servers(log: EventLog) -> None:
    """The civil date computed in Lua must be the date of the server's clock."""
    before = (await log.redis.time())[0]

    await log.append(0, [version_append("a")])

    recorded_at = (await version_at(log, 1)).recorded_at
    assert recorded_at
    after = (await log.redis.time())[0]
    assert before <= int(recorded_at.timestamp()) <= after


async def test_texts_stand_once_and_beside_the_log(log: EventLog) -> None:
    """No entry of the log may hold text: that is what makes erasing it possible."""
    text = document(title="A rare headline", body="With a rare body.")
    await log.append(0, [version_append("a", 1, text), version_append("b", 1, text)])

    entries: Any = await log.redis.xrange(streams.log(0))
    stored = b"".join(value for _, fields in entries for value in fields.values())

    assert b"rare" not in stored
    assert len([key async for key in log.redis.scan_iter("*:content:*")]) == 1


async def test_an_erased_text_leaves_a_mark(log: EventLog) -> None:
    """An absent text is damage, an erased one is not: `verify` must be able to tell them apart."""
    text = document()
    await log.append(0, [version_append("a", 1, text), erased_append("a", 2, text.sha256)])

    assert await log.redis.get(streams.content(0, text.sha256)) == ERASED


async def test_a_deleted_log_stops_every_append(log: EventLog) -> None:
    """A log that was deleted under its tail record must not begin again at 1."""
    await log.append(0, [version_append("a")])
    await log.redis.delete(streams.log(0))

    with pytest.raises(LogDamaged):
        await log.append(0, [version_append("b")])
