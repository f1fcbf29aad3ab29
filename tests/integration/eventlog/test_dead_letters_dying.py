"""A requeue, or a consumer that parks, dies at every round trip; nothing is lost, doubled or out of order."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog import dead_letters as module
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.dead_letters import Chosen, DeadLetter, DeadLetters, Taken
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.groups import GROUP, Worker
from newsfeed.testing.letters import (
    append_versions,
    finish,
    reasons,
    requeue_all,
    tell_story,
    work,
    wrong_with,
)


async def requeued_by(client: Client, log: EventLog) -> None:
    """A process that requeues everything."""
    await requeue_all(EventLog(client, log.manifest))


async def worked_by(client: Client, log: EventLog) -> None:
    """A process that does all there is to do."""
    await work(EventLog(client, log.manifest), Worker(poison={("a", 1)}))


async def dies(
    server: EmbeddedRedis,
    log: EventLog,
    process: Callable[[Client, EventLog], Awaitable[None]],
    dies_at: int,
    *,
    heard: bool,
) -> bool:
    """Whether a process died at that round trip."""
    client = dying_client(server.url, dies_at, heard=heard)
    try:
        await process(client, log)
    except Killed:
        return True
    finally:
        await client.aclose()
    return False


async def torn(log: EventLog, positions: list[int]) -> list[str]:
    """Which of the positions are not either a dead letter, in all three keys, or pending."""
    redis, key = log.redis, streams.log(0)
    pending = {one["message_id"] for one in await redis.xpending_range(key, GROUP, "-", "+", 100)}
    stored = await redis.hkeys(streams.dead(0, GROUP))
    in_order = await redis.zrange(streams.letters(0, GROUP), 0, -1)
    of_subjects = await redis.zrange(streams.parked(0, GROUP), 0, -1)
    where = {
        position: (
            entry_id(position).encode() in pending,
            str(position).encode() in stored,
            str(position).encode() in in_order,
            streams.parked_member("a", position).encode() in of_subjects,
        )
        for position in positions
    }
    whole = ((True, False, False, False), (False, True, True, True))
    return [f"{position} is torn: {found}" for position, found in where.items() if found not in whole]


async def outlived(server: EmbeddedRedis, log: EventLog, *, heard: bool, least: int) -> list[str]:
    """What is wrong after a requeue died at any round trip, and others went on."""
    wrong: list[str] = []
    for dies_at in itertools.count(1):
        await log.redis.flushall()
        fresh = EventLog(log.redis, await open_manifest(log.redis, 1))
        worker = await tell_story(fresh)
        died = await dies(server, fresh, requeued_by, dies_at, heard=heard)
        wrong += [f"round trip {dies_at}: {one}" for one in await torn(fresh, [1, 3, 5])]
        await work(fresh, worker)
        await requeue_all(fresh)
        await work(fresh, worker)
        wrong += [f"round trip {dies_at}: {one}" for one in await wrong_with(fresh)]
        if not died:
            assert dies_at > least
            return wrong
    raise AssertionError


@pytest.mark.no_cover
@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
async def test_a_requeue_may_die_at_any_round_trip(
    server: EmbeddedRedis, narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    """A queue that is lost in its own replay is the worst that a dead-letter queue can do."""
    monkeypatch.setattr(module, "STEP_LETTERS", 1)

    assert await outlived(server, narrow_log, heard=heard, least=3) == []


@pytest.mark.no_cover
@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
async def test_a_consumer_may_die_at_any_round_trip_of_parking(
    server: EmbeddedRedis, narrow_log: EventLog, heard: bool
) -> None:
    """Asking who is parked, reacting, and the one commit: 0 lost, 0 doubled, and the same letters."""
    for dies_at in itertools.count(1):
        await narrow_log.redis.flushall()
        fresh = EventLog(narrow_log.redis, await open_manifest(narrow_log.redis, 1))
        await tell_story(fresh)
        await append_versions(fresh, "a", "b", version=4)
        await requeue_all(fresh)
        died = await dies(server, fresh, worked_by, dies_at, heard=heard)
        await worked_by(fresh.redis, fresh)

        assert ["no_words", *["article_parked"] * 3] == [reason for _, reason in await reasons(fresh)]
        await requeue_all(fresh)
        await work(fresh, Worker())
        assert await wrong_with(fresh, versions=4) == [], f"round trip {dies_at}"
        if not died:
            assert dies_at > 10
            return


async def forget_then_claim(self: DeadLetters, chosen: Chosen) -> AsyncGenerator[Taken, None]:
    """A planted bug: the letters go in one command, and come back in another."""
    letters = [letter async for letter in self.all(chosen.group)]
    await finish(self.drop(chosen))
    for letter in letters:
        await _claim(self, letter)
        yield Taken(1)


async def claim_then_forget(self: DeadLetters, chosen: Chosen) -> AsyncGenerator[Taken, None]:
    """A planted bug: the letters come back in one command, and go in another."""
    for letter in [letter async for letter in self.all(chosen.group)]:
        await _claim(self, letter)
        yield Taken(1)
    await finish(self.drop(chosen))


async def _claim(letters: DeadLetters, letter: DeadLetter) -> None:
    key, consumer = streams.log(letter.partition), streams.consumer(letter.partition, GROUP)
    where: Any = [entry_id(letter.position)]
    await letters._redis.xclaim(key, GROUP, consumer, 0, where, retrycount=0, force=True)


@pytest.mark.parametrize("bug", [forget_then_claim, claim_then_forget])
async def test_a_requeue_in_two_commands_is_caught(
    server: EmbeddedRedis,
    narrow_log: EventLog,
    monkeypatch: pytest.MonkeyPatch,
    bug: Callable[[DeadLetters, Chosen], AsyncGenerator[Taken, None]],
) -> None:
    """A planted bug: otherwise the test of the round trips would prove little."""
    monkeypatch.setattr(DeadLetters, "requeue", bug)

    assert await outlived(server, narrow_log, heard=True, least=1) != []
