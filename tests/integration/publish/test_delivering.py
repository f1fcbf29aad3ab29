"""Digests on their way to subscriptions: each, in order, and again only with the same id and bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from newsfeed.deliveries import DeliveryCancelled, DeliveryFailed, DeliveryParked, DeliverySucceeded
from newsfeed.envelope import derive_id
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog, DeliveryState, Settlement
from newsfeed.eventlog.delivery_rebuild import rebuild_deliveries
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.registry import (
    Destination,
    RegistryEvent,
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionResumed,
)
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import NOON
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.registering import fact, subscription_created
from newsfeed.testing.transports import Script, ScriptedTransport
from services.publish.delivering import ChannelDeliveries
from services.publish.holding import LEASE_MS
from services.publish.transports import DELIVERED, Delivery, Outcome

HOUR = timedelta(hours=1)
DOWN = Outcome("retry", "unreachable")
FIRST = NOON + timedelta(minutes=1)
"""When the first digest may be delivered: windows close a minute apart, from noon on."""


def after(**span: float) -> datetime:
    return FIRST + timedelta(**span)


class Desk:
    """A channel with subscriptions to one transport."""

    def __init__(self, log: EventLog, script: Script = lambda _: DELIVERED) -> None:
        self.log = log
        self.transport = ScriptedTransport(script)
        self.registry = RegistryLog(log.redis)
        self.deliveries = DeliveryLog(log.redis, "latest")

    def worker(self, log: EventLog | None = None) -> ChannelDeliveries:
        redis = (log or self.log).redis
        return ChannelDeliveries(redis, "latest", RegistryLog(redis), {"scripted": self.transport})

    async def subscribe(self, *names: str, at: datetime = NOON - HOUR, **fields: object) -> None:
        homes = [Destination(salt="00", address=name) for name in names]
        events: list[RegistryEvent] = [
            subscription_created(
                name, transport="scripted", destination_sha256=home.sha256, **fields
            ).model_copy(update={"occurred_at": at})
            for name, home in zip(names, homes, strict=True)
        ]
        await self.registry.change(lambda _: events, homes)

    async def say(self, event: RegistryEvent, at: datetime = FIRST) -> None:
        said: Sequence[RegistryEvent] = [event.model_copy(update={"occurred_at": at})]
        await self.registry.change(lambda _: said)

    async def publish(self, count: int) -> None:
        for _ in range(count):
            await bring_out(self.log, "latest", [])

    async def deliver(self, now: datetime = FIRST, worker: ChannelDeliveries | None = None) -> None:
        """Until nothing is due any more at that time."""
        worker = worker or self.worker()
        while await worker.deliver_due(now):
            pass

    def got(self, name: str) -> list[int]:
        """The numbers that reached a destination, repetitions too."""
        return [number for address, number, *_ in self.transport.sent if address == name]

    async def facts(self) -> list[object]:
        return [one async for _, one in self.deliveries.facts()]


@pytest.fixture
def desk(log: EventLog) -> Desk:
    """Everything it sends arrives."""
    return Desk(log)


async def test_every_subscription_gets_every_digest_once_and_in_order(desk: Desk) -> None:
    await desk.subscribe("ada", "bob")
    await desk.publish(5)
    await desk.deliver()
    await desk.publish(2)
    await desk.deliver(after(hours=1))

    assert desk.got("ada") == desk.got("bob") == [1, 2, 3, 4, 5, 6, 7]
    assert [type(one) for one in await desk.facts()] == [DeliverySucceeded] * 14


async def test_a_subscription_begins_with_the_digest_after_it(desk: Desk) -> None:
    """Windows close at noon, a minute after it, and so on."""
    await desk.publish(3)
    await desk.subscribe("late", at=NOON + timedelta(seconds=90))
    await desk.deliver(after(hours=1))

    assert desk.got("late") == [3]


async def test_nobody_gets_anything_before_it_is_confirmed(desk: Desk) -> None:
    await desk.subscribe("pending", needs="link")
    await desk.publish(2)
    await desk.deliver()

    assert desk.transport.sent == []


async def test_a_failed_delivery_comes_again_and_holds_up_the_next(log: EventLog) -> None:
    """The same id and the same bytes; the time between grows."""
    desk = Desk(log, lambda delivery: DELIVERED if delivery.attempt == 3 else DOWN)
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliver(FIRST)
    await desk.deliver(after(seconds=3))
    await desk.deliver(after(seconds=7))
    assert [attempt for _, _, attempt, *_ in desk.transport.sent] == [1, 2]
    await desk.publish(1)
    await desk.deliver(after(seconds=8))
    assert desk.got("ada") == [1, 1]
    await desk.deliver(after(minutes=10))

    assert desk.got("ada") == [1, 1, 1, 2]
    assert len({(identity, body) for _, number, _, identity, body in desk.transport.sent if number == 1}) == 1
    kinds = [type(one) for one in await desk.facts()]
    assert kinds[:3] == [DeliveryFailed, DeliveryFailed, DeliverySucceeded]


async def test_no_later_attempt_than_the_schedule_has(log: EventLog) -> None:
    """Ten attempts over about 75 hours; after a day the others go past, and the last one parks it."""
    desk = Desk(log, lambda delivery: DOWN if delivery.number == 1 else DELIVERED)
    await desk.subscribe("ada")
    await desk.publish(2)
    for hour in range(0, 130, 5):
        await desk.deliver(after(hours=hour))

    assert desk.got("ada").count(1) == 10
    assert desk.got("ada").count(2) == 1
    assert desk.got("ada").index(2) < 9
    assert [type(one) for one in await desk.facts()].count(DeliveryParked) == 1
    assert await desk.deliveries.due() == {}


async def test_a_destination_that_is_gone_is_paused_and_goes_on_where_it_is_told(log: EventLog) -> None:
    answers = {1: DELIVERED, 2: Outcome("gone", "gone", 410)}
    desk = Desk(log, lambda delivery: answers.get(delivery.number, DELIVERED))
    await desk.subscribe("ada")
    await desk.publish(4)
    await desk.deliver()
    assert desk.got("ada") == [1, 2]
    assert (await desk.registry.read()).subscriptions["ada"].reason == "gone"

    answers[2] = DELIVERED
    await desk.say(fact(SubscriptionResumed, "ada", after=1), after(hours=1))
    await desk.deliver(after(hours=1))

    assert desk.got("ada") == [1, 2, 2, 3, 4]


async def test_nothing_but_failure_for_five_days_pauses(log: EventLog) -> None:
    desk = Desk(log, lambda _: DOWN)
    await desk.subscribe("ada")
    await desk.publish(1)
    for hour in range(0, 121, 10):
        await desk.deliver(after(hours=hour))
    assert (await desk.registry.read()).subscriptions["ada"].status == "active"
    await desk.publish(1)
    for hour in range(121, 330, 10):
        await desk.deliver(after(hours=hour))

    assert (await desk.registry.read()).subscriptions["ada"].reason == "failing"


async def test_who_unsubscribed_gets_nothing_any_more(log: EventLog) -> None:
    """Also not what was tried before."""
    desk = Desk(log, lambda _: DOWN)
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliver()
    await desk.say(fact(SubscriptionCancelled, "ada", reason="one_click"))
    await desk.deliver(after(hours=1))

    assert desk.got("ada") == [1]
    assert isinstance((await desk.facts())[-1], DeliveryCancelled)
    assert await desk.deliveries.states() == {}


async def test_a_paused_subscription_waits_and_then_gets_only_what_comes_later(desk: Desk) -> None:
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliver()
    await desk.say(fact(SubscriptionPaused, "ada", reason="operator"))
    await desk.publish(2)
    await desk.deliver(after(minutes=5))
    assert desk.got("ada") == [1]
    await desk.say(fact(SubscriptionResumed, "ada"), NOON + timedelta(minutes=2, seconds=30))
    await desk.publish(1)
    await desk.deliver(after(minutes=10))

    assert desk.got("ada") == [1, 4]


async def test_quiet_hours_hold_back_and_lose_nothing(desk: Desk) -> None:
    """It is 12:01 in UTC and 13:01 in Paris."""
    paris = {"quiet_hours": "12:30-15:00", "time_zone": "Europe/Paris"}
    await desk.subscribe("quiet", options=paris)
    await desk.subscribe("urgent", options={**paris, "urgent": True})
    await desk.publish(2)
    await desk.deliver()
    await desk.deliver(after(hours=1, minutes=57))
    assert (desk.got("quiet"), desk.got("urgent")) == ([], [1, 2])
    await desk.deliver(after(hours=1, minutes=59))

    assert desk.got("quiet") == [1, 2]


async def test_an_erased_destination_is_parked(desk: Desk) -> None:
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.registry.erase_destination(Destination(salt="00", address="ada").sha256)
    await desk.deliver()

    [parked] = await desk.facts()
    assert isinstance(parked, DeliveryParked)
    assert (parked.reason, desk.transport.sent) == ("destination_erased", [])


async def test_a_transport_that_raises_is_tried_again(log: EventLog) -> None:
    def broken(_: Delivery) -> Outcome:
        raise RuntimeError("a bug")

    desk = Desk(log, broken)
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliver()

    [failed] = await desk.facts()
    assert isinstance(failed, DeliveryFailed)
    assert failed.reason == "transport_failed"


async def test_workers_side_by_side_send_nothing_twice(desk: Desk) -> None:
    names = [f"s{n}" for n in range(30)]
    await desk.subscribe(*names)
    await desk.publish(4)

    await asyncio.gather(*(desk.deliver(worker=desk.worker()) for _ in range(4)))

    assert all(desk.got(name) == [1, 2, 3, 4] for name in names)


async def test_who_was_late_does_not_settle_what_another_took(desk: Desk) -> None:
    """The fencing token: a lease is over while an attempt hangs."""
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliveries.enqueue({"ada": 0})
    [slow] = await desk.deliveries.claim(1, LEASE_MS, 10)
    assert await desk.deliveries.claim(2, LEASE_MS, 10) == []
    [quick] = await desk.deliveries.claim(2 + LEASE_MS, LEASE_MS, 10)

    assert not await desk.deliveries.settle(slow, Settlement(None, DeliveryState(after=9), None))
    assert await desk.deliveries.settle(quick, Settlement(None, DeliveryState(after=1), None))
    assert (await desk.deliveries.states())["ada"].after == 1


async def test_a_digest_that_comes_out_while_a_worker_goes_to_rest_is_not_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who told of it found the subscription held; who held it dies as soon as it let go."""
    await desk.subscribe("ada")
    await desk.publish(1)
    other = desk.worker()
    settle = DeliveryLog.settle

    async def settle_late(self: DeliveryLog, claim: Claim, settlement: Settlement) -> bool:
        if settlement.seen:
            monkeypatch.setattr(DeliveryLog, "settle", settle)
            await desk.publish(1)
            await other.deliver_due(FIRST)
        return await settle(self, claim, settlement)

    monkeypatch.setattr(DeliveryLog, "settle", settle_late)
    dying = desk.worker()
    await dying.deliver_due(FIRST)
    await dying.deliver_due(FIRST)
    assert desk.got("ada") == [1]
    await desk.deliver(worker=other)

    assert desk.got("ada") == [1, 2]


@pytest.mark.no_cover
@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
async def test_a_worker_may_die_at_any_round_trip(server: EmbeddedRedis, log: EventLog, heard: bool) -> None:
    """At most one repetition for each kill, with the same id and bytes; the order stays."""
    desk = Desk(log)
    await desk.subscribe("ada")
    dies_at, died, published = 0, True, 0
    while died:
        dies_at, died = dies_at + 1, False
        await desk.publish(1)
        published += 1
        client = dying_client(server.url, dies_at, heard=heard)
        before = len(desk.transport.sent)
        try:
            await desk.deliver(after(hours=dies_at), desk.worker(EventLog(client, log.manifest)))
        except* Killed:
            died = True
        await client.aclose()
        await desk.deliver(after(hours=dies_at, minutes=2))
        assert len(desk.transport.sent) - before <= 2
    numbers = desk.got("ada")
    assert sorted(set(numbers)) == [*range(1, published + 1)]
    assert numbers == sorted(numbers)
    assert len({entry[1:4:2] + entry[4:] for entry in desk.transport.sent}) == published
    assert dies_at > 10


async def test_a_rebuilt_channel_goes_on_where_it_was(log: EventLog) -> None:
    """One waits for its next attempt, one goes on beside, one is done."""
    desk = Desk(log, lambda delivery: DOWN if delivery.number in {1, 3} else DELIVERED)
    await desk.subscribe("ada", "bob")
    await desk.publish(3)
    for hour in range(0, 40, 4):
        await desk.deliver(after(hours=hour))
    states, due = await desk.deliveries.states(), await desk.deliveries.due()
    assert any(state.number == 1 for state in states.values())

    await rebuild_deliveries(log.redis, "latest", await desk.registry.read())

    def comparable(found: dict[str, DeliveryState]) -> dict[str, DeliveryState]:
        return {member: state.model_copy(update={"failing_since": None}) for member, state in found.items()}

    assert comparable(await desk.deliveries.states()) == comparable(states)
    again = await desk.deliveries.due()
    assert {member: again[member] for member in due} == due
    desk.transport.sent.clear()
    await desk.deliver(after(hours=40))
    assert 2 not in desk.got("ada")


async def test_a_lost_script_cache_and_another_connection_change_nothing(
    server: EmbeddedRedis, desk: Desk
) -> None:
    await desk.subscribe("ada")
    await desk.publish(1)
    client = connect(server.url)
    await client.script_flush()
    await desk.deliver(worker=desk.worker(EventLog(client, desk.log.manifest)))
    await client.aclose()

    assert desk.got("ada") == [1]


async def test_a_delivery_id_is_that_of_digest_and_subscription(desk: Desk) -> None:
    await desk.subscribe("ada")
    await desk.publish(1)
    await desk.deliver()

    [(*_, identity, body)] = desk.transport.sent
    assert identity == str(derive_id("delivery", "latest", 1, "ada"))
    assert body == (await ChannelLog(desk.log.redis, "latest").current_bodies(1))["json"]
