"""What readers are told of an article that changes, in windows of a real log."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.testing.channels import digests
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns


async def told(timeline: Timeline) -> list[list[tuple[Any, ...]]]:
    """Of each digest: its items as (article, version), its notices as (kind, article, version, corrects)."""
    return [
        [(item["article_id"], item["version"]) for item in digest["items"]]
        + [
            (one["kind"], one["article_id"], one["version"], one["corrects"]["digest"])
            for one in digest["notices"]
        ]
        for digest in await digests(timeline.log.redis, "latest")
    ]


async def test_changes_of_a_delivered_article_are_told_once(timeline: Timeline, channel: Channel) -> None:
    """Each notice names the digest that told the article last."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    await timeline.article("a")
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    await timeline.article("a", 2)
    await publisher.publish_due(moment(121))
    await timeline.at(121)
    await timeline.withdraw("a", 3)
    await publisher.publish_due(moment(181))
    await timeline.at(181)
    await timeline.article("a", 4)
    await publisher.publish_due(moment(241))

    assert await told(timeline) == [
        [("a", 1)],
        [("correction", "a", 2, 1)],
        [("retraction", "a", 3, 2)],
        [("a", 4)],
    ]


async def test_born_and_killed_in_one_window_is_never_mentioned(timeline: Timeline, channel: Channel) -> None:
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    await timeline.article("a")
    await timeline.withdraw("a", 2)
    await timeline.article("b")
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    await timeline.article("c")
    await publisher.publish_due(moment(121))

    assert await told(timeline) == [[("b", 1)], [("c", 1)]]


@pytest.mark.parametrize("order", [*permutations((1, 2, 3))])
@pytest.mark.parametrize("apart", [True, False], ids=["a window each", "one window"])
async def test_enrichments_in_any_order_bring_no_old_text_out(
    timeline: Timeline, channel: Channel, order: tuple[int, ...], apart: bool
) -> None:
    """A requeued dead letter is enriched long after newer versions: only what is newer is told."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    versions = {version: await timeline.version("a", version) for version in (1, 2, 3)}
    for minute, version in enumerate(order):
        await timeline.at((60 * minute if apart else 0) + 2)
        await timeline.enrich(versions[version])
        await publisher.publish_due(moment(60 * minute + 61 if apart else 61 * (minute == 2)))

    newest, expected = 0, list[list[tuple[Any, ...]]]()
    for version in order if apart else (3,):
        if version > newest:
            digest = len(expected)
            expected.append([("correction", "a", version, digest)] if newest else [("a", version)])
            newest = version
    assert await told(timeline) == expected


@pytest.mark.parametrize("order", [*permutations((1, 2, 4))])
async def test_no_enrichment_brings_a_dead_article_out(
    timeline: Timeline, channel: Channel, order: tuple[int, ...]
) -> None:
    """Version 3 was its end, 4 a new life: 1 and 2 are dead, whenever their enrichment comes."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    versions = {version: await timeline.version("a", version) for version in (1, 2)}
    await timeline.withdraw("a", 3)
    versions[4] = await timeline.version("a", 4)
    for minute, version in enumerate(order):
        await timeline.at(60 * minute + 2)
        await timeline.enrich(versions[version])
        await publisher.publish_due(moment(60 * minute + 61))

    assert await told(timeline) == [[("a", 4)]]


async def test_an_enrichment_after_the_retraction_is_silence(timeline: Timeline, channel: Channel) -> None:
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    await timeline.article("a")
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    late = await timeline.version("a", 2)
    await timeline.withdraw("a", 3)
    await publisher.publish_due(moment(121))
    await timeline.at(121)
    await timeline.enrich(late)
    await publisher.publish_due(moment(181))

    assert await told(timeline) == [[("a", 1)], [("retraction", "a", 3, 1)]]


async def test_an_erased_text_is_told_without_a_word_of_it(timeline: Timeline, channel: Channel) -> None:
    """A take-down before the window closed; the correction of a delivered one may be erased, too."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    first, second = await timeline.article("a"), await timeline.article("b")
    for event in (first, second):
        partition = timeline.log.partition_of(event.article_id)
        await timeline.log.redis.set(streams.content(partition, event.content_sha256), b"")
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    third = await timeline.article("a", 2)
    partition = timeline.log.partition_of("a")
    await timeline.log.redis.set(streams.content(partition, third.content_sha256), b"")
    await publisher.publish_due(moment(121))

    published = await digests(timeline.log.redis, "latest")
    assert [(item["title"], item["summary"]) for item in published[0]["items"]] == [(None, None)] * 2
    assert [notice["title"] for notice in published[1]["notices"]] == [None]
