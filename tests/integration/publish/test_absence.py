"""An absence costs nothing: a program that was off catches up, an empty Redis is filled from the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.runtime import Runtime
from newsfeed.testing.channels import digests
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.waiting import until
from newsfeed.vocabulary import ancestors
from services.publish import dispatching, handlers
from services.publish.dispatching import deliver_channels
from services.publish.following import Following
from services.publish.handlers import publish_channels
from services.publish.publisher import ChannelPublisher
from services.publish.settings import PublishSettings
from tests.integration.publish.narrating import TOPIC, Narrator, seconds_of

DAILY = '[[channels]]\nname = "latest"\ntitle = "Latest"\ncron = "0 12 * * *"\n'
BEFORE = "0:00 subscribe ada; 0:01 publish; 1:00:00 article a"
DURING = "30:00:00 article b; 40:00:00 article a; 50:00:00 article c; 50:00:01 withdraw c"
BACK = "61:00:00"


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("one", ["a v2, b, d"]),
        ("each", ["a", "b", "correction of a in 1, d"]),
        ("skip", ["a v2, d"]),
    ],
)
async def test_a_program_that_was_off_for_three_boundaries_catches_up(
    timeline: Timeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missed: str, expected: list[str]
) -> None:
    """E4: the whole program, started when they are over; its subscriber gets what came of them, in order."""
    file = tmp_path / "newsfeed.toml"
    file.write_text(f'{DAILY}missed = "{missed}"\n')
    channel = Channel(name="latest", title="Latest", cron="0 12 * * *", missed=missed)
    narrator = Narrator(timeline, channel)
    await narrator.tell(f"{BEFORE}; {DURING}; 51:00:00 article d")
    for module in (handlers, dispatching):
        monkeypatch.setattr(module, "server_time", _back)
    runtime = Runtime(PublishSettings(), timeline.log.redis, timeline.log)
    following = Following(timeline.log.redis, file)
    program = [
        asyncio.create_task(publish_channels(runtime, following, ancestors, 0.01)),
        asyncio.create_task(deliver_channels(runtime, {"scripted": narrator.transport}, 0.01)),
    ]

    await until(lambda: _has(narrator, len(expected)))
    await end(*program)

    assert await narrator.shown() == expected
    assert narrator.received() == {"ada": [*range(1, len(expected) + 1)]}
    assert runtime.troubles == {}


async def _back(_: Client) -> float:
    return moment(seconds_of(BACK)).timestamp()


async def _has(narrator: Narrator, count: int) -> bool:
    return len(narrator.transport.sent) >= count


CHANNELS: Mapping[str, Mapping[str, Any]] = {
    "full": {"every_seconds": 60, "max_items": 2},
    "few": {"every_seconds": 60, "min_items": 3, "max_wait_seconds": 200},
    "at once": {"immediate": True},
    "by the clock": {"cron": "*/3 * * * *", "missed": "each", "on_empty": "send"},
    "retracting at once": {"cron": "*/5 * * * *", "retractions": "immediate"},
    "some": {"every_seconds": 60, "topics": [TOPIC], "languages": ["en"]},
}

STORY = """0:05 article a score=0.9; 0:06 article b story=flood; 0:07 article c alike=a; 0:50 ingest slow;
    1:10 article a score=0.9; 1:20 article d score=0.7 published=0:30; 1:30 withdraw b; 2:10 enrich slow;
    2:20 retouch d; 3:30 article e story=flood; 3:40 article f language=de score=0.8; 4:10 withdraw a;
    5:10 article a score=0.9; 6:10 article g; 6:11 article h; 6:12 article i; 7:30 again d 1;
    8:10 withdraw g"""
LOOKS = [61, 121, 181, 241, 306, 421, 500, 606, 906]


async def published(log: EventLog, channel: Channel) -> list[tuple[str, str]]:
    """What comes out of a log, looked into at these times: id and sha256 of every digest."""
    publisher = ChannelPublisher(log, channel, ancestors)
    for second in LOOKS:
        await publisher.publish_due(moment(second))
    return [(one["stream_id"], one["sha256"]) for one in await digests(log.redis, channel.name)]


@pytest.fixture
async def empty(own_server: EmbeddedRedis) -> AsyncIterator[Client]:
    """Another server, in which there is nothing."""
    client = connect(own_server.url)
    yield client
    await client.aclose()


async def carry_over(log: EventLog, other: Client) -> None:
    """The article log, and nothing else, into another Redis."""
    parts = [f"newsfeed:{{p{partition}}}:*" for partition in range(log.manifest.partitions)]
    keys = [key for part in parts async for key in log.redis.scan_iter(match=part, count=1000)]
    for key in (*keys, streams.MANIFEST.encode()):
        await other.restore(key, 0, await log.redis.dump(key) or b"")


async def test_the_whole_log_in_an_empty_redis_gives_the_same_digests(
    timeline: Timeline, empty: Client
) -> None:
    """E5: of channels of every kind, byte for byte; digests hold nothing that is not in the log."""
    await Narrator(timeline, Channel(name="x", title="X", every_seconds=1)).tell(STORY)
    channels = [
        Channel.model_validate({"name": name.replace(" ", "-"), "title": name.title(), **fields})
        for name, fields in CHANNELS.items()
    ]
    before = [await published(timeline.log, one) for one in channels]
    await carry_over(timeline.log, empty)

    again = [await published(EventLog(empty, timeline.log.manifest), one) for one in channels]

    assert again == before
    assert min(map(len, before)) >= 2
    assert await ChannelLog(empty, "full").newest() == await ChannelLog(timeline.log.redis, "full").newest()


async def test_an_event_that_is_missing_from_the_log_would_be_noticed(
    timeline: Timeline, empty: Client
) -> None:
    """A planted bug: whoever carried it over left the last of them out."""
    await Narrator(timeline, Channel(name="x", title="X", every_seconds=1)).tell(STORY)
    channel = Channel(name="latest", title="Latest", every_seconds=60)
    before = await published(timeline.log, channel)
    await carry_over(timeline.log, empty)
    partition = timeline.log.partition_of("g")
    tail = await EventLog(empty, timeline.log.manifest).tails()
    assert await empty.xdel(streams.log(partition), f"0-{tail[partition]}") == 1

    assert await published(EventLog(empty, timeline.log.manifest), channel) != before
