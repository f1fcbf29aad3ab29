"""An erasure that comes while a digest is made, or after it came out."""

from __future__ import annotations

from typing import Any

import pytest

from newsfeed.channels import Channel
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.erasure import erase, redact_all, texts_of
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import NOON
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.pressing import Press
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns


@pytest.fixture
def erased_at_the_close(monkeypatch: pytest.MonkeyPatch, timeline: Timeline) -> None:
    """Between reading its texts and closing its window somebody erases an article."""
    close = ChannelLog.close

    async def erase_and_close(self: ChannelLog, *arguments: Any) -> None:  # noqa: ANN401 as they are
        await erase(timeline.log, await texts_of(timeline.log, "gone"), "order 7", NOON)
        await redact_all(timeline.log.redis, {"gone"})
        await close(self, *arguments)

    monkeypatch.setattr(ChannelLog, "close", erase_and_close)


async def titles(timeline: Timeline) -> dict[str, str | None]:
    return {
        item["article_id"]: item["title"]
        for digest in await digests(timeline.log.redis, "latest")
        for item in digest["items"]
    }


@pytest.mark.usefixtures("erased_at_the_close")
async def test_what_is_erased_while_its_digest_is_made_is_taken_out_of_it(
    timeline: Timeline, channel: Channel
) -> None:
    """The publisher holds the text in its hands; the erasure looked for digests before there was one."""
    await timeline.at(1)
    await timeline.articles(["gone", "kept"])

    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    assert await titles(timeline) == {"gone": None, "kept": "kept"}


@pytest.mark.usefixtures("erased_at_the_close")
async def test_without_a_second_look_the_text_would_be_in_it(
    timeline: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: the test above must be able to fail."""

    async def trust(_self: ChannelPublisher, _fact: object) -> None:
        return

    monkeypatch.setattr(Press, "_take_erased_out", trust)
    await timeline.at(1)
    await timeline.articles(["gone", "kept"])

    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    assert await titles(timeline) == {"gone": "gone", "kept": "kept"}


async def test_an_erasure_is_told_to_those_who_got_the_digest(timeline: Timeline, channel: Channel) -> None:
    """As a retraction that names the digest: the readers' copies are theirs to delete."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    await timeline.articles(["gone", "kept"])
    await publisher.publish_due(moment(61))
    await timeline.at(62)
    await erase(timeline.log, await texts_of(timeline.log, "gone"), "order 7", NOON)

    await publisher.publish_due(moment(121))

    (_, second) = await digests(timeline.log.redis, "latest")
    assert [(n["kind"], n["article_id"], n["corrects"]["digest"]) for n in second["notices"]] == [
        ("retraction", "gone", 1)
    ]


async def test_an_article_that_was_erased_before_its_window_closed_is_in_no_digest(
    timeline: Timeline, channel: Channel
) -> None:
    """Nobody got it, so nobody has to be told."""
    await timeline.at(1)
    await timeline.articles(["gone", "kept"])
    await erase(timeline.log, await texts_of(timeline.log, "gone"), "order 7", NOON)

    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    assert await titles(timeline) == {"kept": "kept"}
