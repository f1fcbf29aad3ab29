"""Forms: a link in a mail changes nothing until somebody presses a button, and leaving takes one click."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from newsfeed.registry import Subscription
from newsfeed.tokens import Links, Purpose, link_key
from services.web.desk import Desk, Throttle

pytestmark = pytest.mark.by_turns

HTML = {"accept": "text/html"}
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def subscribed(client: httpx2.AsyncClient, desk: Desk) -> Subscription:
    """A pending subscription to `akhbar`."""
    wish = {"channel": "akhbar", "transport": "email", "address": "ada@example.org"}
    answer = await client.post("/api/subscriptions", json=wish)
    assert answer.status_code == 202, answer.text
    return await held(desk, answer.json()["subscription_id"])


async def held(desk: Desk, subscription_id: str) -> Subscription:
    """What the registry says of a subscription."""
    return (await desk.registry()).subscriptions[subscription_id]


async def test_the_form_of_a_page_asks_for_a_confirmation(client: httpx2.AsyncClient, desk: Desk) -> None:
    """Whoever types an address need not own it."""
    page = (await client.get("/channels/latest")).text
    answer = await client.post("/channels/latest/subscribe", data={"address": " ada@example.org "})
    [one] = (await desk.registry()).subscriptions.values()
    found = await desk._registry.destination(one.destination_sha256)

    assert 'action="/channels/latest/subscribe"' in page
    assert (answer.status_code, one.status, one.channel, one.transport) == (202, "pending", "latest", "email")
    assert found is not None
    assert found.address == "ada@example.org"


async def test_a_link_is_followed_without_effect(client: httpx2.AsyncClient, desk: Desk) -> None:
    """Programs that look for viruses follow every link in a mail."""
    one = await subscribed(client, desk)
    purposes: tuple[Purpose, ...] = ("confirm", "unsubscribe")
    for purpose in purposes:
        token = desk.links.token(purpose, one.subscription_id)
        for method in ("GET", "HEAD"):
            answer = await client.request(method, f"/{purpose}", params={"token": token})
            assert answer.status_code == 200

    assert await held(desk, one.subscription_id) == one


async def test_the_button_confirms_once(client: httpx2.AsyncClient, desk: Desk) -> None:
    """A second press is no second fact."""
    one = await subscribed(client, desk)
    token = desk.links.token("confirm", one.subscription_id)

    answers = [await client.post("/confirm", params={"token": token}) for _ in range(2)]
    position = (await desk.registry()).position

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ((await held(desk, one.subscription_id)).status, position) == ("active", 2)


@pytest.mark.parametrize("multipart", [False, True])
async def test_one_click_unsubscribes_without_a_redirect(
    client: httpx2.AsyncClient, desk: Desk, multipart: bool
) -> None:
    """As RFC 8058 has it: a POST by a program, in either form of a body, any number of times."""
    one = await subscribed(client, desk)
    token = desk.links.token("unsubscribe", one.subscription_id)
    parts = {name: (None, value) for name, value in ONE_CLICK.items()}

    async def click() -> int:
        address = f"/unsubscribe?token={token}"
        if multipart:
            return (await client.post(address, files=parts)).status_code
        return (await client.post(address, data=ONE_CLICK)).status_code

    statuses = [await click() for _ in range(3)]
    now = await held(desk, one.subscription_id)

    assert statuses == [200, 200, 200]
    assert (now.status, now.reason, (await desk.registry()).position) == ("cancelled", "one_click", 2)


async def test_who_left_cannot_be_brought_back_by_an_old_link(client: httpx2.AsyncClient, desk: Desk) -> None:
    """The end of a subscription is its end."""
    one = await subscribed(client, desk)
    left = await client.post(
        "/unsubscribe", params={"token": desk.links.token("unsubscribe", one.subscription_id)}
    )
    back = await client.post("/confirm", params={"token": desk.links.token("confirm", one.subscription_id)})

    assert (left.status_code, back.status_code) == (200, 409)
    assert (await held(desk, one.subscription_id)).status == "cancelled"


@pytest.mark.parametrize(("purpose", "other"), [("confirm", "unsubscribe"), ("unsubscribe", "confirm")])
async def test_a_token_that_is_not_ours_does_nothing(
    client: httpx2.AsyncClient, desk: Desk, purpose: Purpose, other: Purpose
) -> None:
    """Nor does one that was made for the other purpose, or by another key."""
    one = await subscribed(client, desk)
    right = desk.links.token(purpose, one.subscription_id)
    foreign = Links(b"another").token(purpose, one.subscription_id)
    wrong = ["", "x", right[:-1], desk.links.token(other, one.subscription_id), foreign]

    answers = [await client.post(f"/{purpose}", params={"token": token}) for token in wrong]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert await held(desk, one.subscription_id) == one


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"channel": "nope", "transport": "email", "address": "a@b"}, 404),
        ({"channel": "latest", "transport": "pigeon", "address": "a@b"}, 422),
        ({"channel": "latest", "transport": "email", "address": "nobody"}, 422),
        ({"channel": "latest", "transport": "email", "address": "a@" + "b" * 3000}, 422),
        ({"channel": "latest", "transport": "email"}, 422),
        ({"channel": "latest", "transport": "email", "address": "a@b", "admin": True}, 422),
        ({"channel": "latest", "transport": "email", "address": "a@" + "b" * 20_000}, 413),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_with_a_reason(
    client: httpx2.AsyncClient, desk: Desk, body: dict[str, object], status: int
) -> None:
    """Nothing is written for it."""
    answer = await client.post("/api/subscriptions", json=body)

    assert (answer.status_code, (await desk.registry()).position) == (status, 0)
    assert answer.json()["error"]


async def test_a_form_of_another_site_cannot_use_the_api(client: httpx2.AsyncClient) -> None:
    """Browsers send forms anywhere, but JSON only where they were allowed to."""
    answer = await client.post("/api/subscriptions", content=b"{}", headers={"content-type": "text/plain"})

    assert answer.status_code == 415


async def test_subscriptions_are_confirmed_and_ended_by_the_api(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    """The same tokens do the same."""
    one = await subscribed(client, desk)
    confirm = desk.links.token("confirm", one.subscription_id)
    leave = desk.links.token("unsubscribe", one.subscription_id)

    confirmed = await client.post("/api/subscriptions/confirm", json={"token": confirm})
    ended = await client.post("/api/subscriptions/cancel", json={"token": leave})

    assert (confirmed.json()["status"], ended.json()["status"]) == ("active", "cancelled")


async def test_nobody_can_have_us_send_mail_to_a_crowd(client: httpx2.AsyncClient, desk: Desk) -> None:
    """Each wish sends a message to somebody who may not have asked."""
    now = 0.0
    desk.throttle = Throttle(2, lambda: now)
    wish = {"channel": "latest", "transport": "email", "address": "ada@example.org"}

    first = [(await client.post("/api/subscriptions", json=wish)).status_code for _ in range(3)]
    now = 30.0
    later = [(await client.post("/api/subscriptions", json=wish)).status_code for _ in range(2)]

    assert (first, later) == ([202, 202, 429], [202, 429])


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """With another key every link in every old mail would be dead."""
    first, second = link_key(tmp_path), link_key(tmp_path)

    assert first == second
    assert len(first) == 64
    assert (tmp_path / "link.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["link.key"]
