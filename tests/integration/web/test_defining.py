"""Channels by the API: the rules and the words of the file, for whoever bears the token of editors."""

from __future__ import annotations

import httpx2
import pytest

from newsfeed.definitions import in_force
from newsfeed.registry import ChannelDefined
from newsfeed.tokens import Links
from services.web.desk import Desk

pytestmark = pytest.mark.by_turns

FERRIES = {"title": "Ferries", "query": "ferry OR boat*", "every_seconds": 600}
PATH = "/api/channels/ferries"


@pytest.fixture
def bearer(desk: Desk) -> dict[str, str]:
    """The header of an editor."""
    return {"authorization": f"Bearer {desk.links.editors_token()}"}


async def test_a_channel_is_defined_changed_and_retired(
    client: httpx2.AsyncClient, desk: Desk, bearer: dict[str, str]
) -> None:
    """Each is a fact of the registry, as from the file or a command."""
    first = await client.put(PATH, json=FERRIES, headers=bearer)
    again = await client.put(PATH, json=FERRIES, headers=bearer)
    changed = await client.put(PATH, json={**FERRIES, "quiet_hours": "22:00-07:00"}, headers=bearer)
    defined = in_force(await desk.registry(), {})["ferries"]
    listed = [one["name"] for one in (await client.get("/api/channels")).json()["channels"]]
    retired = await client.delete(PATH, headers=bearer)
    gone = await client.delete(PATH, headers=bearer)

    assert [(one.status_code, one.json()["changed"]) for one in (first, again, changed)] == [
        (201, True),
        (200, False),
        (200, True),
    ]
    assert (defined.channel.quiet_hours, defined.defined_by) == ("22:00-07:00", "api")
    assert first.json()["version"] != changed.json()["version"] == defined.channel.version
    assert "ferries" in listed
    assert (retired.status_code, gone.status_code) == (200, 404)
    assert "ferries" not in (await desk.registry()).channels


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"title": "F"}, "set exactly one of immediate, every_seconds and cron"),
        ({**FERRIES, "query": "ferry AND ("}, "query: at character 12: a clause is missing"),
        ({**FERRIES, "every_second": 3}, "every_second: unknown key; did you mean every_seconds?"),
        ({**FERRIES, "every_seconds": "soon"}, "a whole number from 1 to 86400"),
        ({**FERRIES, "name": "boats"}, "the address 'ferries'"),
        ([FERRIES], "the body is not an object"),
    ],
)
async def test_what_is_wrong_is_said_as_for_the_file(
    client: httpx2.AsyncClient, desk: Desk, bearer: dict[str, str], body: object, said: str
) -> None:
    answer = await client.put(PATH, json=body, headers=bearer)

    assert answer.status_code == 422
    assert said in answer.json()["error"]
    assert (await desk.registry()).position == 0


async def test_all_that_is_wrong_is_said_at_once(client: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    answer = await client.put(PATH, json={**FERRIES, "max_items": 0, "language": "xx"}, headers=bearer)

    assert "max_items" in answer.json()["error"]
    assert "language" in answer.json()["error"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({}, 401),
        ({"authorization": "Basic YTpi"}, 401),
        ({"authorization": "Bearer x.y"}, 403),
        ({"authorization": f"Bearer {Links(b'another key').editors_token()}"}, 403),
        ({"authorization": f"Bearer {Links(b'a key for tests').token('unsubscribe', 'channels')}"}, 403),
    ],
)
async def test_nobody_else_may(
    client: httpx2.AsyncClient, desk: Desk, method: str, header: dict[str, str], status: int
) -> None:
    """Not who holds the link of a mail, either."""
    answer = await client.request(method, PATH, json=FERRIES, headers=header)

    assert answer.status_code == status
    assert (await desk.registry()).position == 0


async def test_a_channel_of_the_file_is_changed_there(
    client: httpx2.AsyncClient, bearer: dict[str, str]
) -> None:
    answers = [
        await client.put("/api/channels/latest", json=FERRIES, headers=bearer),
        await client.delete("/api/channels/latest", headers=bearer),
    ]

    assert [one.status_code for one in answers] == [409, 409]


async def test_what_is_no_json_is_not_read(client: httpx2.AsyncClient, bearer: dict[str, str]) -> None:
    """A form of a foreign page cannot send the other type."""
    json = {**bearer, "content-type": "application/json"}

    assert (await client.put(PATH, content=b"title=x", headers=bearer)).status_code == 415
    assert "line 1 column" in (await client.put(PATH, content=b"{,", headers=json)).json()["error"]
    assert (await client.put(PATH, content=b"{" + b" " * 20_000, headers=json)).status_code == 413


async def test_the_fact_says_who_defined_it(
    client: httpx2.AsyncClient, desk: Desk, bearer: dict[str, str]
) -> None:
    await client.put(PATH, json=FERRIES, headers=bearer)
    fact = (await desk.registry()).channels["ferries"]

    assert isinstance(fact, ChannelDefined)
    assert fact.defined_by == "api"
    assert fact.definition["query"] == "ferry OR boat*"
