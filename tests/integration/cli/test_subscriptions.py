"""`newsfeed subscribe`, `subscriptions`, `unsubscribe`, `deliveries`, and what others tell of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from standardwebhooks.webhooks import Webhook as Oracle

from newsfeed import streams
from newsfeed.deliveries import DeliverySucceeded
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.testing import receivers
from newsfeed.testing.answers import Ask
from newsfeed.testing.channels import bring_out
from newsfeed.testing.receivers import Receiver, receiver
from newsfeed.testing.town import BRIDGE, Town
from services.publish.delivering import ChannelDeliveries
from services.publish.settings import PublishSettings
from services.publish.transports.webhook import Webhook

pytestmark = pytest.mark.by_turns


@pytest.fixture
async def there(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A receiver on this machine, which is allowed."""
    monkeypatch.setenv("NEWSFEED_WEBHOOKS_ALLOW", "127.0.0.0/8")
    async with receiver() as one:
        yield one


async def subscribed(ask: Ask, there: Receiver, *more: str) -> dict[str, str]:
    """What the command said of a new subscription to digests from the first on."""
    [shown] = (await ask("subscribe", "latest", "--webhook", there.url + "/hook", "--json", *more)).json
    await ask("deliveries", "replay", shown["subscription_id"], "--from", "1")
    found: dict[str, str] = shown
    return found


async def delivered(town: Town, *, hours: int = 0) -> None:
    """As publish would, so many hours from now."""
    redis = town.log.redis
    transport = Webhook(PublishSettings.model_validate({"webhooks_allow": "127.0.0.0/8"}))
    worker = ChannelDeliveries(redis, "latest", RegistryLog(redis), {"webhook": transport})
    now = datetime.fromtimestamp(await server_time(redis), UTC) + timedelta(hours=hours)
    while await worker.deliver_due(now):
        pass
    await transport.close()


@pytest.mark.usefixtures("town")
async def test_a_subscription_is_made_tested_and_listed(ask: Ask, there: Receiver) -> None:
    """W7. The secret is shown once, the address never again."""
    [shown] = (await ask("subscribe", "latest", "--webhook", there.url, "--test", "--json")).json
    [request] = there.got
    listed = await ask("subscriptions", "--json")

    assert Oracle(shown["secret"]).verify(request.body, dict(request.headers))["type"] == "digest.test"
    assert (shown["test"], shown["test_status_code"], shown["status"]) == ("delivered", 200, "active")
    assert [one["subscription_id"] for one in listed.json] == [shown["subscription_id"]]
    assert there.url not in listed.out
    assert shown["secret"] not in listed.out


@pytest.mark.usefixtures("town")
async def test_a_test_that_fails_is_bad_news(ask: Ask, there: Receiver) -> None:
    there.manner = receivers.answer(500)
    made = await ask("subscribe", "latest", "--webhook", there.url, "--test", "--json")
    again = await ask("subscriptions", "test", made.json[0]["subscription_id"], "--json")

    assert (made.status, again.status, again.json[0]["status_code"]) == (1, 1, 500)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["latest"], "--webhook"),
        (["latest", "--webhook", "http://10.0.0.1/"], "public"),
        (["latest", "--webhook", "http://0x7f.1/"], "disguise"),
        (["latest", "--webhook", "https://x.example/", "--quiet-hours", "late"], "hours"),
        (["latest", "--webhook", "https://x.example/", "--time-zone", "Mars/Olympus"], "Mars"),
        (["latest", "--webhook", "https://x.example/", "--test", "--handshake"], "handshake"),
    ],
)
@pytest.mark.usefixtures("town")
async def test_what_cannot_be_subscribed_is_wrong_usage(ask: Ask, arguments: list[str], word: str) -> None:
    answer = await ask("subscribe", *arguments)

    assert answer.status == 2
    assert word in answer.err
    assert (await ask("subscriptions", "--json")).json == []


@pytest.mark.usefixtures("town")
async def test_an_unknown_channel_or_subscription_is_bad_news(ask: Ask) -> None:
    assert (await ask("subscribe", "nothing", "--webhook", "https://x.example/")).status == 1
    for command in (("unsubscribe",), ("subscriptions", "pause"), ("subscriptions", "rotate")):
        assert (await ask(*command, "nobody")).status == 1
    assert (await ask("deliveries", "resend", "nonsense")).status == 2
    assert (await ask("deliveries", "resend", "5c4f0d7e-7d0b-5a51-9f0a-6e6577736664")).status == 1


async def test_every_change_of_a_subscription(town: Town, ask: Ask, there: Receiver) -> None:
    registry = RegistryLog(town.log.redis)
    one = (await subscribed(ask, there, "--quiet-hours", "22:00-07:00", "--urgent"))["subscription_id"]
    first = (await registry.read()).subscriptions[one]

    assert first.options == {"quiet_hours": "22:00-07:00", "time_zone": "UTC", "urgent": True}
    assert (await ask("subscriptions", "pause", one)).status == 0
    assert (await ask("subscriptions", "--json")).json[0]["reason"] == "operator"
    assert (await ask("subscriptions", "resume", one, "--after", "1")).status == 0
    [rotated] = (await ask("subscriptions", "rotate", one, "--json")).json
    second = (await registry.read()).subscriptions[one]
    kept = await registry.destination(second.destination_sha256)
    assert kept is not None
    assert kept.secrets[0] == rotated["secret"]
    assert len(kept.secrets) == 2
    assert orjson.loads((await ask("subscriptions", "preview", one)).out)["data"]["number"] == 2
    assert (await ask("subscriptions", "erase", one)).status == 0
    assert await registry.destination(first.destination_sha256) is None
    assert await registry.destination(second.destination_sha256) is None
    assert (await ask("subscriptions", "resume", one)).status == 1
    assert (await ask("unsubscribe", one)).status == 0
    assert (await ask("subscriptions", "list", "--status", "cancelled", "--json")).json[0][
        "reason"
    ] == "erased"
    assert (await ask("verify")).status == 0


async def test_deliveries_are_listed_resent_and_replayed(town: Town, ask: Ask, there: Receiver) -> None:
    one = (await subscribed(ask, there))["subscription_id"]
    await delivered(town)
    listed = (await ask("deliveries", "list", "--json")).json
    assert [(row["number"], row["state"], row["status_code"]) for row in listed] == [
        (1, "delivered", 200),
        (2, "delivered", 200),
    ]
    assert (
        await ask("deliveries", "list", "--since", "2026-01-01", "--state", "parked", "--json")
    ).json == []

    await ask("deliveries", "resend", listed[0]["delivery_id"])
    await delivered(town)
    assert (await ask("deliveries", "replay", one, "--from", "1")).out == "It has got all of them.\n"
    await ask("deliveries", "replay", one, "--from", "2", "--all")
    await delivered(town)

    ids = [request.headers["webhook-id"] for request in there.got]
    first, second = (row["delivery_id"] for row in listed)
    assert ids == [first, second, first, second]
    assert there.got[0].body == there.got[2].body
    assert (await ask("deliveries", "list")).out.count("delivered") == 2


async def test_what_is_parked_shows_until_somebody_acts(town: Town, ask: Ask, there: Receiver) -> None:
    there.manner = receivers.answer(500)
    one = (await subscribed(ask, there))["subscription_id"]
    for hours in range(0, 720, 30):
        await delivered(town, hours=hours)
    status = (await ask("status", "--json")).json[0]
    parked = (await ask("deliveries", "list", "--state", "parked", "--json")).json
    assert status["deliveries"]["latest"]["parked"] == len(parked) > 0
    assert any("parked" in problem for problem in status["problems"])

    there.manner = receivers.answer(200)
    await ask("subscriptions", "resume", one, "--after", "2")
    await bring_out(town.log, "latest", [])
    await delivered(town, hours=750)
    ids = [row["delivery_id"] for row in parked]
    assert (await ask("deliveries", "drop", *ids)).status == 0
    assert (await ask("deliveries", "drop", *ids)).status == 1
    assert (await ask("deliveries", "list", "--subscription", one, "--state", "parked", "--json")).json == []
    status = (await ask("status", "--json")).json[0]
    assert status["deliveries"]["latest"]["parked"] == 0
    await ask("rebuild", "--all")
    rebuilt = await DeliveryLog(town.log.redis, "latest").states()
    assert {name: state.after for name, state in rebuilt.items()} == {one: 3}


async def test_a_trace_goes_on_to_every_delivery(town: Town, ask: Ask, there: Receiver) -> None:
    subscription = (await subscribed(ask, there))["subscription_id"]
    await delivered(town)
    [trace] = (await ask("trace", BRIDGE, "--json")).json
    told = [
        receipt for version in trace["versions"] for on in version["deliveries"] for receipt in on["receipts"]
    ]

    assert [(row["number"], row["subscription_id"], row["state"]) for row in told] == [
        (1, subscription, "delivered"),
        (2, subscription, "delivered"),
    ]
    assert f"delivered to {subscription}" in (await ask("trace", BRIDGE)).out


async def test_verify_knows_a_delivery_that_cannot_be(town: Town, ask: Ask, there: Receiver) -> None:
    """A digest that never came out, somebody who never subscribed, an id of another delivery, a wreck."""
    one = (await subscribed(ask, there))["subscription_id"]
    await delivered(town)
    log = DeliveryLog(town.log.redis, "latest")
    [fact, *_] = [fact async for _, fact in log.facts()]
    assert isinstance(fact, DeliverySucceeded)
    for changes in ({"number": 9}, {"subscription_id": "nobody"}, {"channel": "other"}):
        wrong = fact.model_copy(update=changes).model_dump_json()
        await town.log.redis.xadd(streams.deliveries("latest"), {"__data__": wrong})
    await town.log.redis.xadd(streams.deliveries("latest"), {"__data__": "wreck"})
    answer = await ask("verify", "--json")

    assert answer.status == 1
    assert {problem["code"] for problem in answer.json} == {
        "channel_wrong",
        "number_wrong",
        "subscription_unknown",
        "delivery_id_wrong",
        "event_unreadable",
    }
    assert one


async def test_a_rebuild_brings_back_what_is_due(town: Town, ask: Ask, there: Receiver) -> None:
    """Also when all of it was lost."""
    there.manner = receivers.answer(500)
    await subscribed(ask, there)
    await delivered(town)
    log = DeliveryLog(town.log.redis, "latest")
    due = await log.due()
    await town.log.redis.delete(streams.due("latest"), streams.delivery_states("latest"))
    answer = await ask("rebuild", "--all", "--json")
    notes = {row["rebuilt"]: row.get("note") for row in answer.json}

    assert notes["deliveries of latest"] == "made anew: 1 in hand"
    assert await log.due() == due
    there.manner = receivers.answer(200)
    await bring_out(town.log, "latest", [])
    await delivered(town, hours=1)
    assert [orjson.loads(request.body)["data"]["number"] for request in there.got] == [1, 1, 2, 3]


@pytest.fixture
def mail_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there; the command itself sends no mail."""
    monkeypatch.setenv("NEWSFEED_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("NEWSFEED_SMTP_FROM", "digests@news.example")
    monkeypatch.setenv("NEWSFEED_PUBLIC_URL", "https://news.example")


@pytest.mark.usefixtures("town", "mail_is_set_up")
async def test_an_address_waits_for_the_word_of_its_owner(ask: Ask) -> None:
    """Not even an operator can say yes in his place by subscribing."""
    [shown] = (await ask("subscribe", "latest", "--email", "ada@reader.example", "--json")).json
    listed = await ask("subscriptions", "--json")
    assert (shown["transport"], shown["status"], shown["secret"]) == ("email", "pending", None)
    assert "ada@" not in listed.out


@pytest.mark.usefixtures("town", "mail_is_set_up")
@pytest.mark.parametrize(
    "more",
    [
        ["--email", "ada"],
        ["--email", "ada@reader.example", "--test"],
        ["--email", "ada@reader.example", "--handshake"],
        ["--email", "ada@reader.example", "--webhook", "https://reader.example"],
    ],
)
async def test_what_cannot_be_by_mail_is_wrong_usage(ask: Ask, more: list[str]) -> None:
    assert (await ask("subscribe", "latest", *more)).status == 2


@pytest.mark.usefixtures("town")
async def test_mail_that_is_not_set_up_is_wrong_usage(ask: Ask) -> None:
    """The message names what is missing."""
    said = await ask("subscribe", "latest", "--email", "ada@reader.example")
    assert said.status == 2
