"""The floor of a trim is what every reader is done with; what is not known is never guessed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog import trimming as trimming_module
from newsfeed.eventlog.checkpoints import advance, checkpoint
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.trimming import Trim, trim
from newsfeed.testing.archives import archive_all, archive_of, finish_groups
from newsfeed.testing.facts import version_append

GROUP = streams.ENRICH

Situation = Callable[[EventLog], Awaitable[object]]


@pytest.fixture
async def ripe(archived: EventLog) -> EventLog:
    """Twenty events that nobody needs any more."""
    await archived.append(0, [version_append(f"n{number}") for number in range(20)])
    await archive_all(archived)
    await finish_groups(archived)
    return archived


async def read_group(log: EventLog, count: int, group: str = GROUP) -> list[int]:
    """Let a group read; the positions that are pending then."""
    consumer = streams.consumer(0, group)
    reply: Any = await log.redis.xreadgroup(group, consumer, {streams.log(0): ">"}, count=count)
    return [int(stream_id.split(b"-")[1]) for _, page in reply for stream_id, _ in page]


async def rewind(log: EventLog, position: int) -> None:
    """The group has read up to there and nothing behind it."""
    await log.redis.xgroup_setid(streams.log(0), GROUP, entry_id(position))


async def leave_pending(log: EventLog) -> None:
    """The group has read all, and did not come to 8."""
    await rewind(log, 0)
    positions = await read_group(log, 20)
    await log.redis.xack(streams.log(0), GROUP, *(entry_id(p) for p in positions if p != 8))


async def bury(log: EventLog) -> None:
    """The event at 5 is a dead letter."""
    await rewind(log, 4)
    await kill_next(log, GROUP)
    await rewind(log, 20)


async def kill_next(log: EventLog, group: str) -> None:
    """The next event of a group becomes a dead letter."""
    [position] = await read_group(log, 1, group)
    entry = await log.entry(0, position)
    assert entry
    lease = await Leases(log.redis, group, "me", 60).acquire(0)
    letter = DeadLetter.of(entry, ValueError(), group, 0, 5)
    await log.commit(0, [], lease=lease, acks=[position], dead=[letter])


async def bury_elsewhere(log: EventLog) -> None:
    """A group that is not one of ours has a dead letter, too."""
    await log.redis.xgroup_create(streams.log(0), "audit", id=entry_id(6))
    await kill_next(log, "audit")
    await log.redis.xgroup_setid(streams.log(0), "audit", entry_id(20))


async def new_group(log: EventLog) -> None:
    """A stranger made a group, and begins at the beginning."""
    await log.redis.xgroup_create(streams.log(0), "audit", id="0")


async def project(log: EventLog) -> None:
    await log.redis.hset(streams.PROJECTIONS, "articles", orjson.dumps({"live": 2, "kept": [1, 2]}))
    await advance(log.redis, "articles:1", {0: 13})
    await advance(log.redis, "articles:2", {0: 17})


async def append_one(log: EventLog) -> None:
    await log.append(0, [version_append("unarchived")])
    await finish_groups(log)


HOLDERS: dict[str, tuple[Situation, int, str]] = {
    "nobody": (lambda _: _nothing(), 20, "archive"),
    "the archive": (append_one, 20, "archive"),
    "an unread event": (lambda log: rewind(log, 11), 11, f"group {GROUP}"),
    "a pending event": (leave_pending, 7, f"pending in {GROUP}"),
    "a dead letter": (bury, 4, f"dead letter {GROUP} 5"),
    "a dead letter of a stranger": (bury_elsewhere, 6, "dead letter audit 7"),
    "a new group": (new_group, 0, "group audit"),
    "an old version of a read model": (project, 13, "articles:1"),
    "a channel": (
        lambda log: advance(log.redis, streams.channel_reader("latest"), {0: 3}),
        3,
        "channel:latest",
    ),
    "the seeds": (lambda log: advance(log.redis, streams.SEEDS_READER, {0: 9}), 9, "seeds"),
}


async def _nothing() -> None: ...


@pytest.mark.parametrize(("situation", "floor", "holder"), HOLDERS.values(), ids=HOLDERS)
async def test_the_floor_is_held_by_whoever_needs_the_most(
    ripe: EventLog, situation: Situation, floor: int, holder: str
) -> None:
    """Each of them would lose an event for good if the trim did not wait for it."""
    await situation(ripe)

    planned = await trim(ripe, 0, dry_run=True)
    assert await ripe.reading.first(0) == 1
    done = await trim(ripe, 0)

    assert planned == done == Trim(0, floor, floor, holder)
    assert await ripe.reading.first(0) == floor + 1


async def forget_archive(log: EventLog) -> None:
    await log.redis.hdel(streams.checkpoints(0), streams.ARCHIVE)


async def forget_group(log: EventLog) -> None:
    await log.redis.xgroup_destroy(streams.log(0), GROUP)


async def forget_projection(log: EventLog) -> None:
    await log.redis.hset(streams.PROJECTIONS, "articles", orjson.dumps({"live": 1, "kept": [1]}))


async def garble_checkpoint(log: EventLog) -> None:
    await log.redis.hset(streams.checkpoints(0), "articles:1", "many")


async def lose_tail(log: EventLog) -> None:
    """A failover: log and tail are shorter than what the archive has seen."""
    raws = (await log.redis.xrange(streams.log(0)) or [])[:10]
    await log.redis.delete(streams.log(0))
    for stream_id, fields in raws:
        await log.redis.xadd(streams.log(0), fields, id=stream_id)  # type: ignore[arg-type] # as above
    await log.redis.hset(streams.tail(0), "n", "10")


async def write_foreign(log: EventLog) -> None:
    await log.redis.xadd(streams.log(0), {"hello": "world"})


async def read_elsewhere(log: EventLog) -> None:
    """A group that stands at a time instead of a position."""
    await log.redis.xgroup_create(streams.log(0), "audit", id="1700000000000-0")


async def lose_log(log: EventLog) -> None:
    await log.redis.delete(streams.log(0))


async def lose_segment(log: EventLog) -> None:
    """Somebody cleaned the folder of the archive up."""
    [segment] = await archive_of(log).segments(0)
    archive_of(log).store.delete(f"{segment.name}.parquet")


UNKNOWN: dict[str, tuple[Situation, str]] = {
    "archive": (forget_archive, "checkpoint archive"),
    "segment": (lose_segment, "the segment of position 1"),
    "group": (forget_group, f"group {GROUP}"),
    "projection": (forget_projection, "checkpoint articles:1"),
    "garbled": (garble_checkpoint, "checkpoint articles:1"),
    "lost tail": (lose_tail, "checkpoint archive"),
    "foreign": (write_foreign, "the tail"),
    "elsewhere": (read_elsewhere, "group audit"),
    "no log": (lose_log, "the log"),
}


@pytest.mark.parametrize(("situation", "what"), UNKNOWN.values(), ids=UNKNOWN)
async def test_a_trim_refuses_when_anything_is_unknown(
    ripe: EventLog, situation: Situation, what: str
) -> None:
    """A reader whose place is not known may need everything."""
    await situation(ripe)
    before = await ripe.redis.xlen(streams.log(0))

    assert await trim(ripe, 0) == Trim(0, refused=what)
    assert await ripe.redis.xlen(streams.log(0)) == before


async def test_a_long_trim_is_made_of_short_calls(ripe: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis serves nobody else while a script runs."""
    monkeypatch.setattr(trimming_module, "ENTRIES_AT_ONCE", 7)

    assert await trim(ripe, 0) == Trim(0, 20, 20, "archive")
    assert await ripe.redis.xlen(streams.log(0)) == 0


async def test_a_trim_never_goes_further_than_it_was_told(ripe: EventLog) -> None:
    assert await trim(ripe, 0, through=6) == Trim(0, 6, 6, "age")


async def test_a_trim_twice_is_a_trim_once(ripe: EventLog) -> None:
    await trim(ripe, 0)

    assert await trim(ripe, 0) == Trim(0, 0, 20, "archive")


async def test_positions_go_on_after_a_trim_to_nothing(ripe: EventLog) -> None:
    """The stream knows its end although it is empty: no position is given twice."""
    await trim(ripe, 0)

    assert await ripe.append(0, [version_append("next")]) == [21]
    assert await read_group(ripe, 10) == [21]


async def test_a_checkpoint_never_goes_back(ripe: EventLog) -> None:
    """The slower of two publishers comes later with less."""
    for position in (5, 3):
        await advance(ripe.redis, "channel:latest", {0: position})

    assert await checkpoint(ripe.redis, "channel:latest", 0) == 5


async def test_a_trim_at_what_was_delivered_would_lose_what_is_pending(ripe: EventLog) -> None:
    """The planted bug: `last-delivered` alone says nothing about what was only read."""
    await leave_pending(ripe)

    await ripe.redis.xtrim(streams.log(0), minid=entry_id(20 + 1), approximate=False)

    pending = await ripe.redis.xpending_range(streams.log(0), GROUP, "-", "+", 10)
    lost = [
        one
        for one in pending
        if not await ripe.redis.xrange(streams.log(0), one["message_id"], one["message_id"])
    ]
    assert [one["message_id"] for one in lost] == [b"0-8"]
