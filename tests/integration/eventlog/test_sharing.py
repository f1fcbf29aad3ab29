"""Processes that come, work and die: the partitions are always divided, and never twice."""

from __future__ import annotations

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.groups import GROUP, SETTINGS, Worker, caught_up, enriched, member
from newsfeed.testing.letters import append_versions
from newsfeed.testing.waiting import until


@pytest.fixture
async def wide_log(redis: Client) -> EventLog:
    """An empty log of four partitions."""
    return EventLog(redis, await open_manifest(redis, 4))


async def test_three_processes_divide_four_partitions(server: EmbeddedRedis, wide_log: EventLog) -> None:
    """As evenly as can be: with two each, the third would idle."""
    async with (
        member(server, wide_log, Worker(), "one") as one,
        member(server, wide_log, Worker(), "two") as two,
        member(server, wide_log, Worker(), "three") as three,
    ):

        async def divided() -> bool:
            return sorted(len(each.partitions) for each in (one, two, three)) == [1, 1, 2]

        await until(divided)
        assert sorted(one.partitions + two.partitions + three.partitions) == [0, 1, 2, 3]


async def test_what_a_killed_process_held_finds_an_owner(server: EmbeddedRedis, wide_log: EventLog) -> None:
    """It says no good-bye: its lease and its place among the members run out together."""
    await ensure_group(wide_log, GROUP)
    dead = Leases(wide_log.redis, GROUP, "dead", SETTINGS.lease_seconds)
    assert await dead.fair_share(4) == 4
    for partition in range(2):
        assert await dead.acquire(partition)

    async with member(server, wide_log, Worker()) as survivor:

        async def has_all() -> bool:
            return survivor.partitions == [0, 1, 2, 3]

        await until(has_all)


async def test_a_partition_is_kept_until_its_batch_is_finished(server: EmbeddedRedis, log: EventLog) -> None:
    """A batch can take longer than a lease; meanwhile the other partitions must not be lost."""
    worker, terms = Worker(), 10
    await append_versions(log, *"abcdefgh")

    async def wait_for_the_other() -> None:
        """Until the newcomer has lived for some leases."""
        seen: set[float | None] = set()

        async def aged() -> bool:
            seen.add(await log.redis.zscore(streams.members(GROUP), "two"))
            return len(seen) > terms

        await until(aged)

    worker.meanwhile += [wait_for_the_other] * 2
    async with member(server, log, worker, "one") as one:

        async def has_all() -> bool:
            return one.partitions == [0, 1]

        await until(has_all)
        async with member(server, log, Worker(), "two") as two:

            async def divided() -> bool:
                return (one.partitions, two.partitions) == ([0], [1])

            await until(divided)
            await until(lambda: caught_up(log))

    fences = [int(await log.redis.get(streams.fence(partition, GROUP)) or 0) for partition in (0, 1)]
    assert fences[0] == 1, "nobody took the partition that was to stay"
    assert 8 == len(await enriched(log)) == len(worker.seen)
