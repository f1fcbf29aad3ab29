"""No rebuild sends a digest again: neither while a publisher is at work, nor when it is interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from redis.asyncio.client import PubSub

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import LEDGER_BUCKETS
from newsfeed.eventlog.channel_rebuild import rebuild_channel
from newsfeed.eventlog.connection import Client, client_options, connect
from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.rebuilding import build, swap
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.channels import digests, forget, kept
from newsfeed.testing.failures import DyingClient, Killed, dying_client
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher

MINUTES = 6
MOST_BETWEEN = 120
"""Round trips between two drops: closing a window, with all made anew before, takes fewer than half."""


async def fill(timeline: Timeline) -> None:
    """Every minute three new articles, one that changes, and one that is withdrawn in the end."""
    for minute in range(MINUTES):
        await timeline.at(60 * minute + 1)
        for number in range(3):
            await timeline.article(f"article-{minute}-{number}")
        await timeline.article("changing", minute + 1)
    await timeline.withdraw("article-0-0", 2)


async def undisturbed(timeline: Timeline, channel: Channel) -> dict[bytes, object]:
    """All that Redis keeps of the channel when nobody rebuilds anything; then it is forgotten."""
    await fill(timeline)
    await publish(timeline.log, channel)
    expected = await kept(timeline.log.redis, channel.name)
    await forget(timeline.log.redis, channel.name)
    return expected


async def publish(log: EventLog, channel: Channel, minutes: int = MINUTES) -> None:
    publisher = ChannelPublisher(log, channel, ancestors)
    for minute in range(1, minutes + 1):
        await publisher.publish_due(moment(60 * minute + 1))


async def drop(redis: Client, channel: str) -> None:
    """Remove the channel's cursor and its ledger, as an operator might."""
    ledger = [streams.delivered(channel, bucket) for bucket in range(LEDGER_BUCKETS)]
    await redis.unlink(streams.cursor(channel), *ledger)


async def messages(listener: PubSub) -> list[Any]:
    """What was sent to listeners so far; the first message only says that they listen."""
    assert (await listener.get_message(timeout=5))["type"] == "subscribe"
    found = []
    while message := await listener.get_message(ignore_subscribe_messages=True, timeout=0.2):
        found.append(message["data"])
    return found


@pytest.mark.parametrize("kind", ["channel", "bundle"])
async def test_a_rebuild_beside_a_publisher_changes_nothing(
    server: EmbeddedRedis, timeline: Timeline, request: pytest.FixtureRequest, kind: str
) -> None:
    """Byte for byte in every key, and every digest is heard once."""
    channel: Channel = request.getfixturevalue(kind)
    expected = await undisturbed(timeline, channel)
    client = connect(server.url)
    log = EventLog(client, timeline.log.manifest)
    listener = client.pubsub()
    await listener.subscribe(streams.digests("latest"))
    publishing = asyncio.create_task(publish(log, channel))

    rounds = 0
    while not publishing.done() or rounds < 3:
        if await client.exists(streams.windows("latest")):
            rebuilt = await rebuild_channel(timeline.log.redis, "latest")
            assert rebuilt.sha256_before == rebuilt.sha256_after
            rounds += 1
        await swap(timeline.log, ARTICLES, await build(timeline.log, ARTICLES))
    await publishing

    assert await kept(client, "latest") == expected
    heard = await messages(listener)
    assert len(heard) == len(await digests(client, "latest")) == MINUTES
    await listener.aclose()  # type: ignore[no-untyped-call] # redis-py gives it no types
    await client.aclose()


class Dropping(DyingClient):
    """A client under which cursor and ledger are dropped again and again, as chance has it."""

    chance: Random
    other: Client
    drops = 0
    next_at = 1

    async def _live(self, run: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 as in redis-py
        self.round_trips += 1
        if self.round_trips == self.next_at:
            await drop(self.other, "latest")
            self.drops += 1
            self.next_at += self.chance.randint(1, MOST_BETWEEN)
        return await run()


@pytest.mark.parametrize("seed", range(3))
async def test_dropping_cursor_and_ledger_under_a_publisher_changes_nothing(
    server: EmbeddedRedis, timeline: Timeline, channel: Channel, seed: int
) -> None:
    """Whatever the publisher was about to do: it finds no cursor, makes both anew, and begins again.

    Bodies that it had rendered from half a ledger stay behind; no fact names them, nobody gets them.
    """
    expected = await undisturbed(timeline, channel)
    client = Dropping.from_url(server.url, **client_options(retries=3))
    assert isinstance(client, Dropping)
    client.chance, client.other = Random(seed), timeline.log.redis

    await publish(EventLog(client, timeline.log.manifest), channel)
    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(60 * MINUTES + 2))

    await client.aclose()
    found = await kept(timeline.log.redis, "latest")
    unpublished = {key for key in found.keys() - expected.keys() if b":body:" in key}

    assert client.drops > 2
    assert {key: value for key, value in found.items() if key not in unpublished} == expected


async def test_a_ledger_dropped_alone_would_be_noticed(timeline: Timeline, channel: Channel) -> None:
    """The bug: a rebuild that empties the ledger first and fills it later. The checks above tell it."""
    expected = await undisturbed(timeline, channel)
    await publish(timeline.log, channel, minutes=3)
    ledger = [streams.delivered("latest", bucket) for bucket in range(LEDGER_BUCKETS)]
    await timeline.log.redis.unlink(*ledger)

    await publish(timeline.log, channel)

    assert await kept(timeline.log.redis, "latest") != expected


@pytest.mark.parametrize(
    ("dies_at", "heard"), [(1, False), (3, True), (500, False), (500, True), (LEDGER_BUCKETS + 3, False)]
)
async def test_a_rebuild_that_is_killed_changes_nothing(
    server: EmbeddedRedis, timeline: Timeline, channel: Channel, dies_at: int, heard: bool
) -> None:
    """Wherever it dies, the next publisher goes on as if nobody had rebuilt anything."""
    expected = await undisturbed(timeline, channel)
    await publish(timeline.log, channel, minutes=3)
    dying = dying_client(server.url, dies_at, heard=heard)

    with pytest.raises(Killed):
        await rebuild_channel(dying, "latest")
    await publish(timeline.log, channel)

    assert await kept(timeline.log.redis, "latest") == expected
    await dying.aclose()


async def test_a_wrong_ledger_is_told_of_and_mended(timeline: Timeline, channel: Channel) -> None:
    """That is what a rebuild is for: a hand, or a backup, changed it."""
    expected = await undisturbed(timeline, channel)
    await publish(timeline.log, channel)
    wrong: dict[str, dict[Any, Any]] = {
        streams.delivered("latest", 7): {"nobody": "1|1|"},
        streams.cursor("latest"): {"p0": "1"},
    }
    for key, fields in wrong.items():
        await timeline.log.redis.hset(key, mapping=fields)

    rebuilt = await rebuild_channel(timeline.log.redis, "latest")

    assert rebuilt.sha256_before != rebuilt.sha256_after
    assert await kept(timeline.log.redis, "latest") == expected
