"""Windows over what Redis gave up, and what they tell the trim."""

from __future__ import annotations

from pathlib import Path

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.stores import FolderStore
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.testing.archives import trim_to_nothing
from newsfeed.testing.channels import digests
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher


async def test_a_window_over_trimmed_events_is_the_same_digest(
    log: EventLog, channel: Channel, tmp_path: Path
) -> None:
    """A channel that is defined late, or was away for a year, begins with what is only archived."""
    archive = Archive(FolderStore(tmp_path), log.manifest.log_id)
    timeline = Timeline(EventLog(log.redis, log.manifest, archive))
    await timeline.at(1)
    for article_id in ("a", "b"):
        await timeline.article(article_id)
    await timeline.at(2)
    await timeline.enrich(await timeline.version("a", 2))
    await timeline.withdraw("b", 2)
    await trim_to_nothing(timeline.log, limit=2)

    await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(61))

    [digest] = await digests(log.redis, "latest")
    assert [(item["article_id"], item["version"]) for item in digest["items"]] == [("a", 2)]


async def test_a_closed_window_tells_the_trim_how_far_it_is(timeline: Timeline, channel: Channel) -> None:
    """What no digest covers yet is better kept at hand."""
    for second in (1, 61):
        await timeline.at(second)
        await timeline.article(f"at-{second}")
    publisher = ChannelPublisher(timeline.log, channel, ancestors)

    await publisher.publish_due(moment(61))

    positions = (await ChannelLog(timeline.log.redis, "latest").cursor()).positions
    reader = streams.channel_reader("latest")
    known = {p: await checkpoint(timeline.log.redis, reader, p) for p in positions}
    assert known == dict(positions)
    assert sum(known.values()) == 2
