"""Whoever replaces a digest may die, or have a rival, at any time; and bugs that must not go unseen."""

from __future__ import annotations

import asyncio

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.channels import forget, kept
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.timeline import Timeline, moment
from services.publish.unsent import Unsent
from tests.integration.publish.newsroom import Newsroom, finish, story
from tests.integration.publish.racing import close_together


@pytest.fixture
def room(timeline: Timeline, channel: Channel) -> Newsroom:
    """Everything it sends arrives."""
    return Newsroom(timeline, channel)


@pytest.mark.no_cover
@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [23, pytest.param(1, marks=pytest.mark.soak)])
async def test_who_replaces_may_die_at_any_round_trip(
    server: EmbeddedRedis, room: Newsroom, heard: bool, step: int
) -> None:
    """Publisher and deliverer; the same digests in the end, and nobody gets the one that was replaced."""
    await story(room)
    await finish(room)
    expected = await room.told()

    dies_at, died = 0, True
    while died:
        dies_at += step
        await forget(room.redis, "latest")
        again = Newsroom(room.timeline, room.channel)
        await again.publish(61)
        client, died = dying_client(server.url, dies_at, heard=heard), False
        try:
            await finish(again, EventLog(client, room.timeline.log.manifest))
        except* Killed:
            died = True
        await client.aclose()
        await finish(again)
        await again.deliver(190)

        assert await again.told() == expected, f"round trip {dies_at}"
        assert set(again.got("ada")) == set(again.got("bob")) == {2, 3}
        assert await again.cancelled() == [(name, 1, "superseded by 2") for name in ("ada", "bob")]

    assert await room.problems() == []
    assert dies_at > 60


async def test_of_two_publishers_one_replaces(
    server: EmbeddedRedis, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have a replacement in hand; one is refused, and finds nothing left to replace."""
    await story(room)
    clients = [connect(server.url) for _ in range(2)]
    racing = [room.press(EventLog(one, room.timeline.log.manifest)) for one in clients]
    refusals = close_together(racing, monkeypatch)

    counts = await asyncio.gather(*(one.publish_due(moment(71)) for one in racing))

    assert (sorted(counts), len(refusals)) == ([0, 1], 1)
    assert [one["supersedes"] for one in await room.told()] == [None, 1]
    for client in clients:
        await client.aclose()


async def test_a_publisher_that_sees_all_sent_and_one_that_does_not_agree_in_the_end(
    room: Newsroom,
) -> None:
    """What is in the fact holds: the second reads that the article is taken back already."""
    await story(room)
    await room.publish(71)
    await room.deliver(72)
    await room.press().publish_due(moment(121))

    two, three = (await room.told())[1:]
    assert (two["supersedes"], three["notices"]) == (1, [])


async def test_sending_the_old_digest_all_the_same_would_be_noticed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: nobody asks whether a digest was replaced."""

    async def never(_self: ChannelLog, _number: int) -> int | None:
        return None

    await story(room)
    await room.publish(71)
    monkeypatch.setattr(ChannelLog, "superseded_by", never)
    await room.deliver(72)

    assert 1 in room.got("ada")


async def test_taking_everything_for_sent_would_be_noticed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: then the retracted digest goes out, and the notice waits for its window."""

    async def none(*_: object) -> list[int]:
        return []

    monkeypatch.setattr(Unsent, "among", none)
    await story(room)
    await room.publish(71)
    await room.deliver(72)

    assert [one["supersedes"] for one in await room.told()] == [None]
    assert room.got("ada") == [1]


async def test_a_replacement_that_cannot_be_is_damage(room: Newsroom) -> None:
    """Its fact names a digest that another one replaced before."""
    await story(room)
    await room.publish(71)
    await forge(room, supersedes=1)

    assert "supersedes_wrong" in await room.problems()


async def forge(room: Newsroom, **fields: object) -> None:
    """A third digest whose fact says what the test wants."""
    log = ChannelLog(room.redis, "latest")
    cursor, two = await log.cursor(), await log.digest(2)
    assert two is not None
    window_id = cursor.next_id(moment(71))
    told = two.model_copy(update={"number": 3, "revises": (), **fields})
    body = await log.public_body(2)
    await log.close(window_id, cursor, told, 3, body or b"")


async def test_a_channel_can_be_forgotten(room: Newsroom) -> None:
    """The other tests compare what is left after it: nothing."""
    await story(room)
    await forget(room.redis, "latest")

    assert await kept(room.redis, "latest") == {b"newsfeed:digests:latest": None}
