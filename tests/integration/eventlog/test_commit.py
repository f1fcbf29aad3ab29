"""The one call that everything stands on: what it promises when all is well, and when it is not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, LogDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.leases import Lease, Leases
from newsfeed.events import ArticleEnriched, ArticleIngested
from newsfeed.testing.facts import document, enrichment_append, version_append, withdrawn_append

GROUP = "enrich"


async def lease_of(log: EventLog, owner: str = "me") -> Lease:
    await ensure_group(log, GROUP)
    lease = await Leases(log.redis, GROUP, owner, 60).acquire(0)
    assert lease
    return lease


async def read_group(log: EventLog, count: int = 100) -> list[int]:
    consumer = streams.consumer(0, GROUP)
    reply: Any = await log.redis.xreadgroup(GROUP, consumer, {streams.log(0): ">"}, count=count)
    return [int(stream_id.split(b"-")[1]) for _, page in reply for stream_id, _ in page]


async def test_positions_are_contiguous_from_one(log: EventLog) -> None:
    """Gap detection, lag and exactly-once are integer comparisons only if no position is left out."""
    first = await log.append(0, [version_append("a"), version_append("b")])
    second = await log.append(0, [version_append("c")])

    assert first == [1, 2]
    assert second == [3]
    assert [entry.position async for entry in log.read(0)] == [1, 2, 3]


async def test_the_log_adds_position_and_time_to_the_event(log: EventLog) -> None:
    """A plain reader of the stream must see both; they are known only inside the script."""
    await log.append(0, [version_append("a"), version_append("b")])

    events = [entry.readable() async for entry in log.read(0)]

    assert [event.position for event in events] == [1, 2]
    assert all(event.recorded_at is not None for event in events)


async def test_the_time_of_record_is_the_servers(log: EventLog) -> None:
    """The civil date computed in Lua must be the date of the server's clock."""
    before = (await log.redis.time())[0]

    await log.append(0, [version_append("a")])

    entry = await log.entry(0, 1)
    assert entry
    recorded_at = entry.readable().recorded_at
    assert recorded_at
    after = (await log.redis.time())[0]
    assert before <= int(recorded_at.timestamp()) <= after


async def test_the_time_of_record_never_falls(log: EventLog) -> None:
    """Windows are cut by it: a clock that is set back must not put a new event into a closed window."""
    await log.append(0, [version_append("a")])
    future_us = 4_102_444_800_000_000  # 2100-01-01
    await log.redis.hset(streams.tail(0), "r", str(future_us))

    await log.append(0, [version_append("b")])

    entry = await log.entry(0, 2)
    assert entry
    recorded_at = entry.readable().recorded_at
    assert recorded_at
    assert recorded_at.isoformat()[:19] == "2100-01-01T00:00:00"


async def test_an_event_appended_twice_is_stored_once(log: EventLog) -> None:
    """A lost reply makes every writer repeat itself."""
    await log.append(0, [version_append("a"), version_append("b")])

    again = await log.append(0, [version_append("b"), version_append("a"), version_append("c")])

    assert again == [-2, -1, 3]


async def test_an_old_event_is_recognised_behind_many_newer_ones(log: EventLog) -> None:
    """Idempotency has no window: the article's own chain is walked, not a set of recent ids."""
    for version in range(1, 51):
        await log.append(0, [version_append("a", version)])

    assert await log.append(0, [version_append("a", 1)]) == [-1]


async def test_a_wrong_expected_version_writes_nothing(log: EventLog) -> None:
    """One conflict anywhere refuses the whole batch: there is no half of a batch."""
    await log.append(0, [version_append("a")])

    with pytest.raises(LogConflict) as conflict:
        await log.append(0, [version_append("b"), version_append("a", 3), version_append("c")])

    assert (conflict.value.index, conflict.value.version) == (1, 1)
    assert await log.tail(0) == 1


async def test_another_event_for_the_same_version_conflicts(log: EventLog) -> None:
    """Two writers that both saw version 1 cannot both write version 2."""
    await log.append(0, [version_append("a")])
    await log.append(0, [version_append("a", 2, document(body="Mine."))])

    with pytest.raises(LogConflict):
        await log.append(0, [version_append("a", 2, document(body="Yours."))])


async def test_versions_rise_inside_one_batch(log: EventLog) -> None:
    """A batch may hold several versions of one article."""
    await log.append(0, [version_append("a", 1), version_append("a", 2), withdrawn_append("a", 3)])

    assert (await log.heads(["a"]))["a"].version == 3


async def test_texts_stand_once_and_beside_the_log(log: EventLog) -> None:
    """No entry of the log may hold text: that is what makes erasing it possible."""
    text = document(title="A rare headline", body="With a rare body.")
    await log.append(0, [version_append("a", 1, text), version_append("b", 1, text)])

    entries: Any = await log.redis.xrange(streams.log(0))
    stored = b"".join(value for _, fields in entries for value in fields.values())

    assert b"rare" not in stored
    assert {text.sha256: text} == await log.articles(0, [text.sha256])
    assert len([key async for key in log.redis.scan_iter("*:content:*")]) == 1


async def test_an_erased_text_does_not_come_back(log: EventLog) -> None:
    """A take-down must survive the same text arriving again."""
    text = document()
    await log.append(0, [version_append("a", 1, text)])
    await log.redis.set(streams.content(0, text.sha256), ERASED)

    await log.append(0, [version_append("b", 1, text)])

    assert await log.articles(0, [text.sha256]) == {}


async def test_a_stranger_in_the_log_stops_every_append(log: EventLog) -> None:
    """A foreign entry would break the positions; it must be loud, not papered over."""
    await log.append(0, [version_append("a")])
    await log.redis.xadd(streams.log(0), {"x": "y"})

    with pytest.raises(LogDamaged):
        await log.append(0, [version_append("b")])


async def test_a_deleted_log_stops_every_append(log: EventLog) -> None:
    """A log that was deleted under its tail record must not begin again at 1."""
    await log.append(0, [version_append("a")])
    await log.redis.delete(streams.log(0))

    with pytest.raises(LogDamaged):
        await log.append(0, [version_append("b")])


async def test_a_gap_stops_every_reader(log: EventLog) -> None:
    """A projection that steps over a hole is wrong for ever."""
    await log.append(0, [version_append(name) for name in "abc"])
    await log.redis.xdel(streams.log(0), "0-2")

    with pytest.raises(LogDamaged, match="position 2"):
        _ = [entry async for entry in log.read(0)]


async def test_acknowledging_and_appending_are_one_step(log: EventLog) -> None:
    """Two commands would give a duplicate after a crash between them."""
    await log.append(0, [version_append("a")])
    lease = await lease_of(log)
    assert await read_group(log) == [1]
    cause = await log.entry(0, 1)
    assert cause
    assert isinstance(cause.event, ArticleIngested)
    derived = enrichment_append(cause.event)

    first = await log.commit(0, [derived], lease=lease, acks=[1])
    again = await log.commit(0, [derived], lease=lease, acks=[1])

    assert (first, again) == ([2], [0])
    pending = await log.redis.xpending(streams.log(0), GROUP)
    assert pending["pending"] == 0


async def test_a_derived_event_leaves_the_version_alone(log: EventLog) -> None:
    """If enrichment counted, every revision would have to race with it."""
    await log.append(0, [version_append("a")])
    cause = await log.entry(0, 1)
    assert cause
    assert isinstance(cause.event, ArticleIngested)

    await log.append(0, [enrichment_append(cause.event)])
    await log.append(0, [version_append("a", 2)])

    history = await log.history("a")
    assert [entry.version for entry in history] == [1, 1, 2]
    assert isinstance(history[1].event, ArticleEnriched)


async def test_an_owner_that_was_replaced_cannot_write(log: EventLog) -> None:
    """A process that slept through its lease must be stopped by the log, not by its own clock."""
    stale = await lease_of(log, "stale")
    await log.append(0, [version_append("a")])
    await log.redis.delete(streams.lease(0, GROUP))
    assert await Leases(log.redis, GROUP, "fresh", 60).acquire(0)
    assert await read_group(log) == [1]

    with pytest.raises(LeaseLost):
        await log.commit(0, [], lease=stale, acks=[1])


async def test_acknowledging_past_a_pending_entry_is_refused(log: EventLog) -> None:
    """An entry that a frozen owner still took would stay pending for ever, and order would be lost."""
    await log.append(0, [version_append("a"), version_append("b")])
    lease = await lease_of(log)
    assert await read_group(log, 1) == [1]
    assert await read_group(log, 1) == [2]

    with pytest.raises(LogBehind) as behind:
        await log.commit(0, [], lease=lease, acks=[2])

    assert behind.value.position == 1


async def test_racing_writers_leave_no_gap_and_no_double(log: EventLog) -> None:
    """Optimistic concurrency: of many writers of one version exactly one wins."""

    async def write(writer: int) -> int:
        won = 0
        for version in range(1, 11):
            try:
                answer = await log.append(0, [version_append("a", version, document(body=f"By {writer}."))])
            except LogConflict:
                continue
            won += answer[0] > 0
        return won

    wins = await asyncio.gather(*(write(writer) for writer in range(8)))

    assert 10 == sum(wins) == (await log.heads(["a"]))["a"].version
    assert await log.tail(0) == 10


async def test_the_newest_version_is_found_behind_late_enrichments(log: EventLog) -> None:
    """Enrichment of version 1 may be appended after version 2."""
    await log.append(0, [version_append("a"), version_append("a", 2)])
    cause = await log.entry(0, 1)
    assert cause
    assert isinstance(cause.event, ArticleIngested)
    await log.append(0, [enrichment_append(cause.event)])

    newest = await log.newest_versions(["a", "unknown"])
    earlier = await log.newest_versions(["a"], {0: 1, 1: 1})

    assert {article: event.version for article, event in newest.items()} == {"a": 2}
    assert earlier["a"].version == 1 if log.partition_of("a") == 0 else True
