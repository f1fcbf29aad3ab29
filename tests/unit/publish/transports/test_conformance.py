"""Every transport keeps what transports promise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from newsfeed.testing import receivers
from newsfeed.testing.deliveries import destination
from newsfeed.testing.mail_servers import mail_server
from newsfeed.testing.receivers import Request, receiver
from newsfeed.testing.transport_conformance import TransportConformance, Way
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Handshaking
from services.publish.transports.apprise import Apprise
from services.publish.transports.email import Email
from services.publish.transports.webhook import Webhook
from services.publish.transports.websub import WebSub

MANNERS = {
    "take": receivers.answer(200),
    "fail": receivers.answer(500),
    "cut": receivers.raw(b"HTTP/1.1 200 O"),
    "hang": receivers.silent,
}


class TestWebhook(TransportConformance):
    @pytest.fixture
    async def way(self) -> AsyncIterator[Way]:
        transport = Webhook(PublishSettings.model_validate({"webhooks_allow": "127.0.0.0/8"}))
        async with receiver() as there:

            def behave(behaviour: str) -> None:
                there.manner = MANNERS[behaviour]

            async def waits() -> None:
                await there.count(len(there.got) + 1)

            yield Way(
                transport=transport,
                destination=destination(f"{there.url}/a-path-that-nobody-guesses"),
                delivery=Delivery,
                behave=behave,
                got=lambda: [(one.headers["webhook-id"], one.body) for one in there.got],
                waits=waits,
            )
        await transport.close()

    def test_it_can_shake_hands(self) -> None:
        assert isinstance(Webhook(), Handshaking)


class TestEmail(TransportConformance):
    @pytest.fixture
    async def way(self, tmp_path: Path) -> AsyncIterator[Way]:
        async with mail_server() as there:
            settings = {
                "var": tmp_path,
                "public_url": "https://news.example",
                "smtp_host": "127.0.0.1",
                "smtp_port": there.port,
                "smtp_tls": "off",
                "smtp_from": "digests@news.example",
            }
            transport = Email(PublishSettings.model_validate(settings))

            def behave(behaviour: str) -> None:
                there.manner = behaviour if behaviour in {"hang", "cut"} else "take"
                there.data_answer = "554 no" if behaviour == "fail" else "250 OK"
                there.arrived.clear()

            async def waits() -> None:
                await there.arrived.wait()

            yield Way(
                transport=transport,
                destination=destination("somebody.in.particular@reader.example"),
                delivery=Delivery,
                behave=behave,
                got=lambda: [(mail.identity, mail.data) for mail in there.got],
                waits=waits,
            )
            await transport.close()


def _identified(request: Request) -> tuple[str, bytes]:
    """A feed is the same for all digests that it holds; the id beside it is not."""
    identity = request.headers["newsfeed-delivery-id"]
    return identity, identity.encode() + request.body


class TestWebSub(TransportConformance):
    @pytest.fixture
    async def way(self) -> AsyncIterator[Way]:
        async with receiver(receivers.answer(200, b"<feed/>")) as feeds, receiver() as there:
            settings = {
                "webhooks_allow": "127.0.0.0/8",
                "public_url": "https://news.example",
                "feeds_url": feeds.url,
            }
            transport = WebSub(PublishSettings.model_validate(settings))

            def behave(behaviour: str) -> None:
                there.manner = MANNERS[behaviour]

            async def waits() -> None:
                await there.count(len(there.got) + 1)

            def topical(**fields: Any) -> Delivery:  # noqa: ANN401 any of its fields
                return Delivery(**fields, options={"topic": "https://news.example/channels/latest.atom"})

            yield Way(
                transport=transport,
                destination=destination(f"{there.url}/a-path-that-nobody-guesses"),
                delivery=topical,
                behave=behave,
                got=lambda: [_identified(one) for one in there.got],
                waits=waits,
            )
        await transport.close()


class TestApprise(TransportConformance):
    @pytest.fixture
    async def way(self) -> AsyncIterator[Way]:
        transport = Apprise()
        async with receiver() as there:
            service = there.url.replace("http", "json")

            def behave(behaviour: str) -> None:
                # The library's client takes half a status line for a whole one.
                there.manner = receivers.raw(b"") if behaviour == "cut" else MANNERS[behaviour]

            async def waits() -> None:
                await there.count(len(there.got) + 1)

            yield Way(
                transport=transport,
                destination=destination(f"{service}/a-path-that-nobody-guesses?rto=1"),
                delivery=Delivery,
                behave=behave,
                got=lambda: [(orjson.loads(one.body)["title"], one.body) for one in there.got],
                waits=waits,
            )
        await transport.close()
