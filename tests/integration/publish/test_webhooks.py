"""Webhooks from the registry to a real receiver, with clocks of the test's choice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Oracle

from newsfeed import streams
from newsfeed.deliveries import DeliveryFailed, DeliveryParked, DeliverySucceeded
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Destination, Subscription
from newsfeed.runtime import Runtime
from newsfeed.subscribing import (
    ROTATION,
    Asked,
    cancel,
    change,
    create,
    new_destination,
    new_secret,
    resume,
    rewind,
    rotated,
)
from newsfeed.testing import receivers
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import NOON
from newsfeed.testing.receivers import Receiver, receiver
from newsfeed.testing.transports import ScriptedTransport
from newsfeed.testing.waiting import until
from services.publish.confirming import MOMENTS, Confirmations
from services.publish.delivering import ChannelDeliveries
from services.publish.dispatching import Dispatcher
from services.publish.retrying import DELAYS
from services.publish.settings import PublishSettings
from services.publish.transports import DELIVERED, Transport
from services.publish.transports.webhook import Webhook

pytestmark = pytest.mark.by_turns

HOUR = timedelta(hours=1)
FIRST = NOON + timedelta(minutes=1)


class Office:
    """A channel, a receiver, and whoever delivers, with a clock that the test moves."""

    def __init__(self, log: EventLog, there: Receiver) -> None:
        self.log = log
        self.there = there
        self.registry = RegistryLog(log.redis)
        self.deliveries = DeliveryLog(log.redis, "latest")
        self.webhook = Webhook(PublishSettings.model_validate({"webhooks_allow": "127.0.0.0/8"}))
        self.worker = self.begun()

    def begun(self) -> ChannelDeliveries:
        """A process that starts with nothing in its memory."""
        redis = self.log.redis
        return ChannelDeliveries(redis, "latest", RegistryLog(redis), {"webhook": self.webhook})

    async def subscribe(self, name: str = "ada", **fields: object) -> Destination:
        home = new_destination(f"{self.there.url}/{name}", os.urandom, [new_secret(os.urandom)])
        usual = {"channel": "latest", "transport": "webhook", "needs": "nothing", "at": NOON - HOUR}
        asked = Asked(**{"subscription_id": name, "destination": home, **usual, **fields})  # type: ignore[arg-type] # by name
        await self.registry.change(create(asked), [home])
        return home

    async def publish(self, count: int, channel: str = "latest") -> None:
        for _ in range(count):
            await bring_out(self.log, channel, [])

    async def deliver(self, now: datetime = FIRST) -> None:
        while await self.worker.deliver_due(now):
            pass

    async def subscription(self, name: str = "ada") -> Subscription:
        return (await self.registry.read()).subscriptions[name]

    async def facts(self) -> list[object]:
        return [one async for _, one in self.deliveries.facts()]

    def numbers(self) -> list[int]:
        return [orjson.loads(one.body)["data"]["number"] for one in self.there.posts()]


@pytest.fixture
async def office(log: EventLog) -> AsyncIterator[Office]:
    """Nothing is subscribed yet; the receiver takes everything."""
    async with receiver() as there:
        one = Office(log, there)
        yield one
        await one.webhook.close()


async def test_the_schedule_is_kept_and_survives_a_restart(office: Office) -> None:
    """W2: the times of the retries are those of the standard, within a fifth, whoever makes them."""
    office.there.manner = receivers.answer(500)
    await office.subscribe()
    await office.publish(1)
    now, gaps = FIRST, list[float]()
    for _ in DELAYS:
        await office.deliver(now)
        due = (await office.deliveries.due())["ada" if not gaps else _member(await office.deliveries.due())]
        office.worker = office.begun()
        await office.worker.deliver_due(now)
        gaps.append(due / 1000 - now.timestamp())
        now = datetime.fromtimestamp(due / 1000 + 0.001, NOON.tzinfo)
    await office.deliver(now)

    assert all(0.8 * base - 1 <= gap <= 1.2 * base + 1 for gap, base in zip(gaps, DELAYS, strict=True))
    assert len(office.there.got) == 10
    assert len({one.body for one in office.there.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in office.there.got}) == 10
    kinds = [type(one) for one in await office.facts()]
    assert kinds == [DeliveryFailed] * 9 + [DeliveryParked]
    assert await office.deliveries.parked() == {"ada|1": int(now.timestamp() * 1000)}


def _member(due: Mapping[str, int]) -> str:
    return next((one for one in due if "|" in one), "ada")


async def test_retry_after_is_kept_to(office: Office) -> None:
    """W3: at least what the schedule says, at most twice that."""
    for wait in ("10", "90", "9999"):
        office.there.manner = receivers.answer(429, retry_after=wait)
        await office.subscribe(f"s{wait}")
    await office.publish(1)
    for wait in ("10", "90", "9999"):
        office.there.paths[f"/s{wait}"] = receivers.answer(429, retry_after=wait)
    await office.deliver()
    due = await office.deliveries.due()
    gaps = [due[f"s{wait}"] / 1000 - FIRST.timestamp() for wait in ("10", "90", "9999")]

    assert gaps == [60, 90, 120]


async def test_a_receiver_that_is_gone_is_not_asked_again(office: Office) -> None:
    """W3: until somebody resumes it; W6: a replay then gives each digest it missed, in order."""
    office.there.manner = receivers.answer(410)
    await office.subscribe()
    await office.publish(3)
    await office.deliver()
    await office.deliver(FIRST + 10 * HOUR)
    assert office.numbers() == [1]
    assert (await office.subscription()).reason == "gone"

    office.there.manner = receivers.answer(200)
    office.there.got.clear()
    await office.registry.change(rewind("ada", FIRST + 11 * HOUR, 0))
    await office.deliver(FIRST + 11 * HOUR)
    await office.publish(1)
    await office.deliver(FIRST + 12 * HOUR)

    assert office.numbers() == [1, 2, 3, 4]
    assert await office.deliveries.parked() == {}


async def test_nothing_but_failure_for_five_days_disables(office: Office) -> None:
    """W6: and who is enabled again goes on behind what it has."""
    office.there.manner = receivers.raw(b"")
    await office.subscribe()
    await office.publish(1)
    for hour in range(0, 85, 5):
        await office.deliver(FIRST + hour * HOUR)
    assert (await office.subscription()).status == "active"
    await office.publish(2)
    for hour in range(85, 240, 5):
        await office.deliver(FIRST + hour * HOUR)
    assert (await office.subscription()).reason == "failing"

    office.there.manner = receivers.answer(200)
    office.there.got.clear()
    await office.registry.change(resume("ada", FIRST + 241 * HOUR, 0))
    await office.deliver(FIRST + 241 * HOUR)

    assert office.numbers() == [1, 2, 3]


async def test_a_rotated_secret_signs_beside_the_old_one_for_a_day(office: Office) -> None:
    """W5."""
    old = await office.subscribe()
    new = rotated(old, os.urandom)
    await office.registry.change(change("ada", FIRST, destination=new, was=old.sha256), [new])
    desk = Confirmations(office.log.redis, {"webhook": office.webhook}, os.urandom)
    await office.publish(1)
    await office.deliver()
    await desk.work(FIRST + ROTATION - timedelta(seconds=1))
    assert (await office.subscription()).destination_sha256 == new.sha256
    await desk.work(FIRST + ROTATION)
    await desk.work(FIRST + ROTATION)
    await office.publish(1)
    await office.deliver(FIRST + ROTATION)

    during, after = office.there.got
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    assert len(after.headers["webhook-signature"].split(" ")) == 1
    kept = await office.registry.destination((await office.subscription()).destination_sha256)
    assert kept is not None
    assert (kept.address, kept.secrets) == (old.address, new.secrets[:1])
    at = int(after.headers["webhook-timestamp"])
    signed = Oracle(new.secrets[0]).sign(
        after.headers["webhook-id"], datetime.fromtimestamp(at, NOON.tzinfo), after.body.decode()
    )
    assert after.headers["webhook-signature"] == signed


async def test_nothing_is_sent_before_the_receiver_said_yes(office: Office) -> None:
    await office.subscribe(needs="handshake", at=NOON - timedelta(seconds=1))
    desk = Confirmations(office.log.redis, {"webhook": office.webhook}, os.urandom)
    await office.publish(1)
    await desk.work(NOON)
    await desk.work(NOON + timedelta(seconds=1))
    await office.deliver()
    assert {orjson.loads(one.body)["type"] for one in office.there.posts()} == {"subscription.requested"}
    asked = len(office.there.got)

    office.there.manner = receivers.answer(200, webhook_allowed_origin="*")
    await desk.work(NOON + timedelta(seconds=2))
    assert len(office.there.got) == asked
    await desk.work(NOON + timedelta(seconds=5))
    await office.publish(1)
    await office.deliver()

    assert (await office.subscription()).status == "active"
    assert orjson.loads(office.there.posts()[-1].body)["data"]["number"] == 2


async def test_who_never_says_yes_is_not_asked_for_ever(office: Office) -> None:
    """By two processes no oftener than by one, and not again after a restart."""
    await office.subscribe(needs="handshake", at=NOON)
    for seconds in MOMENTS:
        desks = [Confirmations(office.log.redis, {"webhook": office.webhook}, os.urandom) for _ in range(2)]
        await asyncio.gather(*(desk.work(NOON + timedelta(seconds=seconds)) for desk in desks))

    assert len(office.there.posts()) == len(MOMENTS)
    assert (await office.subscription()).reason == "unconfirmed"
    assert await office.log.redis.exists(streams.HANDSHAKES) == 0


async def test_a_subscription_that_ended_meanwhile_is_not_asked(office: Office) -> None:
    await office.subscribe(needs="handshake", at=NOON)
    desk = Confirmations(office.log.redis, {"webhook": office.webhook}, os.urandom)
    await office.registry.change(cancel("ada", "operator", NOON))
    await desk.work(NOON + HOUR)

    assert office.there.got == []


def dispatcher(office: Office, **transports: Transport) -> Dispatcher:
    runtime = Runtime(PublishSettings(), office.log.redis, office.log)
    return Dispatcher(runtime, {"webhook": office.webhook, **transports})


async def test_a_slow_receiver_holds_up_nobody_of_another_channel(office: Office) -> None:
    office.there.paths["/slow"] = receivers.silent
    await office.subscribe("slow")
    await office.subscribe("quick", channel="other")
    await office.publish(1)
    await office.publish(1, "other")
    watching = dispatcher(office)

    await watching.look()
    await office.there.count(2)
    await office.publish(1, "other")
    await watching.look()
    await office.there.count(3)

    assert [one.target for one in office.there.got][2] == "/quick"
    await watching.close()


async def test_a_stop_gives_back_what_is_in_hand(office: Office) -> None:
    """W2: the next process need not wait until the lease of the last one is over."""
    office.there.manner = receivers.silent
    await office.subscribe()
    await office.publish(1)
    watching = dispatcher(office)
    await watching.look()
    await office.there.count(1)
    await watching.close()

    office.there.manner = receivers.answer(200)
    again = dispatcher(office)
    await again.look()
    await office.there.count(2)
    await until(lambda: _has_facts(office))
    await again.close()

    assert len({(one.headers["webhook-id"], one.body) for one in office.there.got}) == 1
    assert [type(one) for one in await office.facts()] == [DeliverySucceeded]


async def _has_facts(office: Office) -> bool:
    return bool(await office.facts())


async def test_a_broken_channel_does_not_silence_the_others(office: Office) -> None:
    await office.subscribe("broken", channel="bad")
    await office.subscribe("fine")
    await office.publish(1, "bad")
    await office.publish(1)
    await office.log.redis.set(streams.delivery_states("bad"), "no hash")
    runtime = Runtime(PublishSettings(), office.log.redis, office.log)
    watching = Dispatcher(runtime, {"webhook": office.webhook})

    await watching.look()
    await office.there.count(1)
    await until(lambda: _troubled(runtime))
    await office.log.redis.delete(streams.delivery_states("bad"))
    await watching.look()
    await office.there.count(2)
    await until(lambda: _untroubled(runtime))
    await watching.close()

    assert [one.target for one in office.there.got] == ["/fine", "/broken"]


async def _troubled(runtime: Runtime) -> bool:
    return bool(runtime.troubles)


async def _untroubled(runtime: Runtime) -> bool:
    return not runtime.troubles


async def test_many_subscriptions_get_each_digest_once_through_the_dispatcher(office: Office) -> None:
    """More than one batch, two processes."""
    scripted = ScriptedTransport(lambda _: DELIVERED)
    names = [f"s{number:03}" for number in range(120)]
    for name in names:
        await office.subscribe(name, transport="scripted")
    await office.publish(2)
    watching = [dispatcher(office, scripted=scripted) for _ in range(2)]

    async def all_arrived() -> bool:
        for one in watching:
            await one.look()
        return len(scripted.sent) >= 240

    await until(all_arrived)
    for one in watching:
        await one.close()

    got = sorted((address.rpartition("/")[2], number) for address, number, *_ in scripted.sent)
    assert got == sorted((name, number) for name in names for number in (1, 2))
