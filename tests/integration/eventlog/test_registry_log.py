"""The registry on Redis: whoever changes it decided on its newest state."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from newsfeed import streams
from newsfeed.errors import LogDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.eventlog.verify_registry import verify_registry
from newsfeed.registry import Destination, Registry, RegistryEvent, SubscriptionChanged
from newsfeed.testing.registering import channel_defined, fact, subscription_created

READER = Destination(salt="00", address="reader@example.org", secrets=("whsec_x",))


async def test_what_was_changed_is_read_by_everybody(redis: Client) -> None:
    await RegistryLog(redis).change(lambda _: [channel_defined("latest"), subscription_created("s1")])

    registry = await RegistryLog(redis).read()

    assert registry.position == 2
    assert registry.channels.keys() == {"latest"}
    assert registry.subscriptions["s1"].position == 2
    assert registry.recorded_at is not None


async def test_of_writers_at_once_each_decides_on_what_the_others_said(redis: Client) -> None:
    """Twenty want to be the one subscriber: nineteen see that there is one."""

    def unless_there_is_one(name: str) -> list[RegistryEvent]:
        return [subscription_created(name)]

    async def subscribe(name: str) -> None:
        await RegistryLog(redis).change(
            lambda known: [] if known.subscriptions else unless_there_is_one(name)
        )

    await asyncio.gather(*(subscribe(f"s{n}") for n in range(20)))

    assert len((await RegistryLog(redis).read()).subscriptions) == 1


async def test_writers_at_once_lose_nothing(redis: Client) -> None:
    logs = [RegistryLog(redis) for _ in range(8)]

    async def subscribe(log: RegistryLog, number: int) -> None:
        for n in range(10):
            await log.change(lambda _, name=f"{number}-{n}": [subscription_created(name)])  # type: ignore[misc]

    await asyncio.gather(*(subscribe(log, number) for number, log in enumerate(logs)))

    registry = await RegistryLog(redis).read()
    assert (registry.position, len(registry.subscriptions)) == (80, 80)


async def test_a_destination_stands_beside_the_facts_until_it_is_erased(redis: Client, log: EventLog) -> None:
    registry_log = RegistryLog(redis)
    created = subscription_created("s1", destination_sha256=READER.sha256)
    await registry_log.change(lambda _: [created], [READER])

    assert await registry_log.destination(READER.sha256) == READER
    assert "reader@example.org" not in repr(await redis.xrange(streams.REGISTRY))

    await registry_log.erase_destination(READER.sha256)
    await registry_log.change(lambda _: [created], [READER])

    assert await registry_log.destination(READER.sha256) is None
    assert [problem async for problem in verify_registry(log)] == []


async def test_nothing_is_written_when_nothing_is_decided(redis: Client) -> None:
    await RegistryLog(redis).change(lambda _: [], [READER])

    assert await redis.keys("*registry*") == []


async def test_a_gap_is_damage(redis: Client, log: EventLog) -> None:
    def say(_: Registry) -> Sequence[RegistryEvent]:
        return [channel_defined("latest"), channel_defined("world"), channel_defined("sport")]

    await RegistryLog(redis).change(say)
    await redis.xdel(streams.REGISTRY, "0-2")

    with pytest.raises(LogDamaged):
        await RegistryLog(redis).read()
    assert [problem.code async for problem in verify_registry(log)] == ["registry_gap"]


async def test_tasks_of_one_process_may_share_it(redis: Client) -> None:
    """Read by many at once, while it grows: nobody takes the pages of another for a gap."""
    shared, other = RegistryLog(redis), RegistryLog(redis)
    for turn in range(5):
        created = [subscription_created(f"s{turn}{number}") for number in range(20)]
        await other.change(lambda _, created=created: created)  # type: ignore[misc] # those of this turn
        seen = await asyncio.gather(*(shared.read() for _ in range(10)))
        assert {len(one.subscriptions) for one in seen} == {20 * (turn + 1)}


async def test_every_destination_of_a_subscription_is_found(redis: Client) -> None:
    """So that all of them can be erased."""
    log = RegistryLog(redis)
    homes = [Destination(salt=f"0{number}", address="ada@example.org") for number in range(3)]
    events: list[RegistryEvent] = [
        subscription_created("ada", destination_sha256=homes[0].sha256),
        fact(SubscriptionChanged, "ada", destination_sha256=homes[1].sha256),
        subscription_created("bob", destination_sha256=homes[2].sha256),
    ]
    await log.change(lambda _: events, homes)

    assert await log.destinations_of("ada") == [homes[0].sha256, homes[1].sha256]
