"""An attempt in hand is nobody else's while its process lives, and soon somebody else's when it died."""

from __future__ import annotations

import asyncio
import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog, DeliveryState, Settlement
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.registry import Destination
from newsfeed.subscribing import Asked, create, new_destination, new_secret
from newsfeed.testing import receivers
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import NOON
from newsfeed.testing.receivers import receiver
from newsfeed.testing.registering import subscription_created
from newsfeed.testing.transports import ScriptedTransport
from newsfeed.testing.waiting import until
from services.publish import holding
from services.publish.delivering import ChannelDeliveries
from services.publish.holding import LEASE_MS, Round
from services.publish.settings import PublishSettings
from services.publish.transports import DELIVERED, Delivery, Outcome
from services.publish.transports.webhook import Webhook
from tests.integration.publish.programs import publish_program

FIRST = NOON + timedelta(minutes=1)
MOST_MS = 5_000
"""By so much a restart may move a retry."""


class Hanging(ScriptedTransport):
    """The other side takes its time."""

    def __init__(self) -> None:
        super().__init__(lambda _: DELIVERED)
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        self.begun.set()
        await self.may_end.wait()
        outcome: Outcome = await super().send(delivery, destination)
        return outcome


@pytest.fixture
async def log(log: EventLog) -> EventLog:
    """One subscription and one digest."""
    home = Destination(salt="00", address="ada")
    event = subscription_created("ada", transport="scripted", destination_sha256=home.sha256)
    told = event.model_copy(update={"occurred_at": NOON - timedelta(hours=1)})
    await RegistryLog(log.redis).change(lambda _: [told], [home])
    await bring_out(log, "latest", [])
    return log


def deliveries(log: EventLog, transport: ScriptedTransport) -> ChannelDeliveries:
    return ChannelDeliveries(log.redis, "latest", RegistryLog(log.redis), {"scripted": transport})


async def longer_than_claimed(log: EventLog, seconds: float = 30) -> int:
    """By how many milliseconds the lease of an attempt outlasts the one that it was claimed with.

    Who is not renewed in so many seconds never is (``TimeoutError``).
    """
    held, transport = DeliveryLog(log.redis, "latest"), Hanging()
    attempt = asyncio.create_task(deliveries(log, transport).deliver_due(FIRST))
    await transport.begun.wait()
    claimed = (await held.due())["ada"]
    try:
        async with asyncio.timeout(seconds):
            await until(lambda: _is_due_after(held, claimed))
        return (await held.due())["ada"] - claimed
    finally:
        transport.may_end.set()
        await attempt


async def _is_due_after(held: DeliveryLog, milliseconds: int) -> bool:
    return (await held.due())["ada"] > milliseconds


async def test_who_lives_holds_on(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an attempt takes, nobody makes it a second time beside it."""
    monkeypatch.setattr(holding, "RENEWED_SECONDS", 0.02)

    assert await longer_than_claimed(log) > 0


async def test_a_lease_that_nobody_renews_would_be_noticed(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug."""
    monkeypatch.setattr(holding, "RENEWED_SECONDS", 1000.0)

    with pytest.raises(TimeoutError):
        await longer_than_claimed(log, seconds=0.3)


async def test_a_slow_attempt_is_settled_by_who_made_it(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process that looks when the first lease would be over finds nothing to do."""
    monkeypatch.setattr(holding, "RENEWED_SECONDS", 0.02)
    held, slow, other = DeliveryLog(log.redis, "latest"), Hanging(), ScriptedTransport(lambda _: DELIVERED)
    attempt = asyncio.create_task(deliveries(log, slow).deliver_due(FIRST))
    await slow.begun.wait()
    claimed = (await held.due())["ada"]
    await until(lambda: _is_due_after(held, claimed))

    assert await deliveries(log, other).deliver_due(datetime.fromtimestamp(claimed / 1000, UTC)) == 0
    slow.may_end.set()
    assert await attempt == 1
    assert (len(slow.sent), other.sent) == (1, [])
    assert (await held.states())["ada"].after == 1


@pytest.mark.parametrize("state", [None, DeliveryState(after=1)], ids=["done", "goes on"])
async def test_a_renewal_that_comes_late_moves_nothing(log: EventLog, state: DeliveryState | None) -> None:
    """It was under way while its attempt was settled."""
    held = DeliveryLog(log.redis, "latest")
    await held.enqueue({"ada": 0})
    claims = await held.claim(1, LEASE_MS, 10)
    assert await held.hold(claims, 2 + LEASE_MS) == 1
    await held.settle(claims[0], Settlement(None, state, None if state is None else 7))

    assert await held.hold(claims, 9 + LEASE_MS) == 0
    assert await held.due() == ({} if state is None else {"ada": 7})


async def test_a_kill_moves_a_retry_by_no_more_than_five_seconds(
    server: EmbeddedRedis, redis: Client, tmp_path: Path
) -> None:
    """W2: an attempt was under way for longer than a renewal; the next process makes it with the same id."""
    async with receiver(receivers.silent) as there:
        home = new_destination(there.url, os.urandom, [new_secret(os.urandom)])
        asked = Asked(
            subscription_id="ada",
            channel="latest",
            transport="webhook",
            destination=home,
            needs="nothing",
            at=NOON - timedelta(hours=1),
        )
        registry = RegistryLog(redis)
        await registry.change(create(asked), [home])
        held = DeliveryLog(redis, "latest")
        async with publish_program(server, tmp_path, config="", webhooks_allow="127.0.0.0/8") as process:
            await bring_out(EventLog(redis, await open_manifest(redis, 2)), "latest", [])
            await there.count(1)
            first = (await held.due())["ada"]
            await until(lambda: _is_due_after(held, first))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        due, killed_at = (await held.due())["ada"], await server_time(redis)
        there.manner = receivers.answer(200)
        webhook = Webhook(PublishSettings.model_validate({"webhooks_allow": "127.0.0.0/8"}))
        again = ChannelDeliveries(redis, "latest", registry, {"webhook": webhook})
        await again.deliver_due(datetime.fromtimestamp(due / 1000, UTC))
        await webhook.close()

    assert due - killed_at * 1000 <= MOST_MS
    assert len({(one.headers["webhook-id"], one.body) for one in there.got}) == 1
    assert len(there.got) == 2


async def test_a_slow_look_does_not_shorten_a_lease() -> None:
    """Registry and newest digest are read before the claim; a Redis under load takes its time."""
    began = asyncio.get_running_loop().time() - 3

    assert Round(now=0, began=began).lease_ms >= 3_000 + LEASE_MS
