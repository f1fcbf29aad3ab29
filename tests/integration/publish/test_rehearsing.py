"""A back-test says what was published, and writes nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from newsfeed.bundles import assembled
from newsfeed.channels import Channel
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.testing.channels import kept
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish import rehearsing
from services.publish.publisher import ChannelPublisher
from services.publish.rehearsing import rehearse

pytestmark = pytest.mark.by_turns

CADENCES: dict[str, dict[str, Any]] = {
    "by seconds": {"every_seconds": 60},
    "full": {"every_seconds": 60, "max_items": 2},
    "few": {"every_seconds": 60, "query": "ferry OR bridge", "min_items": 3, "max_wait_seconds": 200},
    "by the clock": {"cron": "*/3 * * * *", "query": "ferry"},
    "a bundle": {"every_seconds": 60, "bundle": ["ferries", "bridges"], "query": "* NOT version"},
    "each": {"cron": "*/2 * * * *", "missed": "each", "on_empty": "send"},
}


def _channel(**fields: object) -> Channel:
    members = [
        Channel(name=name, title=name, immediate=True, query=query)
        for name, query in (("ferries", "ferry"), ("bridges", "bridge OR ferry"))
    ]
    desk = Channel.model_validate({"name": "desk", "title": "Desk", **fields})
    return assembled([*members, desk])["desk"]


async def published(timeline: Timeline, channel: Channel, begin: int = 0, end: int = 900) -> list[bytes]:
    """Fifteen minutes as publish would see them, looked at every half second; the digests."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    for second in range(begin, end):
        await timeline.at(second)
        if second % 37 == 0:
            words = ("ferry", "bridge", "rain")[second // 37 % 3]
            await timeline.article(f"article-{second}", text=document(f"A {words}", f"{words} {second}"))
        if second % 222 == 10 and second > 222:
            await timeline.withdraw(f"article-{(second // 222 - 1) * 222}", 2)
        if second % 5 == 4:
            await publisher.publish_due(moment(second + 0.5))
    await publisher.publish_due(moment(end))
    return [one.data async for one in ChannelLog(timeline.log.redis, "desk").public()]


@pytest.mark.no_cover
@pytest.mark.parametrize("cadence", CADENCES)
async def test_of_an_unchanged_channel_it_is_what_was_published(timeline: Timeline, cadence: str) -> None:
    """Byte for byte, from any moment on, with the corrections of what was told before it."""
    channel = _channel(**CADENCES[cadence], settle_seconds=2)
    out = await published(timeline, channel)
    before = await kept(timeline.log.redis, "desk")
    since = moment(400)

    found = await rehearse(timeline.log, channel, ancestors, since, moment(900), fresh=False)

    late = [one for one in out if _closed(one) > since.isoformat()]
    assert [one.canonical_bytes() for one in found] == late
    assert len(late) > 1
    assert await kept(timeline.log.redis, "desk") == before


def _closed(data: bytes) -> str:
    return str(orjson.loads(data)["published_at"]).replace("Z", "+00:00")


async def test_a_new_query_is_tried_on_what_came_since(timeline: Timeline) -> None:
    """Nobody got anything of it yet, and what is older is left out."""
    await published(timeline, _channel(every_seconds=60))
    ferries = _channel(every_seconds=300, query="title:ferry")

    found = await rehearse(timeline.log, ferries, ancestors, moment(400), moment(905), fresh=True)

    assert [one.number for one in found] == [1, 2]
    assert [[item.article_id for item in one.items] for one in found] == [
        ["article-444", "article-555"],
        ["article-777", "article-888"],
    ]
    assert [notice.article_id for notice in found[1].notices] == ["article-444"]


@pytest.mark.no_cover
async def test_a_back_test_that_forgot_what_was_told_would_be_noticed(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: the ledger of before is empty, so nothing of it is retracted."""
    channel = _channel(every_seconds=60, settle_seconds=2)
    out = await published(timeline, channel)
    exact = rehearsing.past_of

    async def forgetful(*arguments: Any) -> rehearsing.Past:  # noqa: ANN401 - those of the function
        return rehearsing.Past((await exact(*arguments)).cursor)

    monkeypatch.setattr(rehearsing, "past_of", forgetful)
    found = await rehearse(timeline.log, channel, ancestors, moment(400), moment(900), fresh=False)

    assert [one.canonical_bytes() for one in found] != [
        one for one in out if _closed(one) > moment(400).isoformat()
    ]
