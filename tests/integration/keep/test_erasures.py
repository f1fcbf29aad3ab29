"""An erasure is seen through, whoever died on the way."""

from __future__ import annotations

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.erasure import erase, texts_of
from newsfeed.events import ArticleErased
from newsfeed.testing.channels import bring_out, digests, item
from newsfeed.testing.facts import NOON, document, withdrawn_append
from newsfeed.testing.town import put, put_enrichment, put_version
from services.keep.erasures import Follower

SECRET = document("Ada opens bridge", "It is open.")


async def follow(log: EventLog, article_id: str, *, erase_on_kill: bool = False) -> int:
    """A new process looks at all there is; where it would begin the next time."""
    partition = log.partition_of(article_id)
    follower = Follower(log, partition, erase_on_kill=erase_on_kill)
    position = 0
    while position < await log.tail(partition):
        position = await follower.step(position)
    return await checkpoint(log.redis, streams.ERASURES, partition)


async def test_an_erasure_that_died_half_way_is_ended(log: EventLog) -> None:
    """The fact was written and nothing else: its digests, and other partitions, still know the text."""
    event = await put_version(log, "a", 1, SECRET)
    fact = await bring_out(log, "latest", [item(event)])
    await erase(log, await texts_of(log, "a"), "order 7", NOON)

    await follow(log, "a")

    assert await log.redis.get(streams.body("latest", fact.bodies["json"])) == ERASED
    marks = [await log.redis.get(streams.content(partition, SECRET.sha256)) for partition in range(2)]
    assert marks == [ERASED, ERASED]
    assert len(await digests(log.redis, "latest")) == 1


async def test_it_is_not_done_with_before_every_channel_has_passed(log: EventLog) -> None:
    """A digest that was being made meanwhile may still come out with the text in it."""
    event = await put_version(log, "a", 1, SECRET)
    await bring_out(log, "latest", [item(event)])
    await erase(log, await texts_of(log, "a"), "order 7", NOON)

    waiting = await follow(log, "a")
    late = await bring_out(log, "latest", [item(event)])
    done = await follow(log, "a")

    assert (waiting, done) == (1, 2)
    assert await log.redis.get(streams.body("latest", late.bodies["json"])) == ERASED


@pytest.mark.parametrize("erase_on_kill", [True, False])
async def test_what_a_wire_kills_is_erased_where_that_is_set(log: EventLog, erase_on_kill: bool) -> None:
    """Some agencies' contracts ask for it; others want the text kept for their lawyers."""
    event = await put_version(log, "a", 1, SECRET)
    await put_enrichment(log, event)
    await put(log, withdrawn_append("a", 2))

    await follow(log, "a", erase_on_kill=erase_on_kill)
    await follow(log, "a", erase_on_kill=erase_on_kill)

    erasures = [e.event for e in await log.history("a") if isinstance(e.event, ArticleErased)]
    texts = await log.articles(log.partition_of("a"), [SECRET.sha256])
    assert [one.reason for one in erasures] == ["wire_canceled"] * erase_on_kill
    assert (SECRET.sha256 in texts) is not erase_on_kill


async def test_a_kill_leaves_a_text_that_another_article_has(log: EventLog) -> None:
    """Another source's copy is its own news, until it is killed, too."""
    first = next(name for name in "abcdefgh" if log.partition_of(name) == 0)
    other = next(name for name in "abcdefgh" if log.partition_of(name) == 0 and name != first)
    for name in (first, other):
        await put_version(log, name, 1, SECRET)
    await put(log, withdrawn_append(first, 2))

    await follow(log, first, erase_on_kill=True)

    assert SECRET.sha256 in await log.articles(0, [SECRET.sha256])
    assert isinstance((await log.history(first))[-1].event, ArticleErased)
