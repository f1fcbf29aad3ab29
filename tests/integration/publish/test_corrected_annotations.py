"""What an editor says of an article reaches the digests that are still open."""

from __future__ import annotations

import pytest

from newsfeed.channels import Channel
from newsfeed.documents import ArticleDocument
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import corrected_append
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.values import Correction, TopicAdded, TopicRemoved
from newsfeed.vocabulary import ancestors
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler
from services.publish.publisher import ChannelPublisher

pytestmark = pytest.mark.by_turns

POLITICS = "medtop:11000000"
HARBOUR = Channel(name="latest", title="Latest", every_seconds=60, topics=(POLITICS,))
TEXT = ArticleDocument(title="The harbour", body="A boat lies there.")


async def react(timeline: Timeline, article_id: str) -> None:
    """Handle the newest event of the article, as enrich would."""
    partition = timeline.log.partition_of(article_id)
    newest = (await timeline.log.history(article_id))[-1].readable()
    for appends in await enrich_handler(timeline.log, Enricher()).react(partition, [newest]):
        await timeline.log.append(partition, appends)


async def correct(timeline: Timeline, article_id: str, correction: Correction) -> None:
    """An editor's word, and what enrich makes of it."""
    append = corrected_append(article_id, correction, sha256=TEXT.sha256)
    await timeline.log.append(timeline.log.partition_of(article_id), [append])
    await react(timeline, article_id)


async def arrive(timeline: Timeline, article_id: str) -> None:
    await timeline.version(article_id, 1, TEXT)
    await react(timeline, article_id)


async def told(timeline: Timeline) -> list[tuple[list[str], list[str]]]:
    """Items and notices of each digest, by article."""
    return [
        ([one["article_id"] for one in digest["items"]], [one["article_id"] for one in digest["notices"]])
        for digest in await digests(timeline.log.redis, "latest")
    ]


async def test_an_article_that_nobody_got_comes_in_when_an_editor_says_what_it_is(timeline: Timeline) -> None:
    publisher = ChannelPublisher(timeline.log, HARBOUR, ancestors)
    await timeline.at(1)
    await arrive(timeline, "a")
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    await correct(timeline, "a", TopicAdded(id=POLITICS))
    await publisher.publish_due(moment(121))

    assert await told(timeline) == [(["a"], [])]
    [digest] = await digests(timeline.log.redis, "latest")
    assert [reason["clause"] for reason in digest["items"][0]["why"]] == [POLITICS]


async def test_an_article_stays_out_of_an_open_window_when_an_editor_says_so(timeline: Timeline) -> None:
    publisher = ChannelPublisher(timeline.log, HARBOUR, ancestors)
    await timeline.at(1)
    await arrive(timeline, "a")
    await correct(timeline, "a", TopicAdded(id=POLITICS))
    await correct(timeline, "a", TopicRemoved(id=POLITICS))
    await arrive(timeline, "b")
    await correct(timeline, "b", TopicAdded(id=POLITICS))
    await publisher.publish_due(moment(61))

    assert await told(timeline) == [(["b"], [])]


async def test_readers_are_not_told_of_what_only_an_editor_sees(timeline: Timeline) -> None:
    """They hold the text as it is; what it was filed under is no correction of it."""
    publisher = ChannelPublisher(timeline.log, HARBOUR, ancestors)
    await timeline.at(1)
    await arrive(timeline, "a")
    await correct(timeline, "a", TopicAdded(id=POLITICS))
    await publisher.publish_due(moment(61))
    await timeline.at(61)
    await correct(timeline, "a", TopicRemoved(id=POLITICS))
    await publisher.publish_due(moment(121))

    assert await told(timeline) == [(["a"], [])]
