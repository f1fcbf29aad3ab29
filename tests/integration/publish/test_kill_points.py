"""A publisher dies at every round trip of its windows, and the next one goes on as if nothing had been."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from redis.asyncio.connection import Connection, UnixDomainSocketConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.cursor import Cursor, ledger_changes
from newsfeed.events import ChannelEvent
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.channels import digests, forget, kept
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher

pytestmark = [pytest.mark.by_turns, pytest.mark.no_cover]

NOWS = (61, 121, 181)
"""When the publisher looks at its boundaries."""


@pytest.fixture
async def story(timeline: Timeline) -> Timeline:
    """Two full windows and a third; a window with nothing to say; a correction and a retraction."""
    await timeline.at(1)
    for name in "abcde":
        await timeline.article(name)
    await timeline.at(61)
    await timeline.version("late")
    await timeline.at(121)
    await timeline.article("a", 2)
    await timeline.withdraw("b", 2)
    return timeline


@pytest.fixture
def channel() -> Channel:
    """Two articles a digest."""
    return Channel(name="latest", title="Latest", every_seconds=60, max_items=2)


async def publish(log: EventLog, channel: Channel, nows: Sequence[float] = NOWS) -> None:
    publisher = ChannelPublisher(log, channel, ancestors)
    for now in nows:
        await publisher.publish_due(moment(now))


async def undisturbed(log: EventLog, channel: Channel) -> dict[bytes, object]:
    """What is kept when nobody dies."""
    await publish(log, channel)
    found = await kept(log.redis, channel.name)
    await forget(log.redis, channel.name)
    return found


async def disturbed(
    server: EmbeddedRedis, log: EventLog, channel: Channel, dies_at: int, *, heard: bool
) -> tuple[bool, dict[bytes, object]]:
    """Whether a publisher died at that round trip, and what is kept after the next one went on."""
    client, died = dying_client(server.url, dies_at, heard=heard), False
    try:
        await publish(EventLog(client, log.manifest), channel)
    except Killed:
        died = True
        await publish(log, channel)
    finally:
        await client.aclose()
    found = await kept(log.redis, channel.name)
    await forget(log.redis, channel.name)
    return died, found


@pytest.mark.parametrize(("kind", "heard"), [("channel", False), ("bundle", True)])
async def test_a_publisher_may_die_at_any_round_trip(
    server: EmbeddedRedis, story: Timeline, request: pytest.FixtureRequest, kind: str, heard: bool
) -> None:
    """Before the server heard of the command, or after it ran: the same bytes in every key.

    A bundle's windows are closed by the same calls as those of any channel.
    """
    channel: Channel = request.getfixturevalue(kind)
    expected = await undisturbed(story.log, channel)

    dies_at, died = 0, True
    while died:
        dies_at += 1
        died, found = await disturbed(server, story.log, channel, dies_at, heard=heard)

        assert found == expected, f"round trip {dies_at}"

    assert dies_at > 40


async def test_the_story_is_worth_dying_in(story: Timeline, channel: Channel) -> None:
    """Otherwise the test above would prove little."""
    await publish(story.log, channel)

    published = await digests(story.log.redis, "latest")
    assert [(len(d["items"]), len(d["notices"])) for d in published] == [(2, 0), (2, 0), (1, 0), (0, 2)]
    assert await story.log.redis.xlen(streams.windows("latest")) == 5


async def close_in_two_commands(
    self: ChannelLog, window_id: str, cursor: Cursor, fact: ChannelEvent, number: int, public: bytes = b""
) -> None:
    """A planted bug: first the digest, then the cursor."""
    assert cursor is not None
    name = self._channel
    if public:
        await self._redis.xadd(streams.digests(name), {"number": number, "__data__": public})
    await self._redis.xadd(streams.windows(name), {"__data__": fact.model_dump_json()})
    ends: dict[str, str | int] = {f"p{one.partition}": one.through for one in fact.window.ranges}
    ends |= {"id": window_id, "number": number}
    await self._redis.hset(streams.cursor(name), items=[part for pair in ends.items() for part in pair])
    for article_id, delivered in ledger_changes(fact).items():
        await self._redis.hset(self._bucket(article_id), article_id, delivered.stored())


async def test_a_window_closed_in_two_commands_would_be_noticed(
    server: EmbeddedRedis, story: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ChannelLog, "close", close_in_two_commands)

    async def told_by(dies_at: int) -> list[str]:
        client = dying_client(server.url, dies_at)
        try:
            await publish(EventLog(client, story.log.manifest), channel)
        except Killed:
            await publish(story.log, channel)
        await client.aclose()
        found = await digests(story.log.redis, channel.name)
        await forget(story.log.redis, channel.name)
        return [item["article_id"] for digest in found for item in digest["items"]]

    told = [await told_by(dies_at) for dies_at in range(60)]

    assert sorted(told[0]) == [*"abcde"]
    assert any(len(one) > len(told[0]) for one in told)


class DeafConnection(UnixDomainSocketConnection):
    """Loses the replies to a script, once each connection, after the server ran it."""

    replies_to_lose = 0

    async def send_command(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 as in redis-py
        self.runs_script = args[0] == "EVALSHA"
        await super().send_command(*args, **kwargs)

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as in redis-py
        reply = await super().read_response(*args, **kwargs)
        if getattr(self, "runs_script", False) and DeafConnection.replies_to_lose:
            DeafConnection.replies_to_lose -= 1
            raise RedisConnectionError("the reply was lost")
        return reply


async def test_a_connection_cut_after_the_script_ran_doubles_nothing(
    server: EmbeddedRedis, story: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client repeats the script by itself; it is told that the window is closed, by nobody but itself."""
    expected = await undisturbed(story.log, channel)
    client = connect(server.url)
    assert issubclass(client.connection_pool.connection_class, Connection | UnixDomainSocketConnection)
    client.connection_pool.connection_class = DeafConnection
    monkeypatch.setattr(DeafConnection, "replies_to_lose", 2)

    await publish(EventLog(client, story.log.manifest), channel)

    await client.aclose()
    assert DeafConnection.replies_to_lose == 0
    assert await kept(story.log.redis, channel.name) == expected
