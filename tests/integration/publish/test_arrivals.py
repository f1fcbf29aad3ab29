"""Many channels read the log once; what their digests say does not depend on it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from newsfeed.bundles import assembled
from newsfeed.channels import Channel
from newsfeed.definitions import Defined
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.testing.channels import digests, kept
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.values import TopicFound
from newsfeed.vocabulary import ancestors
from services.publish import windows
from services.publish.arrivals import Arrivals
from services.publish.handlers import Publishers
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns

WAR, CEASEFIRE = "medtop:16000000", "medtop:20000065"
FIELDS: dict[str, dict[str, Any]] = {
    "all": {"every_seconds": 60},
    "ferries": {"every_seconds": 60, "query": "ferry NOT bridge"},
    "war": {"every_seconds": 120, "topics": [WAR]},
    "small": {"every_seconds": 60, "query": "bridge OR ferr*", "max_items": 2},
    "clock": {"cron": "*/3 * * * *", "query": "title:bridge"},
    "patient": {"every_seconds": 60, "query": "ferry", "min_items": 3, "max_wait_seconds": 300},
    "quick": {"every_seconds": 60, "query": "ferry", "retractions": "immediate"},
    "none": {"every_seconds": 60, "query": "urgency<=2"},
    "both": {"every_seconds": 60, "bundle": ["war", "ferries"], "max_items": 3},
}
CHANNELS = [
    *assembled(
        Channel.model_validate({"name": name, "title": name, "settle_seconds": 0, **fields})
        for name, fields in FIELDS.items()
    ).values()
]
TEXTS = [
    document(title, f"{title} again.") for title in ("A ferry", "A bridge", "A ferry and a bridge", "Rain")
]


Recall = Callable[[EventLog], Arrivals]


class Desk:
    """Some channels, with what is remembered of the log or without."""

    def __init__(
        self, log: EventLog, arrivals: Arrivals | None, channels: Sequence[Channel] = CHANNELS
    ) -> None:
        self._arrivals = arrivals
        self._channels = channels
        self._publishers = [ChannelPublisher(log, one, ancestors, arrivals=arrivals) for one in channels]

    async def tick(self, seconds: float) -> None:
        if self._arrivals:
            await self._arrivals.look(self._channels)
        for publisher in self._publishers:
            await publisher.publish_due(moment(seconds))


async def _happen(timeline: Timeline, chance: random.Random, known: dict[str, int]) -> None:
    """Something that may happen to an article: it comes, changes, is enriched anew, or goes."""
    article_id = f"article-{chance.randrange(12)}"
    version, text = known.get(article_id, 0), chance.choice(TEXTS)
    topics = (TopicFound(id=chance.choice([WAR, CEASEFIRE, "medtop:07000000"]), score=0.5),)
    if version and chance.random() < 0.25:
        await timeline.withdraw(article_id, version + 1)
    elif version and chance.random() < 0.3:
        entries = [entry.event for entry in await timeline.log.history(article_id)]
        versions = [one for one in entries if isinstance(one, ArticleIngested | ArticleRevised)]
        await timeline.enrich(
            chance.choice(versions), topics=topics, event_id=UUID(int=chance.getrandbits(128))
        )
        return
    else:
        await timeline.article(article_id, version + 1, text, topics=topics)
    known[article_id] = version + 1


async def _story(redis: Client, seed: int, arrivals: Recall | None) -> list[dict[bytes, object]]:
    """Ten minutes in which the desk is asked now and then; all that Redis keeps of its channels then."""
    await redis.flushall()
    timeline = Timeline(EventLog(redis, await open_manifest(redis, 3)))
    chance, known, at = random.Random(seed), dict[str, int](), 0.0
    desk = Desk(timeline.log, arrivals(timeline.log) if arrivals else None)
    while at < 600:
        at += chance.choice([1, 5, 20, 45])
        await timeline.at(at)
        for _ in range(chance.randrange(3)):
            await _happen(timeline, chance, known)
        await desk.tick(at + 0.5)
    return [await kept(redis, channel.name) for channel in CHANNELS]


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(3))
async def test_with_or_without_memory_the_digests_are_the_same(redis: Client, seed: int) -> None:
    """Windows, digests, ledger and bodies: byte for byte, also where most was forgotten."""
    asked = await _story(redis, seed, None)

    assert await _story(redis, seed, lambda log: Arrivals(log, ancestors)) == asked
    assert await _story(redis, seed, lambda log: Arrivals(log, ancestors, kept_count=9)) == asked


class Hiding(Arrivals):
    """A planted bug: one channel does not get to see all that belongs to it."""

    def belongs(self, channel: Channel, partition: int, position: int) -> bool:
        return super().belongs(channel, partition, position) and not (
            channel.name == "ferries" and position % 3 == 0
        )


@pytest.mark.no_cover
async def test_an_index_that_hides_an_article_would_be_noticed(redis: Client) -> None:
    assert await _story(redis, 1, lambda log: Hiding(log, ancestors)) != await _story(redis, 1, None)


@pytest.mark.no_cover
async def test_revisions_that_are_left_out_would_be_noticed(
    redis: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: what does not belong to a channel is no concern of its readers, whatever they hold."""
    asked = await _story(redis, 1, None)

    async def nothing_held(*_: object) -> dict[str, object]:
        return {}

    async def leave_out(passed: Any, arrivals: Arrivals, _: object, channel: Channel) -> None:  # noqa: ANN401
        await exact(passed, arrivals, SimpleNamespace(delivered=nothing_held), channel)  # type: ignore[arg-type]

    exact = windows._leave_out
    monkeypatch.setattr(windows, "_leave_out", leave_out)

    assert await _story(redis, 1, lambda log: Arrivals(log, ancestors)) != asked


async def test_a_channel_of_which_nothing_is_due_costs_redis_nothing(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand channels are looked at four times a second."""
    arrivals = Arrivals(timeline.log, ancestors)
    desk = Desk(timeline.log, arrivals, CHANNELS[:5])
    await timeline.at(1)
    await timeline.article("a", text=TEXTS[0])
    await desk.tick(301)
    await desk.tick(302)
    asked: list[Sequence[object]] = []
    send = timeline.log.redis.execute_command

    async def counted(*arguments: object, **options: object) -> object:
        asked.append(arguments)
        return await send(*arguments, **options)  # type: ignore[no-untyped-call] # redis-py says no types

    monkeypatch.setattr(timeline.log.redis, "execute_command", counted)
    await desk.tick(303)

    assert {arguments[0] for arguments in asked} == {"HGET"}
    assert len(asked) == timeline.log.manifest.partitions


@pytest.mark.parametrize("count", [1, 30])
async def test_at_a_start_the_log_is_read_once_for_all(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """However many channels there are, and from where the one stands that is furthest behind."""
    channels = [Channel(name=f"c{number}", title="C", every_seconds=60) for number in range(count)]
    await timeline.at(1)
    for number in range(5):
        await timeline.article(f"article-{number}")
    runtime: Any = SimpleNamespace(log=timeline.log, redis=timeline.log.redis, troubles={}, details={})
    publishers = Publishers(runtime, ancestors)
    reads: list[int] = []
    read = timeline.log.read

    def counted(partition: int, **bounds: int) -> Any:  # noqa: ANN401 as in the log
        reads.append(partition)
        return read(partition, **bounds)

    monkeypatch.setattr(timeline.log, "read", counted)
    await publishers.follow({one.name: Defined(one, moment(0), "file") for one in channels}, {})
    await publishers.publish_due(moment(61))

    assert sorted(reads) == [partition for partition, tail in enumerate(await timeline.log.tails()) if tail]
    for channel in channels:
        assert len(await digests(timeline.log.redis, channel.name)) == 1
