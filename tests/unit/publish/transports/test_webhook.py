"""Webhooks to a real receiver that misbehaves in every way."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Oracle
from standardwebhooks.webhooks import WebhookVerificationError

from newsfeed.registry import Destination, Subscription
from newsfeed.testing import receivers
from newsfeed.testing.deliveries import SECRET, at, delivery_fields, destination, digest_json
from newsfeed.testing.facts import NOON
from newsfeed.testing.receivers import Manner, Receiver, receiver
from services.publish.settings import PublishSettings
from services.publish.transports import Delivery, Outcome
from services.publish.transports.calling import MOST_ANSWER_BYTES, retry_after
from services.publish.transports.payload import payload
from services.publish.transports.signing import echo_token, key_of, signature
from services.publish.transports.webhook import Webhook

OTHER_SECRET = "whsec_" + "bm90aGluZyBpcyBhcyBzZWNyZXQgYXMgdGhpcw=="


def webhook(seconds: float = 20.0, **settings: object) -> Webhook:
    allowed = {"webhooks_allow": "127.0.0.0/8", "public_url": "https://news.example/"}
    return Webhook(PublishSettings.model_validate({**allowed, **settings}), total_seconds=seconds)


async def sent(manner: Manner, seconds: float = 20.0, delivery: Delivery | None = None) -> Outcome:
    async with receiver(manner) as there:
        transport = webhook(seconds)
        outcome = await transport.send(delivery or Delivery(**delivery_fields()), destination(there.url))
        await transport.close()
        return outcome


async def test_a_receiver_can_check_what_it_gets() -> None:
    """By the reference implementation, with a clock of now."""
    now = datetime.now(UTC)
    async with receiver() as there:
        outcome = await webhook().send(
            Delivery(**delivery_fields(now=now)), destination(there.url + "/hook?a=1")
        )
    [request] = there.got

    shown = Oracle(SECRET).verify(request.body, dict(request.headers))
    assert (request.method, request.target, outcome) == ("POST", "/hook?a=1", Outcome("delivered", "", 200))
    assert request.headers["content-type"] == "application/json"
    assert (shown["type"], shown["timestamp"]) == (
        "digest.published",
        NOON.isoformat().replace("+00:00", "Z"),
    )
    assert shown["data"]["url"] == "https://news.example/channels/latest/digests/3"
    assert shown["data"]["items"][0]["title"] == "Ada opens bridge"
    assert shown["data"]["notices"][0]["corrects"] == {"digest": 2}
    assert "summary" not in shown["data"]["items"][0]
    with pytest.raises(WebhookVerificationError):
        Oracle(OTHER_SECRET).verify(request.body, dict(request.headers))


@pytest.mark.parametrize("size", [24, 25, 32, 33, 48, 64])
def test_signatures_are_those_of_the_reference(size: int) -> None:
    secret = signature_secret(size)
    moment = datetime(2026, 3, 1, 8, tzinfo=UTC)
    body = '{"ü":"…"}'

    expected = Oracle(secret).sign("msg_1", moment, body)

    assert signature(secret, "msg_1", int(moment.timestamp()), body.encode()) == expected


def signature_secret(size: int) -> str:
    return "whsec_" + base64.b64encode(bytes(range(size))).decode()


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0",
        "whsec_!!",
        signature_secret(65),
    ],
)
def test_a_secret_that_is_none_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and") as error:
        key_of(secret)
    assert not secret[6:] or secret[6:] not in str(error.value)


async def test_while_secrets_rotate_both_can_check() -> None:
    now = datetime.now(UTC)
    async with receiver() as there:
        where = destination(there.url, OTHER_SECRET, SECRET)
        await webhook().send(Delivery(**delivery_fields(now=now)), where)
    [request] = there.got

    assert Oracle(SECRET).verify(request.body, dict(request.headers))
    assert Oracle(OTHER_SECRET).verify(request.body, dict(request.headers))


@pytest.mark.parametrize(
    ("manner", "expected"),
    [
        (receivers.answer(201), Outcome("delivered", "", 201)),
        (receivers.answer(204), Outcome("delivered", "", 204)),
        (receivers.answer(410), Outcome("gone", "gone", 410)),
        (receivers.answer(301, location="/elsewhere"), Outcome("retry", "redirected", 301)),
        (receivers.answer(307, location="/elsewhere"), Outcome("retry", "redirected", 307)),
        (receivers.answer(304), Outcome("retry", "redirected", 304)),
        (receivers.answer(400), Outcome("retry", "http_status", 400)),
        (receivers.answer(404), Outcome("retry", "http_status", 404)),
        (receivers.answer(429, retry_after="120"), Outcome("retry", "http_status", 429, 120.0)),
        (receivers.answer(503, retry_after="soon"), Outcome("retry", "http_status", 503)),
        (receivers.answer(500, b"x" * 100), Outcome("retry", "http_status", 500)),
        (receivers.raw(b""), Outcome("retry", "cut")),
        (receivers.raw(b"HTTP/1.1 200 OK\r\ncontent-le"), Outcome("retry", "cut")),
        (receivers.raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx"), Outcome("retry", "cut")),
        (receivers.raw(b"this is no HTTP at all\r\n\r\n"), Outcome("retry", "cut")),
        (receivers.raw(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 50_000), Outcome("retry", "cut")),
        (receivers.endless(b"HTTP/1.1 200 OK\r\n\r\n"), Outcome("delivered", "", 200)),
    ],
    ids=lambda value: "" if callable(value) else str(value),
)
async def test_what_a_receiver_does_has_a_name(manner: Manner, expected: Outcome) -> None:
    assert await sent(manner) == expected


@pytest.mark.parametrize(
    "manner",
    [
        receivers.silent,
        receivers.dripping(b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        receivers.dripping(b"HTTP/1.1 200 OK\r\n\r\n"),
    ],
    ids=["silent", "headers", "body"],
)
async def test_an_attempt_ends_although_the_receiver_does_not(manner: Manner) -> None:
    """The time is that of the whole attempt: a byte now and then does not lengthen it."""
    assert await sent(manner, 0.3) == Outcome("retry", "timeout")


async def test_a_redirect_is_not_followed() -> None:
    async with receiver(receivers.answer(302, location="/elsewhere")) as there:
        await webhook().send(Delivery(**delivery_fields()), destination(there.url + "/"))

    assert [one.target for one in there.got] == ["/"]


async def test_no_more_of_an_answer_is_taken_than_the_cap() -> None:
    """Whoever sends for ever is not listened to for ever."""
    taken: list[int] = []

    async def huge(_: receivers.Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 1024)
                await writer.drain()
                taken.append(1024)
        except ConnectionError:
            taken.append(0)

    await sent(huge)

    assert taken
    assert sum(taken) < 100 * MOST_ANSWER_BYTES


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1/", Outcome("retry", "unreachable")),
        ("http://10.0.0.1/", Outcome("refused", "address_refused")),
        ("http://2130706433/", Outcome("refused", "address_refused")),
        ("http://0x7f.1:80/", Outcome("refused", "address_refused")),
        ("http://[::ffff:10.0.0.1]/", Outcome("refused", "address_refused")),
        ("http://nowhere.invalid/", Outcome("retry", "unresolved")),
        ("ftp://127.0.0.1/", Outcome("retry", "unreachable")),
        ("http://", Outcome("retry", "unreachable")),
        ("http://exa mple/", Outcome("retry", "unresolved")),
    ],
)
async def test_an_address_that_leads_nowhere_never_raises(url: str, expected: Outcome) -> None:
    assert await webhook().send(Delivery(**delivery_fields()), destination(url)) == expected


async def test_a_destination_without_a_secret_is_refused() -> None:
    where = Destination(salt="00", address="http://127.0.0.1:1/")

    outcome = await webhook().send(Delivery(**delivery_fields()), where)

    assert outcome == Outcome("refused", "secret_unusable")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sunday, 01-Mar-26 12:02:00 GMT", 120),
        ("Sun Mar  1 12:02:00 2026", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(text, datetime(2026, 3, 1, 12, tzinfo=UTC)) == seconds


def test_a_large_digest_stays_a_small_body() -> None:
    """Heads only, and not of all; the count tells."""
    item = {
        "article_id": "a" * 40,
        "version": 1,
        "title": "ü" * 1000,
        "url": "https://news.example/" + "x" * 300,
    }
    notice = {"kind": "correction", "article_id": "b" * 40, "version": 2}
    body = digest_json(items=[item] * 500, notices=[notice] * 500)

    thin = payload(Delivery(**delivery_fields(bodies={"json": body})), None)

    data = orjson.loads(thin)["data"]
    assert len(thin) < 64_000
    assert (data["item_count"], data["notice_count"], data["url"]) == (500, 500, None)


def pending() -> Subscription:
    return Subscription("ada", "latest", "webhook", "d" * 64, "pending", 1, NOON)


async def confirmed(there: Receiver) -> str | None:
    return await webhook().confirm(pending(), destination(there.url + "/"), at(1))


@pytest.mark.parametrize("origin", ["news.example", "News.Example", "*"])
async def test_a_receiver_confirms_by_allowing_our_origin(origin: str) -> None:
    async with receiver(receivers.answer(200, webhook_allowed_origin=origin)) as there:
        assert await confirmed(there) == "handshake"
    [request] = there.got

    assert (request.method, request.headers["webhook-request-origin"]) == ("OPTIONS", "news.example")


@pytest.mark.parametrize("body", ["{}", '"{}"', '{{"token": "{}"}}', " {}\n"])
async def test_a_receiver_confirms_by_echoing_the_token(body: str) -> None:
    said = body.format(echo_token(SECRET, "ada")).encode()
    async with receiver(receivers.answer(200, said)) as there:
        assert await confirmed(there) == "echo"

    assert orjson.loads(there.posts()[0].body)["type"] == "subscription.requested"


@pytest.mark.parametrize(
    "manner",
    [
        receivers.answer(200),
        receivers.answer(200, webhook_allowed_origin="other.example"),
        receivers.answer(403, webhook_allowed_origin="*"),
        receivers.answer(403, echo_token(SECRET, "ada").encode()),
        receivers.answer(200, echo_token(SECRET, "bob").encode()),
        receivers.answer(200, b'{"token": null}'),
        receivers.answer(302, location="/elsewhere"),
        receivers.raw(b""),
    ],
    ids=lambda value: "" if callable(value) else str(value),
)
async def test_anything_else_is_no_confirmation(manner: Manner) -> None:
    async with receiver(manner) as there:
        assert await confirmed(there) is None


@pytest.mark.parametrize("frame", [b"%b", b"<pre>%b</pre>", b"[%b]"])
async def test_a_receiver_that_only_returns_what_it_got_has_not_said_yes(frame: bytes) -> None:
    async def mirror(request: receivers.Request, writer: asyncio.StreamWriter) -> None:
        await receivers.answer(200, frame % request.body)(request, writer)

    async with receiver(mirror) as there:
        assert await confirmed(there) is None


def test_the_ports_and_networks_of_the_settings_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSFEED_WEBHOOKS_ALLOW", "10.1.0.0/16, fd00::/8")
    monkeypatch.setenv("NEWSFEED_WEBHOOKS_PORTS", "443")
    transport = Webhook()

    assert transport.problems("http://10.1.2.3:9000/", {}) == []
    assert transport.problems("http://[fd00::1]/", {}) == []
    assert transport.problems("https://example.org/", {}) == []
    assert at(1) - NOON == timedelta(minutes=1)
