"""From a request to a hub to feeds at a callback, with a real receiver and clocks of the test's choice."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Subscription
from newsfeed.testing import receivers
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import NOON
from newsfeed.testing.receivers import Manner, Receiver, Request, receiver
from newsfeed.websub import read_request, wished
from services.publish.confirming import Confirmations
from services.publish.delivering import ChannelDeliveries
from services.publish.settings import PublishSettings
from services.publish.transports.websub import WebSub

pytestmark = pytest.mark.by_turns

BASE = "https://news.example"
TOPIC = f"{BASE}/channels/latest.atom"
FEED = b"<feed>1</feed>"
ASKED = NOON - timedelta(hours=1)
FIRST = NOON + timedelta(minutes=1)


def echoing(around: bytes = b"") -> Manner:
    """Gives back the challenge, and something around it."""

    async def manner(request: Request, writer: asyncio.StreamWriter) -> None:
        challenge = parse_qs(urlsplit(request.target).query).get("hub.challenge", [""])[0]
        await receivers.answer(200, challenge.encode() + around)(request, writer)

    return manner


class Hub:
    """A channel, its feed, a callback, and whoever asks and delivers."""

    def __init__(self, log: EventLog, feeds: Receiver, there: Receiver) -> None:
        self.log, self.feeds, self.there = log, feeds, there
        self.registry = RegistryLog(log.redis)
        settings = {"webhooks_allow": "127.0.0.0/8", "public_url": BASE, "feeds_url": feeds.url}
        self.transport = WebSub(PublishSettings.model_validate(settings))
        self.desk = Confirmations(log.redis, {"websub": self.transport}, os.urandom)

    async def ask(
        self, mode: str = "subscribe", at: datetime = ASKED, more: Mapping[str, str] | None = None
    ) -> None:
        form = {
            "hub.mode": mode,
            "hub.topic": TOPIC,
            "hub.callback": f"{self.there.url}/call?id=7",
            **(more or {}),
        }
        decision, destinations = wished(read_request([*form.items()], BASE), b"key", at, os.urandom)
        await self.registry.change(decision, destinations)

    async def deliver(self, now: datetime = FIRST) -> None:
        redis = self.log.redis
        worker = ChannelDeliveries(redis, "latest", RegistryLog(redis), {"websub": self.transport})
        while await worker.deliver_due(now):
            pass

    async def one(self) -> Subscription:
        return next(iter((await self.registry.read()).subscriptions.values()))


@pytest.fixture
async def hub(log: EventLog) -> AsyncIterator[Hub]:
    """The callback means what was asked for it, and takes everything."""
    feed = receivers.answer(200, FEED, content_type="application/atom+xml; charset=utf-8")
    async with receiver(feed) as feeds, receiver(echoing()) as there:
        one = Hub(log, feeds, there)
        yield one
        await one.transport.close()


async def test_a_callback_that_meant_it_gets_the_feed_signed(hub: Hub) -> None:
    """The whole of it, as the specification has it: what it is, where it is from, and by whom."""
    await hub.ask(more={"hub.secret": "sesame", "hub.lease_seconds": "7200"})
    await bring_out(hub.log, "latest", [])
    await hub.desk.work(ASKED)
    [asked] = hub.there.got
    query = parse_qs(urlsplit(asked.target).query)
    assert asked.method == "GET"
    assert {name: query[name] for name in ("id", "hub.mode", "hub.topic", "hub.lease_seconds")} == {
        "id": ["7"],
        "hub.mode": ["subscribe"],
        "hub.topic": [TOPIC],
        "hub.lease_seconds": ["7200"],
    }
    assert (await hub.one()).status == "active"

    await hub.deliver()
    [post] = hub.there.posts()
    assert (post.target, post.body) == ("/call?id=7", FEED)
    assert hub.feeds.got[0].target == "/channels/latest.atom"
    assert post.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert post.headers["link"] == f'<{BASE}/hub>; rel="hub", <{TOPIC}>; rel="self"'
    signature = hmac.new(b"sesame", FEED, hashlib.sha256).hexdigest()
    assert post.headers["x-hub-signature"] == f"sha256={signature}"


async def test_every_challenge_is_new(hub: Hub) -> None:
    """Nobody can answer for another one, or later."""
    hub.there.manner = receivers.answer(503)
    await hub.ask()
    for seconds in (0, 6, 400):
        await hub.desk.work(ASKED + timedelta(seconds=seconds))
    challenges = {parse_qs(urlsplit(one.target).query)["hub.challenge"][0] for one in hub.there.got}
    assert len(challenges) == 3
    assert (await hub.one()).status == "pending"


@pytest.mark.parametrize(
    "manner",
    [
        echoing(b"\n"),
        echoing(b"x"),
        receivers.answer(200),
        receivers.answer(200, b"ok"),
        receivers.answer(404),
        receivers.answer(410),
    ],
)
async def test_a_callback_that_did_not_mean_it_gets_nothing(hub: Hub, manner: Manner) -> None:
    """The challenge exactly, or no; and it is not asked again."""
    hub.there.manner = manner
    await hub.ask()
    await bring_out(hub.log, "latest", [])
    await hub.desk.work(ASKED)
    await hub.desk.work(ASKED + timedelta(hours=3))
    await hub.deliver()
    assert ((await hub.one()).status, (await hub.one()).reason) == ("cancelled", "refused")
    assert len(hub.there.got) == 1


async def test_nothing_is_sent_after_the_lease(hub: Hub) -> None:
    """Not even before whoever ends it has noticed."""
    await hub.ask(more={"hub.lease_seconds": "1800"})
    await hub.desk.work(ASKED)
    await bring_out(hub.log, "latest", [])
    await hub.deliver()
    assert hub.there.posts() == []
    await hub.desk.work(ASKED + timedelta(seconds=1799))
    assert (await hub.one()).status == "active"
    await hub.desk.work(ASKED + timedelta(seconds=1800))
    assert (await hub.one()).reason == "lease_over"


async def test_a_renewed_lease_goes_on(hub: Hub) -> None:
    """With the new secret, and without a digest twice."""
    await hub.ask(more={"hub.lease_seconds": "7200", "hub.secret": "old"})
    await hub.desk.work(ASKED)
    await bring_out(hub.log, "latest", [])
    await hub.deliver()
    later = ASKED + timedelta(seconds=7000)
    await hub.ask(at=later, more={"hub.lease_seconds": "7200", "hub.secret": "new"})
    await hub.desk.work(later)
    await bring_out(hub.log, "latest", [])
    await hub.deliver(ASKED + timedelta(seconds=9000))
    signed = [post.headers["x-hub-signature"] for post in hub.there.posts()]
    assert signed == [
        f"sha256={hmac.new(secret, FEED, hashlib.sha256).hexdigest()}" for secret in (b"old", b"new")
    ]


async def test_who_leaves_is_asked_first(hub: Hub) -> None:
    """Anybody could ask for it: who says no stays, who gives back the challenge is let go."""
    await hub.ask()
    await hub.desk.work(ASKED)
    for manner, status in ((receivers.answer(404), "active"), (echoing(), "cancelled")):
        hub.there.manner = manner
        await hub.ask("unsubscribe")
        await hub.desk.work(ASKED + timedelta(minutes=1))
        assert (await hub.one()).status == status
    modes = [parse_qs(urlsplit(one.target).query)["hub.mode"][0] for one in hub.there.got]
    assert modes == ["subscribe", "unsubscribe", "unsubscribe"]


async def test_a_callback_that_is_gone_is_left_alone(hub: Hub) -> None:
    """410 is the end of it until somebody asks again."""
    await hub.ask()
    await hub.desk.work(ASKED)
    hub.there.manner = receivers.answer(410)
    for _ in range(2):
        await bring_out(hub.log, "latest", [])
        await hub.deliver()
    assert len(hub.there.posts()) == 1
    assert ((await hub.one()).status, (await hub.one()).reason) == ("paused", "gone")


@pytest.mark.parametrize(
    "manner", [receivers.answer(503), receivers.answer(302, location="/x"), receivers.raw(b"")]
)
async def test_without_the_feed_nothing_is_sent_yet(hub: Hub, manner: Manner) -> None:
    """The web program may be starting; the callback gets the feed when it is there."""
    await hub.ask()
    await hub.desk.work(ASKED)
    await bring_out(hub.log, "latest", [])
    usual, hub.feeds.manner = hub.feeds.manner, manner
    await hub.deliver()
    assert hub.there.posts() == []
    hub.feeds.manner = usual
    await hub.deliver(FIRST + timedelta(seconds=10))
    assert len(hub.there.posts()) == 1
