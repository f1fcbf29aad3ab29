"""What tells the same is one item; what was told before is followed up."""

from __future__ import annotations

from typing import Any

import pytest

from newsfeed.channels import Channel
from newsfeed.documents import ArticleDocument
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.values import ArticleAlike
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns


@pytest.fixture
def desk(timeline: Timeline, channel: Channel) -> ChannelPublisher:
    """Publishes everything once a minute."""
    return ChannelPublisher(timeline.log, channel, ancestors)


def alike(article_id: str, likeness: float = 0.9) -> tuple[ArticleAlike, ...]:
    return (ArticleAlike(article_id=article_id, version=1, likeness=likeness),)


async def shape(timeline: Timeline) -> list[list[tuple[str, list[str], int | None]]]:
    """Of each digest its items: lead, the others, and what it develops."""
    return [
        [
            (one["article_id"], [other["article_id"] for other in one["also"]], one["develops"])
            for one in digest["items"]
        ]
        for digest in await digests(timeline.log.redis, "latest")
    ]


async def test_a_story_and_its_duplicates_are_one_item(timeline: Timeline, desk: ChannelPublisher) -> None:
    await timeline.at(1)
    await timeline.article("a", story_id="flood")
    await timeline.article("b", story_id="flood")
    await timeline.article("c", alike=alike("b"))
    await timeline.article("d", story_id="fair")
    await desk.publish_due(moment(61))

    [items] = await shape(timeline)
    assert sorted(items) == [("a", ["b", "c"], None), ("d", [], None)]


async def test_what_is_only_a_little_alike_stands_apart(timeline: Timeline, desk: ChannelPublisher) -> None:
    await timeline.at(1)
    await timeline.article("a")
    await timeline.article("b", alike=alike("a", 0.4))
    await desk.publish_due(moment(61))

    assert [lead for lead, _, _ in (await shape(timeline))[0]] == ["a", "b"]


async def test_a_story_that_was_told_is_developing(timeline: Timeline, desk: ChannelPublisher) -> None:
    await timeline.at(1)
    await timeline.article("a", story_id="flood")
    await desk.publish_due(moment(61))
    await timeline.at(61)
    await timeline.article("b", story_id="flood")
    await timeline.article("c", alike=alike("a"))
    await desk.publish_due(moment(121))
    await timeline.at(121)
    await timeline.article("d", story_id="flood")
    await desk.publish_due(moment(181))

    found = await shape(timeline)
    assert sorted(found[1]) == [("b", [], 1), ("c", [], 1)]
    assert found[2] == [("d", [], 2)]


async def test_who_stands_under_another_is_delivered(timeline: Timeline, desk: ChannelPublisher) -> None:
    """Its readers saw its title: they are told of its end, and never again of itself."""
    await timeline.at(1)
    await timeline.article("a", story_id="flood")
    await timeline.article("b", story_id="flood")
    await desk.publish_due(moment(61))
    await timeline.at(61)
    await timeline.withdraw("b", 2)
    await desk.publish_due(moment(121))

    _, second = await digests(timeline.log.redis, "latest")
    assert [(one["article_id"], one["corrects"]["digest"]) for one in second["notices"]] == [("b", 1)]


@pytest.mark.parametrize(
    ("change", "notices"),
    [
        ({"keywords": ("ferry",)}, 0),
        ({"body": "It  is\n open."}, 0),
        ({"body": "It is closed."}, 1),
        ({"title": "Bridge closes"}, 1),
        ({"url": "https://example.org/b"}, 1),
    ],
)
async def test_readers_are_told_of_what_they_can_see(
    timeline: Timeline, desk: ChannelPublisher, change: dict[str, Any], notices: int
) -> None:
    text = document("Bridge opens", "It is open.")
    await timeline.at(1)
    await timeline.article("a", 1, text)
    await desk.publish_due(moment(61))
    await timeline.at(61)
    await timeline.article("a", 2, ArticleDocument.model_validate({**text.model_dump(), **change}))
    await desk.publish_due(moment(121))

    told = await digests(timeline.log.redis, "latest")
    assert [len(one["notices"]) for one in told] == ([0, 1] if notices else [0])


async def test_a_mistake_of_digest_3_is_corrected_by_digest_4(
    timeline: Timeline, desk: ChannelPublisher
) -> None:
    for n, name in enumerate("abc"):
        await timeline.at(1 + 60 * n)
        await timeline.article(name)
        await desk.publish_due(moment(61 + 60 * n))
    await timeline.at(181)
    await timeline.article("c", 2)
    await desk.publish_due(moment(241))

    newest = (await digests(timeline.log.redis, "latest"))[-1]
    assert newest["number"] == 4
    assert [(one["kind"], one["article_id"], one["corrects"]) for one in newest["notices"]] == [
        ("correction", "c", {"digest": 3, "version": 1})
    ]
