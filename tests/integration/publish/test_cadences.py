"""When windows close: at once, when enough has come, when something waited enough, and after an absence."""

from __future__ import annotations

from typing import Any

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns

HOUR, DAY = 3600, 86_400
NOON = 12 * HOUR


def channel(**fields: object) -> Channel:
    return Channel.model_validate({"name": "latest", "title": "Latest", **fields})


def publisher(timeline: Timeline, **fields: object) -> ChannelPublisher:
    return ChannelPublisher(timeline.log, channel(**fields), ancestors)


async def told(timeline: Timeline) -> list[tuple[list[str], list[str]]]:
    """Items and notices of each digest, by article; whatever happens, the channel stays sound."""
    assert [problem async for problem in verify_channels(timeline.log)] == []
    return [
        ([one["article_id"] for one in digest["items"]], [one["article_id"] for one in digest["notices"]])
        for digest in await digests(timeline.log.redis, "latest")
    ]


async def windows(timeline: Timeline) -> list[Any]:
    return [fact async for _, fact in ChannelLog(timeline.log.redis, "latest").facts()]


async def arrive(timeline: Timeline, seconds: float, *article_ids: str, **fields: object) -> None:
    await timeline.at(seconds)
    for article_id in article_ids:
        await timeline.article(article_id, **fields)  # type: ignore[arg-type] # fields of the enrichment


async def test_an_immediate_channel_does_not_wait(timeline: Timeline) -> None:
    """A digest for what is there, and one for what comes a moment later."""
    desk = publisher(timeline, immediate=True)
    await arrive(timeline, 1, "a", "b")
    assert await desk.publish_due(moment(1.1)) == 1
    await arrive(timeline, 1.2, "c")
    assert await desk.publish_due(moment(1.3)) == 1

    assert [sorted(items) for items, _ in await told(timeline)] == [["a", "b"], ["c"]]


async def test_an_immediate_channel_does_not_record_every_moment_of_nothing(timeline: Timeline) -> None:
    """Four windows a second that hold nothing would be most of what Redis keeps."""
    desk = publisher(timeline, immediate=True, languages=["xx"])
    await arrive(timeline, 1, "a")
    await desk.publish_due(moment(1.1))
    for n in range(20):
        await arrive(timeline, 1.2 + n / 10, f"b{n}")
        await desk.publish_due(moment(1.25 + n / 10))
    await desk.publish_due(moment(9))

    assert len(await windows(timeline)) == 2


async def test_a_full_immediate_digest_is_followed_by_the_rest(timeline: Timeline) -> None:
    desk = publisher(timeline, immediate=True, max_items=2)
    await arrive(timeline, 1, *"abcde")

    assert await desk.publish_due(moment(2)) == 3
    assert sorted(one for items, _ in await told(timeline) for one in items) == [*"abcde"]


async def test_too_few_wait_for_more(timeline: Timeline) -> None:
    desk = publisher(timeline, every_seconds=60, min_items=3, max_wait_seconds=600)
    await arrive(timeline, 1, "a", "b")
    assert await desk.publish_due(moment(61)) == 0
    await arrive(timeline, 70, "c")
    assert await desk.publish_due(moment(121)) == 1

    assert [sorted(items) for items, _ in await told(timeline)] == [["a", "b", "c"]]


async def test_too_few_wait_no_longer_than_they_may(timeline: Timeline) -> None:
    """The first article counts: it came at second 1."""
    desk = publisher(timeline, every_seconds=60, min_items=3, max_wait_seconds=600)
    await arrive(timeline, 1, "a")
    await arrive(timeline, 590, "b")
    for now in range(61, 601, 60):
        assert await desk.publish_due(moment(now)) == 0
    assert await desk.publish_due(moment(661)) == 1

    assert [sorted(items) for items, _ in await told(timeline)] == [["a", "b"]]


async def test_a_notice_does_not_wait_for_articles(timeline: Timeline) -> None:
    """Readers hold something wrong."""
    desk = publisher(timeline, every_seconds=60, min_items=2, max_wait_seconds=6000)
    await arrive(timeline, 1, "a", "b")
    await desk.publish_due(moment(61))
    await timeline.at(70)
    await timeline.withdraw("a", 2)
    await desk.publish_due(moment(121))

    assert (await told(timeline))[1] == ([], ["a"])


async def test_a_calendar_comes_out_early_when_an_article_waited_enough(timeline: Timeline) -> None:
    """And at its hour with what came since, the early one not again."""
    desk = publisher(timeline, cron="0 12 * * *", max_wait_seconds=HOUR)
    await desk.publish_due(moment(10))
    await arrive(timeline, 2 * HOUR, "a")
    assert await desk.publish_due(moment(3 * HOUR)) == 0
    assert await desk.publish_due(moment(3 * HOUR + 10)) == 1
    await arrive(timeline, NOON - 60, "b")
    assert await desk.publish_due(moment(NOON + 10)) == 1

    assert await told(timeline) == [(["a"], []), (["b"], [])]
    closed_at = [fact.window.closed_at for fact in await windows(timeline)]
    assert closed_at[1] == moment(3 * HOUR + 0.001)


async def test_two_who_close_early_close_at_the_same_moment(timeline: Timeline) -> None:
    """Whenever they look: the moment is counted from the log."""
    await publisher(timeline, cron="0 12 * * *", max_wait_seconds=HOUR).publish_due(moment(10))
    await arrive(timeline, 2 * HOUR, "a")
    late = publisher(timeline, cron="0 12 * * *", max_wait_seconds=HOUR)

    await late.publish_due(moment(5 * HOUR))

    assert (await windows(timeline))[1].window.closed_at == moment(3 * HOUR + 0.001)


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("one", [["a", "b", "c"]]),
        ("each", [["a"], ["b"], ["c"]]),
        ("skip", [["c"]]),
    ],
)
async def test_boundaries_missed_during_an_absence(
    timeline: Timeline, missed: str, expected: list[list[str]]
) -> None:
    """The publisher was off for three of them; nothing is lost that was not asked to be."""
    desk = publisher(timeline, cron="0 12 * * *", missed=missed)
    await desk.publish_due(moment(10))
    await arrive(timeline, NOON - HOUR, "a")
    await arrive(timeline, NOON + DAY - HOUR, "b")
    await arrive(timeline, NOON + 2 * DAY - HOUR, "c")

    await desk.publish_due(moment(NOON + 2 * DAY + HOUR))

    assert [sorted(items) for items, _ in await told(timeline)] == expected


async def test_a_skipped_window_still_tells_what_was_wrong(timeline: Timeline) -> None:
    desk = publisher(timeline, cron="0 12 * * *", missed="skip")
    await arrive(timeline, 5, "a")
    await desk.publish_due(moment(NOON + 10))
    await timeline.at(NOON + HOUR)
    await timeline.withdraw("a", 2)
    await timeline.article("b")
    await desk.publish_due(moment(NOON + 3 * DAY))

    assert await told(timeline) == [(["a"], []), ([], ["a"])]


async def test_a_retraction_comes_out_at_once_and_the_rest_waits(timeline: Timeline) -> None:
    """An extra digest that covers nothing; the window it came out of goes on."""
    desk = publisher(timeline, cron="0 12 * * *", retractions="immediate")
    await arrive(timeline, 5, "a")
    await desk.publish_due(moment(NOON + 10))
    await arrive(timeline, NOON + HOUR, "b")
    await timeline.withdraw("a", 2)
    assert await desk.publish_due(moment(NOON + HOUR + 1)) == 1
    assert await desk.publish_due(moment(NOON + HOUR + 2)) == 0
    await desk.publish_due(moment(NOON + DAY + 10))

    assert await told(timeline) == [(["a"], []), ([], ["a"]), (["b"], [])]
    regular, extra, last = [one for one in await windows(timeline) if one.type == "digest.published"]
    assert (extra.extra, last.extra) == (True, False)
    assert all(one.after == one.through for one in extra.window.ranges)
    assert last.window.opened_at == regular.window.closed_at
    assert (await ChannelLog(timeline.log.redis, "latest").cursor()).opened_at == moment(NOON + DAY)


async def test_a_dropped_cursor_knows_extra_digests(timeline: Timeline) -> None:
    desk = publisher(timeline, cron="0 12 * * *", retractions="immediate")
    await arrive(timeline, 5, "a")
    await desk.publish_due(moment(NOON + 10))
    await timeline.at(NOON + HOUR)
    await timeline.withdraw("a", 2)
    await desk.publish_due(moment(NOON + HOUR + 1))
    facts = ChannelLog(timeline.log.redis, "latest")
    before = await facts.cursor()
    await timeline.log.redis.delete(*[key async for key in timeline.log.redis.scan_iter(match="*cursor*")])

    assert await facts.cursor() == before
    assert before.opened_at == moment(NOON)


async def test_without_being_asked_a_retraction_waits_for_its_hour(timeline: Timeline) -> None:
    desk = publisher(timeline, cron="0 12 * * *")
    await arrive(timeline, 5, "a")
    await desk.publish_due(moment(NOON + 10))
    await timeline.at(NOON + HOUR)
    await timeline.withdraw("a", 2)

    assert await desk.publish_due(moment(NOON + HOUR + 1)) == 0


async def test_in_quiet_hours_nothing_comes_out_and_nothing_is_lost(timeline: Timeline) -> None:
    """An immediate channel is silent from 22:00 on; at seven all of the night comes in one digest."""
    desk = publisher(timeline, immediate=True, quiet_hours="22:00-07:00")
    await arrive(timeline, 21 * HOUR, "evening")
    await desk.publish_due(moment(21 * HOUR + 1))
    await arrive(timeline, 23 * HOUR, "night")
    await desk.publish_due(moment(23 * HOUR + 1))
    await arrive(timeline, DAY + 3 * HOUR, "later")
    await desk.publish_due(moment(DAY + 4 * HOUR))
    assert [items for items, _ in await told(timeline)] == [["evening"]]
    await desk.publish_due(moment(DAY + 7 * HOUR + 1))

    assert [sorted(items) for items, _ in await told(timeline)] == [["evening"], ["later", "night"]]


async def test_a_window_is_full_with_what_belongs_to_its_channel(timeline: Timeline) -> None:
    """Rule 2: as many as match. Of three articles that come by two are no concern of this channel."""
    desk = publisher(timeline, every_seconds=60, max_items=2, query="ferry")
    for number in range(6):
        text = document("A ferry" if number % 2 else "Rain", "It came.")
        await timeline.at(number + 1)
        await timeline.article(f"article-{number}", 1, text)
    await desk.publish_due(moment(61))

    assert [len(items) for items, _ in await told(timeline)] == [2, 1]
    assert len(await windows(timeline)) == 2
