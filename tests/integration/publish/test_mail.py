"""Mails from the registry to a real server: nothing before its owner said yes, nothing after he ended it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from newsfeed.channels import Channel, FrameLanguage
from newsfeed.definitions import define
from newsfeed.deliveries import DeliveryFailed, DeliveryParked, DeliverySucceeded, delivery_id
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.delivery_rebuild import rebuild_deliveries
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Subscription
from newsfeed.subscribing import Asked, cancel, confirm, create, new_destination, resume
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import NOON
from newsfeed.testing.mail_servers import MailServer, mail_server
from newsfeed.tokens import Links, link_key
from services.publish.confirming import MOMENTS, Confirmations
from services.publish.delivering import ChannelDeliveries
from services.publish.settings import PublishSettings
from services.publish.transports.email import Email

pytestmark = pytest.mark.by_turns

ASKED = NOON - timedelta(days=5)
FIRST = NOON + timedelta(minutes=1)
NOBODY = "550 5.1.1 no such user"


def after(**span: float) -> datetime:
    return ASKED + timedelta(**span)


class PostOffice:
    """A channel, a mail server, and whoever asks and delivers, with a clock that the test moves."""

    def __init__(self, log: EventLog, server: MailServer, var: Path) -> None:
        self.log = log
        self.server = server
        self.registry = RegistryLog(log.redis)
        self.deliveries = DeliveryLog(log.redis, "latest")
        settings = {
            "var": var,
            "public_url": "https://news.example",
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_tls": "off",
            "smtp_from": "digests@news.example",
        }
        self.email = Email(PublishSettings.model_validate(settings))
        self.links = Links(link_key(var))
        self.desk = self.begun()

    def begun(self) -> Confirmations:
        """A process that starts with nothing in its memory."""
        return Confirmations(self.log.redis, {"email": self.email}, os.urandom)

    async def subscribe(self, name: str = "ada", address: str = "ada@reader.example") -> None:
        home = new_destination(address, os.urandom)
        asked = Asked(name, "latest", "email", home, "link", ASKED)
        await self.registry.change(create(asked), [home])

    async def confirmed(self, name: str = "ada") -> None:
        await self.registry.change(confirm(name, "link", after(hours=1)))

    async def publish(self, count: int) -> None:
        for _ in range(count):
            await bring_out(self.log, "latest", [])

    async def deliver(self, now: datetime = FIRST) -> None:
        worker = ChannelDeliveries(
            self.log.redis, "latest", RegistryLog(self.log.redis), {"email": self.email}
        )
        while await worker.deliver_due(now):
            pass

    async def subscription(self, name: str = "ada") -> Subscription:
        return (await self.registry.read()).subscriptions[name]

    async def kinds(self) -> list[type]:
        return [type(one) async for _, one in self.deliveries.facts()]

    def subjects(self) -> list[str]:
        return [str(mail.message["Subject"]) for mail in self.server.got]


@pytest.fixture
async def office(log: EventLog, tmp_path: Path) -> AsyncIterator[PostOffice]:
    """Nothing is subscribed yet; the server takes everything."""
    async with mail_server() as server:
        one = PostOffice(log, server, tmp_path)
        yield one
        await one.email.close()


async def test_no_digest_goes_out_before_the_owner_said_yes(office: PostOffice) -> None:
    """M2: one question, with a link that confirms this one subscription; the digests from then on."""
    await office.subscribe()
    await office.publish(1)
    await office.desk.work(after(seconds=1))
    await office.deliver()
    assert office.subjects() == ["Please confirm: latest"]
    token = office.server.got[0].message.get_content().split("confirm?token=")[1].split()[0]
    assert office.links.subscription_id("confirm", token) == "ada"
    assert office.server.got[0].message["List-Unsubscribe"] is None

    await office.confirmed()
    await office.publish(1)
    await office.deliver(FIRST + timedelta(hours=1))
    assert len(office.server.got) > 1
    assert all("latest" in subject.lower() for subject in office.subjects())
    assert set(await office.kinds()) == {DeliverySucceeded}


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("ar", "يرجى التأكيد: Hafen & Boote"),
        ("de", "Bitte bestätigen: Hafen & Boote"),
        ("fr", "Veuillez confirmer"),
    ],
)
async def test_a_question_is_asked_in_the_language_of_the_channel(
    office: PostOffice, language: FrameLanguage, subject: str
) -> None:
    """Who subscribed on an Arabic page may read nothing else."""
    channel = Channel(name="latest", title="Hafen & Boote", every_seconds=60, language=language)
    await office.registry.change(lambda registry: define(registry, [channel], "command", ASKED))
    await office.subscribe()
    await office.desk.work(after(seconds=1))

    [mail] = office.server.got
    assert str(mail.message["Subject"]).startswith(subject)
    assert mail.message["Content-Language"] == language
    assert "Hafen & Boote" in mail.message.get_content()
    assert "confirm?token=" in mail.message.get_content()
    assert (await office.subscription()).options == {}


async def test_a_question_is_asked_once(office: PostOffice) -> None:
    """Whatever is restarted, and however many processes ask; who does not answer is let go in the end."""
    await office.subscribe()
    for moment in MOMENTS[:-1]:
        for desk in (office.desk, office.begun()):
            await desk.work(after(seconds=moment + 1))
    assert len(office.server.got) == 1
    assert (await office.subscription()).status == "pending"
    await office.begun().work(after(seconds=MOMENTS[-1] + 1))
    assert len(office.server.got) == 1
    assert (await office.subscription()).reason == "unconfirmed"


async def test_nobody_can_have_an_address_flooded(office: PostOffice) -> None:
    """At most one question an hour, however many subscriptions somebody else makes for it."""
    for number in range(20):
        await office.subscribe(f"s{number:02}", "ADA@reader.example" if number % 2 else "ada@reader.example")
    await office.subscribe("bob", "bob@reader.example")
    for seconds in (1, 7, 310, 2110):
        await office.desk.work(after(seconds=seconds))
        await office.begun().work(after(seconds=seconds))
    to = [mail.to.lower() for mail in office.server.got]
    assert sorted(to) == ["ada@reader.example", "bob@reader.example"]
    await office.desk.work(after(seconds=MOMENTS[4] + 1))
    assert len(office.server.got) == 3


async def test_a_question_that_a_server_put_off_is_asked_again(office: PostOffice) -> None:
    """Many put off whom they do not know; nothing has arrived, so the hour does not count."""
    await office.subscribe()
    office.server.recipient_answer = "451 4.7.1 greylisted"
    await office.desk.work(after(seconds=1))
    office.server.recipient_answer = "250 OK"
    await office.desk.work(after(seconds=6))
    assert len(office.server.got) == 1


async def test_a_question_that_was_cut_off_may_have_arrived(office: PostOffice) -> None:
    """Nobody knows; so the hour counts."""
    await office.subscribe()
    office.server.manner = "cut"
    await office.desk.work(after(seconds=1))
    office.server.manner = "take"
    await office.desk.work(after(minutes=36))
    assert office.server.got == []
    await office.desk.work(after(hours=3))
    assert len(office.server.got) == 1


async def test_an_address_that_does_not_exist_is_let_go_at_once(office: PostOffice) -> None:
    """There is nobody to say yes."""
    await office.subscribe()
    office.server.recipient_answer = NOBODY
    await office.desk.work(after(seconds=1))
    one = await office.subscription()
    assert (one.status, one.reason) == ("cancelled", "refused")


async def test_an_address_that_bounced_twice_is_paused(office: PostOffice) -> None:
    """M3: 5xx parks each mail; the second one in a row ends the sending until somebody resumes it."""
    await office.subscribe()
    await office.confirmed()
    office.server.recipient_answer = NOBODY
    await office.publish(3)
    await office.deliver()
    assert await office.kinds() == [DeliveryParked, DeliveryParked]
    one = await office.subscription()
    assert (one.status, one.reason) == ("paused", "bounced")

    office.server.recipient_answer = "250 OK"
    await office.registry.change(resume("ada", FIRST + timedelta(minutes=1), after=2))
    await office.deliver(FIRST + timedelta(hours=1))
    assert [mail.identity for mail in office.server.got] == [
        f"<{delivery_id('latest', 3, 'ada')}@news.example>"
    ]


async def test_bounces_with_a_success_between_pause_nothing(office: PostOffice) -> None:
    """A server that lost its list of users for a minute must not cost a reader the rest."""
    await office.subscribe()
    await office.confirmed()
    for answer in (NOBODY, "250 OK", NOBODY):
        office.server.recipient_answer = answer
        await office.publish(1)
        await office.deliver(FIRST + timedelta(minutes=10))
    assert (await office.subscription()).status == "active"
    assert await office.kinds() == [DeliveryParked, DeliverySucceeded, DeliveryParked]


async def test_bounces_are_counted_over_a_rebuild(office: PostOffice) -> None:
    """How many there were is in the facts."""
    await office.subscribe()
    await office.confirmed()
    office.server.recipient_answer = NOBODY
    await office.publish(1)
    await office.deliver()
    stored = await office.deliveries.states()
    await rebuild_deliveries(office.log.redis, "latest", await office.registry.read())
    assert await office.deliveries.states() == stored
    await office.publish(1)
    await office.deliver(FIRST + timedelta(minutes=10))
    assert (await office.subscription()).reason == "bounced"


async def test_a_mail_that_was_put_off_comes_with_the_same_bytes(office: PostOffice) -> None:
    """M3: 4xx is tried again; whichever attempt it is, the id and the bytes are those of the first."""
    await office.subscribe()
    await office.confirmed()
    office.server.data_answer = "451 4.3.0 later"
    await office.publish(1)
    await office.deliver()
    office.server.data_answer = "250 OK"
    await office.deliver(FIRST + timedelta(seconds=10))
    assert await office.kinds() == [DeliveryFailed, DeliverySucceeded]
    assert office.server.got[0].identity == f"<{delivery_id('latest', 1, 'ada')}@news.example>"


async def test_who_ended_it_gets_nothing_more(office: PostOffice) -> None:
    """Also what had come out before."""
    await office.subscribe()
    await office.confirmed()
    await office.publish(1)
    await office.registry.change(cancel("ada", "one_click", FIRST))
    await office.deliver()
    assert office.server.got == []
