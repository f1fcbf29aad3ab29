"""Where windows begin and end: nothing between two of them, nothing in both."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from typing import Any

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.cursor import order_of
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleIngested
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import append_raw, version_append
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish import windows
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns


def ids(digest: dict[str, Any]) -> list[str]:
    """The articles of a digest, the overflow included, sorted."""
    return sorted([item["article_id"] for item in digest["items"]] + digest["more"])


async def assert_contiguous(log: EventLog, channel: str) -> None:
    """Each window begins where the one before ended, in every partition and in time."""
    ends, closed_at, newest = dict.fromkeys(range(log.manifest.partitions), 0), None, "0-0"
    async for window_id, fact in ChannelLog(log.redis, channel).facts():
        assert order_of(window_id) > order_of(newest)
        assert fact.window.opened_at == closed_at
        assert {r.partition: r.after for r in fact.window.ranges} == ends
        ends = {r.partition: r.through for r in fact.window.ranges}
        closed_at, newest = fact.window.closed_at, window_id


async def test_every_article_is_in_exactly_one_digest(timeline: Timeline, channel: Channel) -> None:
    """Ten windows over three partitions, with articles enriched in the window after, or much later."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    slow = await timeline.version("slow")
    for minute in range(10):
        await timeline.at(60 * minute + 1)
        waiting = await timeline.version(f"waits-{minute}")
        for number in range(4):
            await timeline.article(f"article-{minute}-{number}")
        await publisher.publish_due(moment(60 * minute + 61))
        await timeline.at(60 * minute + 60.5)
        await timeline.enrich(waiting)
    await timeline.enrich(slow)
    await publisher.publish_due(moment(700))

    published = await digests(timeline.log.redis, "latest")
    expected = [f"article-{minute}-{number}" for minute in range(10) for number in range(4)]
    expected += [f"waits-{minute}" for minute in range(10)] + ["slow"]
    assert [*range(1, 12)] == [digest["number"] for digest in published]
    assert sorted(expected) == sorted(one for digest in published for one in ids(digest))
    assert ids(published[-1]) == ["slow", "waits-9"]
    await assert_contiguous(timeline.log, "latest")
    assert await timeline.log.tails() == [
        (await ChannelLog(timeline.log.redis, "latest").cursor()).positions[p] for p in range(3)
    ]


async def boundary_story(timeline: Timeline, channel: Channel) -> list[list[str]]:
    """One article just before the boundary, one on it, one after: both are there when the window is read."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    for second, article_id in ((59.999999, "before"), (60, "on"), (60.000001, "after")):
        await timeline.at(second)
        await timeline.article(article_id)
    await publisher.publish_due(moment(61))
    await publisher.publish_due(moment(121))
    return [ids(digest) for digest in await digests(timeline.log.redis, "latest")]


async def test_what_is_recorded_at_the_boundary_belongs_to_the_next_window(
    timeline: Timeline, channel: Channel
) -> None:
    assert await boundary_story(timeline, channel) == [["before"], ["after", "on"]]


async def test_a_window_cut_by_the_time_of_reading_would_be_noticed(
    timeline: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: whoever reads later finds more."""
    merged = windows._merged

    def all_there_is(
        log: EventLog, after: Mapping[int, int], _: datetime
    ) -> AsyncGenerator[tuple[datetime, int, Entry], None]:
        return merged(log, after, moment(1_000_000))

    monkeypatch.setattr(windows, "_merged", all_there_is)

    assert await boundary_story(timeline, channel) != [["before"], ["after", "on"]]


async def test_an_article_is_told_when_its_enrichment_comes(timeline: Timeline, channel: Channel) -> None:
    """It was ingested days and many windows ago, and nobody heard of it yet."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    slow = await timeline.version("slow")
    for minute in range(3):
        await timeline.at(60 * minute + 2)
        await timeline.article(f"quick-{minute}")
        await publisher.publish_due(moment(60 * minute + 61))
    await timeline.at(200_000)
    await timeline.enrich(slow)
    await publisher.publish_due(moment(200_100))

    published = await digests(timeline.log.redis, "latest")

    assert [ids(digest) for digest in published] == [["quick-0"], ["quick-1"], ["quick-2"], ["slow"]]


async def test_full_windows_close_early_and_lose_nothing(timeline: Timeline, channel: Channel) -> None:
    """250 articles at one moment, 100 a digest: three digests, in order."""
    expected = [f"article-{number:03}" for number in range(250)]
    await timeline.at(10)
    await timeline.articles(expected)

    count = await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    published = await digests(timeline.log.redis, "latest")
    assert count == 3
    assert [digest["number"] for digest in published] == [1, 2, 3]
    assert [len(digest["items"]) for digest in published] == [100, 100, 50]
    assert [digest["more_count"] for digest in published] == [0, 0, 0]
    assert expected == sorted(one for digest in published for one in ids(digest))
    await assert_contiguous(timeline.log, "latest")


@pytest.mark.parametrize("microseconds", [0, 1, 999, 1000, 1001, 4_001, 59_999_999])
async def test_full_windows_are_contiguous_in_time(
    timeline: Timeline, channel: Channel, microseconds: int
) -> None:
    """The id of a window holds milliseconds, the time of record microseconds: they must not drift apart."""
    small = channel.model_copy(update={"max_items": 2})
    for step in range(5):
        await timeline.at((microseconds + step) / 1_000_000)
        await timeline.article(f"article-{step}")

    await ChannelPublisher(timeline.log, small, ancestors).publish_due(moment(121))

    published = await digests(timeline.log.redis, "latest")
    assert [f"article-{step}" for step in range(5)] == [one for digest in published for one in ids(digest)]
    await assert_contiguous(timeline.log, "latest")


async def test_a_clock_that_was_set_back_silences_no_channel(timeline: Timeline, channel: Channel) -> None:
    """After a failover to a slower clock, a window may fill up before the boundary of the one before."""
    small = channel.model_copy(update={"max_items": 2})
    publisher = ChannelPublisher(timeline.log, small, ancestors)
    await timeline.at(10)
    await timeline.article("before")
    await publisher.publish_due(moment(181))
    await timeline.at(100)
    for number in range(5):
        await timeline.article(f"after-{number}")

    await publisher.publish_due(moment(241))

    published = await digests(timeline.log.redis, "latest")
    assert [len(ids(digest)) for digest in published] == [1, 2, 2, 1]
    await assert_contiguous(timeline.log, "latest")


async def test_an_unreadable_entry_moves_no_boundary(timeline: Timeline, channel: Channel) -> None:
    """Nothing tells when it was recorded; a window read early and one read late must end alike."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(59)
    await timeline.article("before")
    await timeline.at(60)
    await append_raw(timeline.log, "before", '{"type":"article.sung"}')
    await publisher.publish_due(moment(61))
    through = (await ChannelLog(timeline.log.redis, "latest").cursor()).positions
    await timeline.article("after")
    await publisher.publish_due(moment(121))

    published = await digests(timeline.log.redis, "latest")
    assert through[timeline.log.partition_of("before")] == 2
    assert [ids(digest) for digest in published] == [["before"], ["after"]]
    await assert_contiguous(timeline.log, "latest")


async def test_an_enrichment_of_an_unreadable_version_silences_nobody(
    timeline: Timeline, channel: Channel
) -> None:
    """During an upgrade a newer program may write versions that we cannot read yet."""
    await timeline.at(1)
    await append_raw(timeline.log, "sung", '{"type":"article.sung"}')
    unseen = version_append("sung").event.model_copy(update={"position": 1})
    assert isinstance(unseen, ArticleIngested)
    await timeline.enrich(unseen)
    await timeline.article("told")

    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    assert [ids(digest) for digest in await digests(timeline.log.redis, "latest")] == [["told"]]
