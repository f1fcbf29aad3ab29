"""Old digests go, what is known of them stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.retention import Retention, let_go, retained_from
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.channels import bring_out, item, notice, skip
from newsfeed.testing.facts import NOON, document
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.town import put_version

WEEK = timedelta(days=7)


async def ten_digests(log: EventLog) -> ChannelLog:
    """A minute apart, the first at noon, with a skipped window among them."""
    for n in range(10):
        event = await put_version(log, f"a{n}", 1, document(f"Number {n}"))
        await bring_out(log, "latest", [item(event)])
        if n == 4:
            await skip(log, "latest")
    return ChannelLog(log.redis, "latest")


async def numbers(facts: ChannelLog) -> list[int]:
    return [one.number async for one in facts.public()]


async def problems(log: EventLog) -> list[str]:
    return [problem.code async for problem in verify_channels(log)]


@pytest.mark.parametrize(
    ("count", "age", "now", "first"),
    [
        (4, timedelta(0), NOON + WEEK, 7),
        (4, WEEK, NOON + timedelta(hours=1), 1),
        (100, timedelta(0), NOON + WEEK, 1),
        (4, timedelta(minutes=9, seconds=30), NOON + timedelta(minutes=12), 4),
    ],
)
async def test_a_digest_is_kept_while_it_is_new_or_among_the_newest(
    log: EventLog, count: int, age: timedelta, now: datetime, first: int
) -> None:
    facts = await ten_digests(log)

    floor = await Retention(count, age).floor(log.redis, "latest", now)
    gone = await let_go(log.redis, "latest", floor) if floor else 0

    assert await numbers(facts) == [*range(first, 11)]
    assert gone == first - 1
    assert await problems(log) == []


async def test_what_went_is_gone_and_the_facts_stay(log: EventLog) -> None:
    facts = await ten_digests(log)
    first = await facts.digest(1)
    assert first is not None
    floor = await facts.public_id(7)
    assert floor is not None

    assert await let_go(log.redis, "latest", floor) == 6
    assert await let_go(log.redis, "latest", floor) == 0

    assert await facts.body(first.bodies["json"]) is None
    assert await facts.digest(1) is None
    assert (await facts.digest(7)) is not None
    assert len([fact async for _, fact in facts.facts()]) == 11
    assert await retained_from(log.redis, "latest") == floor


@pytest.mark.no_cover
@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
async def test_whoever_dies_on_the_way_leaves_no_damage(
    server: EmbeddedRedis, log: EventLog, heard: bool
) -> None:
    """At every round trip; the next one sees it through."""
    dies_at, died = 0, True
    while died:
        dies_at, died = dies_at + 1, False
        await log.redis.flushall()
        fresh = EventLog(log.redis, log.manifest)
        floor = await (await ten_digests(fresh)).public_id(4)
        assert floor is not None
        client = dying_client(server.url, dies_at, heard=heard)
        try:
            await let_go(client, "latest", floor)
        except (Killed, RedisConnectionError):
            died = True
        await client.aclose()

        assert await problems(fresh) == []
        await let_go(log.redis, "latest", floor)
        assert await numbers(ChannelLog(log.redis, "latest")) == [*range(4, 11)]
    assert dies_at > 8


async def test_digests_that_went_without_a_word_are_damage(log: EventLog) -> None:
    """A stream that was cut short by somebody else."""
    facts = await ten_digests(log)
    await log.redis.xtrim(streams.digests("latest"), minid=str(await facts.public_id(3)), approximate=False)

    assert "digest_missing" in await problems(log)


async def test_a_correction_of_a_digest_that_went_still_names_it(log: EventLog) -> None:
    facts = await ten_digests(log)
    await let_go(log.redis, "latest", str(await facts.public_id(7)))
    again = await put_version(log, "a0", 2, document("Number 0, corrected"))
    fact = await bring_out(log, "latest", [], [notice(again, 1, 1)])

    assert fact.notices[0].corrects.digest == 1
    assert await problems(log) == []
