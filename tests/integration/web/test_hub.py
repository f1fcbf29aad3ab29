"""The hub of WebSub: what it accepts is verified later, what it refuses is said at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx2
import pytest

from newsfeed.eventlog import EventLog
from newsfeed.registry import Options
from newsfeed.tokens import Links
from services.web.desk import Desk
from services.web.routes import application
from services.web.settings import WebSettings

pytestmark = pytest.mark.by_turns

BASE = "https://news.example"
TOPIC = f"{BASE}/channels/latest.atom"
CALLBACK = "https://reader.example/hook?id=7"
WISH = {"hub.mode": "subscribe", "hub.topic": TOPIC, "hub.callback": CALLBACK, "hub.lease_seconds": "86400"}


class Push:
    """A way out that asks the callback itself."""

    name = "websub"
    needs = "handshake"

    def problems(self, address: str, _options: Options) -> list[str]:
        """Only readers may be called."""
        return [] if "reader" in address else ["that is nobody"]


@pytest.fixture
def desk(log: EventLog, settings: WebSettings) -> Desk:
    """A desk that others reach under a name."""
    known = settings.model_copy(update={"public_url": BASE})
    return Desk(known, log, Links(b"a key for tests"), {"websub": Push()})  # type: ignore[dict-item] # a str is not a Literal


@pytest.fixture
async def client(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """Asks the application without a network."""
    transport = httpx2.ASGITransport(application(desk))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as one:
        yield one


async def test_a_request_is_accepted_and_waits_for_its_callback(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    answer = await client.post("/hub", data={**WISH, "hub.secret": "s3cret", "other": "x"})

    assert answer.status_code == 202
    [one] = (await desk.registry()).subscriptions.values()
    assert (one.channel, one.transport, one.status) == ("latest", "websub", "pending")
    destination = await desk._registry.destination(one.destination_sha256)
    assert destination is not None
    assert (destination.address, destination.secrets) == (CALLBACK, ("s3cret",))


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"hub.mode": "shout"}, 400),
        ({"hub.topic": "https://elsewhere.example/feed"}, 400),
        ({"hub.topic": f"{BASE}/channels/nothing.atom"}, 404),
        ({"hub.callback": "no address"}, 400),
        ({"hub.callback": "https://nobody.example/"}, 400),
        ({"hub.lease_seconds": "soon"}, 400),
        ({"hub.secret": "x" * 200}, 400),
    ],
)
async def test_what_cannot_be_is_refused(
    client: httpx2.AsyncClient, desk: Desk, wish: dict[str, str], status: int
) -> None:
    answer = await client.post("/hub", data={**WISH, **wish})

    assert answer.status_code == status
    assert (await desk.registry()).subscriptions == {}


async def test_only_a_form_of_some_size_is_read(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/hub", json=WISH)).status_code == 415
    assert (await client.post("/hub", data={**WISH, "x": "y" * 20_000})).status_code == 413


async def test_every_feed_names_the_hub(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/channels/latest.atom")

    assert f'<{BASE}/hub>; rel="hub"' in answer.headers["link"]
    assert 'rel="hub"' in answer.text
