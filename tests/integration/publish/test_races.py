"""Several publishers of one channel: the log lets one of them close each window."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.channels import digests, forget, kept
from newsfeed.testing.facts import document, enrichment_append
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.town import put, put_version
from newsfeed.testing.waiting import until
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher
from tests.integration.publish.programs import publish_program
from tests.integration.publish.racing import close_together


async def fill(timeline: Timeline) -> None:
    """Five windows with something in each."""
    for minute in range(5):
        await timeline.at(60 * minute + 1)
        for number in range(6):
            await timeline.article(f"article-{minute}-{number}")
        await timeline.article("changing", minute + 1)


async def test_two_publishers_bring_out_what_one_would(
    server: EmbeddedRedis, timeline: Timeline, channel: Channel
) -> None:
    """Byte for byte, in every key of the channel."""
    small = channel.model_copy(update={"max_items": 4})
    await fill(timeline)
    for minute in range(1, 6):
        await ChannelPublisher(timeline.log, small, ancestors).publish_due(moment(60 * minute + 1))
    expected = await kept(timeline.log.redis, "latest")
    await forget(timeline.log.redis, "latest")
    clients = [connect(server.url) for _ in range(3)]
    racing = [ChannelPublisher(EventLog(one, timeline.log.manifest), small, ancestors) for one in clients]

    count = 0
    for minute in range(1, 6):
        count += sum(await asyncio.gather(*(one.publish_due(moment(60 * minute + 1)) for one in racing)))

    assert await kept(timeline.log.redis, "latest") == expected
    assert count == len(await digests(timeline.log.redis, "latest"))
    for client in clients:
        await client.aclose()


async def test_who_comes_too_late_reads_on(
    timeline: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both stand before the same window with the same digest in hand; one of them is refused."""
    await fill(timeline)
    publishers = [ChannelPublisher(timeline.log, channel, ancestors) for _ in range(2)]
    refusals = close_together(publishers, monkeypatch)

    counts = await asyncio.gather(*(publisher.publish_due(moment(301)) for publisher in publishers))

    assert len(refusals) == 1
    assert sorted(counts) == [0, 1]
    assert len(await digests(timeline.log.redis, "latest")) == 1


async def test_two_processes_bring_out_what_one_would(
    server: EmbeddedRedis, log: EventLog, tmp_path: Path
) -> None:
    """One of them is killed on the way. What they left is what one publisher makes at the same boundaries.

    Who is killed between rendering a digest and closing its window leaves bodies that no fact names.
    """
    expected = [f"article-{number}" for number in range(40)]

    async def told() -> list[str]:
        published = await digests(log.redis, "latest")
        return sorted(item["article_id"] for digest in published for item in digest["items"])

    async with publish_program(server, tmp_path) as one, publish_program(server, tmp_path):
        for number, article_id in enumerate(expected):
            version = await put_version(log, article_id, 1, document(article_id))
            await put(log, enrichment_append(version))
            if number in {10, 20, 30}:
                await until(partial(_holds, told, expected[:number]))
            if number == 20:
                one.send_signal(signal.SIGKILL)
        await until(partial(_holds, told, expected))

    found = await kept(log.redis, "latest")
    closed = [fact.window.closed_at async for _, fact in ChannelLog(log.redis, "latest").facts()]
    await forget(log.redis, "latest")
    alone = ChannelPublisher(
        log,
        Channel(name="latest", title="Latest", every_seconds=1, settle_seconds=0),
        ancestors,
    )
    for boundary in closed:
        await alone.publish_due(boundary + timedelta(microseconds=1))
    assert sorted(expected) == sorted(
        item["article_id"] for digest in await digests(log.redis, "latest") for item in digest["items"]
    )
    made = await kept(log.redis, "latest")
    assert {key: found.get(key) for key in made} == made
    assert [key for key in found.keys() - made.keys() if not key.startswith(b"newsfeed:body:")] == []


async def _holds(told: Callable[[], Awaitable[list[str]]], expected: list[str]) -> bool:
    found = await told()
    return set(expected) <= set(found)
