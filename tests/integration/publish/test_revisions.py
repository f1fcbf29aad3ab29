"""What the archive shows of a digest when one of its articles was retracted."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.channel_rebuild import rebuild_channel
from newsfeed.eventlog.redaction import redact
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.digests import Digest
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns


@pytest.fixture
def desk(timeline: Timeline, channel: Channel) -> ChannelPublisher:
    """Publishes everything once a minute."""
    return ChannelPublisher(timeline.log, channel, ancestors)


async def shown(timeline: Timeline, number: int) -> Any:  # noqa: ANN401 # any JSON
    """The JSON of a digest as the archive shows it."""
    return orjson.loads((await ChannelLog(timeline.log.redis, "latest").current_bodies(number))["json"])


async def tell(timeline: Timeline, desk: ChannelPublisher) -> None:
    """Two articles in digest 1; one of them is corrected in digest 2 and withdrawn in digest 3."""
    await timeline.at(1)
    await timeline.article("a", 1, document("Mayor resigns", "She said so."), story_id="town")
    await timeline.article("b", 1, document("Bridge opens", "It is open."))
    await desk.publish_due(moment(61))
    await timeline.at(61)
    await timeline.article("a", 2, document("Mayor may resign", "She thinks so."))
    await desk.publish_due(moment(121))
    await timeline.at(121)
    await timeline.withdraw("a", 3)
    await desk.publish_due(moment(181))


async def test_every_digest_that_told_of_it_shows_a_tombstone(
    timeline: Timeline, desk: ChannelPublisher
) -> None:
    """The one that told it first, and the one that corrected it."""
    await tell(timeline, desk)

    first, second = await shown(timeline, 1), await shown(timeline, 2)

    gone, kept = sorted(first["items"], key=lambda one: str(one["title"] or ""))
    assert (kept["title"], kept["retracted_by"]) == ("Bridge opens", None)
    assert (gone["article_id"], gone["title"], gone["summary"], gone["retracted_by"]) == ("a", None, None, 3)
    assert (first["revision"], first["number"]) == (2, 1)
    assert [one["title"] for one in second["notices"]] == [None]
    bodies = await ChannelLog(timeline.log.redis, "latest").current_bodies(1)
    assert b"Mayor" not in b"".join(bodies.values())
    assert b"see digest no. 3" in bodies["text"]
    assert Digest.model_validate_json(bodies["json"]).is_intact


async def test_what_went_out_stays_what_it_was(timeline: Timeline, desk: ChannelPublisher) -> None:
    await timeline.at(1)
    await timeline.article("a")
    await desk.publish_due(moment(61))
    before = (await digests(timeline.log.redis, "latest"))[0]
    await timeline.at(61)
    await timeline.withdraw("a", 2)
    await desk.publish_due(moment(121))

    assert (await digests(timeline.log.redis, "latest"))[0] == before
    assert [problem async for problem in verify_channels(timeline.log)] == []


async def test_a_second_retraction_is_a_third_revision(timeline: Timeline, desk: ChannelPublisher) -> None:
    """The first tombstone stays."""
    await tell(timeline, desk)
    await timeline.at(181)
    await timeline.withdraw("b", 2)
    await desk.publish_due(moment(241))

    first = await shown(timeline, 1)
    assert first["revision"] == 3
    assert sorted((one["article_id"], one["retracted_by"]) for one in first["items"]) == [("a", 3), ("b", 4)]


async def test_one_who_stands_under_another_leaves_a_tombstone_there(
    timeline: Timeline, desk: ChannelPublisher
) -> None:
    await timeline.at(1)
    for name in "abc":
        await timeline.article(name, story_id="town")
    await desk.publish_due(moment(61))
    await timeline.at(61)
    await timeline.withdraw("b", 2)
    await desk.publish_due(moment(121))

    [item] = (await shown(timeline, 1))["items"]
    assert (item["title"], [(one["title"], one["retracted_by"]) for one in item["also"]]) == (
        "a",
        [(None, 2), ("c", None)],
    )


async def test_a_rebuilt_channel_knows_its_revisions(timeline: Timeline, desk: ChannelPublisher) -> None:
    await tell(timeline, desk)
    before = await shown(timeline, 1)
    redis = timeline.log.redis
    await redis.delete(*[key async for key in redis.scan_iter(match="newsfeed:delivered:*")])

    await rebuild_channel(redis, "latest")

    assert await shown(timeline, 1) == before


async def test_a_lost_body_of_a_revision_is_damage(timeline: Timeline, desk: ChannelPublisher) -> None:
    await tell(timeline, desk)
    revision = await ChannelLog(timeline.log.redis, "latest").revision(1)
    assert revision is not None
    await timeline.log.redis.delete(streams.body("latest", revision.bodies["html"]))

    assert [problem.code async for problem in verify_channels(timeline.log)] == ["body_missing"]


async def test_what_is_erased_is_in_no_revision_either(timeline: Timeline, desk: ChannelPublisher) -> None:
    """`b` stands in the revision of digest 1; then it is taken down."""
    await tell(timeline, desk)
    await redact(timeline.log.redis, "latest", {"b"})

    bodies = await ChannelLog(timeline.log.redis, "latest").current_bodies(1)
    assert b"Bridge" not in b"".join(bodies.values())
    assert [problem async for problem in verify_channels(timeline.log)] == []
