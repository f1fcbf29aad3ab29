"""Serving a partition: every pitfall of groups, pending entries and poison that we know of."""

from __future__ import annotations

import asyncio

from faststream.redis import RedisBroker

from newsfeed import streams
from newsfeed.errors import Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import client_options
from newsfeed.eventlog.dead_letters import Chosen, DeadLetters
from newsfeed.eventlog.groups import ensure_group
from newsfeed.logs import FastStreamLogger
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.facts import append_raw
from newsfeed.testing.groups import (
    GROUP,
    SETTINGS,
    Worker,
    caught_up,
    dead_letters,
    enriched,
    member,
    take_over,
)
from newsfeed.testing.letters import append_versions
from newsfeed.testing.waiting import until


async def test_history_from_before_the_first_start_is_processed(server: EmbeddedRedis, log: EventLog) -> None:
    """FastStream's own groups begin at "$" and would never see it."""
    await append_versions(log, "a", "b", "c")
    worker = Worker()

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

    assert {("a", 1), ("b", 1), ("c", 1)} == set(await enriched(log))


async def test_new_events_arrive_after_the_start(server: EmbeddedRedis, log: EventLog) -> None:
    """Recovery is out of the game here (its next turn is in minutes): FastStream itself must deliver."""
    worker = Worker()
    settings = SETTINGS.model_copy(update={"lease_seconds": 600.0})

    async with member(server, log, worker, settings=settings):
        await until(lambda: caught_up(log))
        await append_versions(log, "a", "b")
        await until(lambda: caught_up(log))

    assert sorted(worker.seen) == [("a", 1), ("b", 1)]


async def test_nothing_reads_on_once_it_has_stopped(server: EmbeddedRedis, log: EventLog) -> None:
    """FastStream cancels the task that reads and forgets it: it might connect anew after the end."""
    broker = RedisBroker(server.url, logger=FastStreamLogger(), **client_options())
    await broker.connect()
    consumer = await take_over(log, Worker(), broker=broker)
    before = asyncio.all_tasks()
    await consumer.start(polling_seconds=1.0)
    reading = asyncio.all_tasks() - before
    await consumer.stop()

    assert reading
    assert all(task.done() for task in reading)
    await broker.stop()


async def test_what_a_dead_process_had_read_is_processed_by_the_next(
    server: EmbeddedRedis, log: EventLog
) -> None:
    """A restart does not redeliver pending entries by itself."""
    await append_versions(log, *"abcdef")
    await ensure_group(log, GROUP)
    for partition in range(2):
        consumer = streams.consumer(partition, GROUP)
        await log.redis.xreadgroup(GROUP, consumer, {streams.log(partition): ">"}, count=2)

    async with member(server, log, Worker()):
        await until(lambda: caught_up(log))

    assert 6 == len(await enriched(log)) == len(set(await enriched(log)))


async def test_an_unreadable_entry_does_not_sink_its_batch(server: EmbeddedRedis, log: EventLog) -> None:
    """One poison entry in a default batch leaves all of the batch pending for ever."""
    await append_versions(log, "a")
    await append_raw(log, "poison", '{"type":"article.ingested","nonsense":true}')
    await append_versions(log, "b", "c")

    async with member(server, log, Worker()):
        await until(lambda: caught_up(log))

    assert {"a", "b", "c"} == {article for article, _ in await enriched(log)}
    assert [letter.reason for letter in await dead_letters(log)] == ["event_unreadable"]


async def test_binary_fields_are_dead_lettered(server: EmbeddedRedis, log: EventLog) -> None:
    """A field that is not UTF-8 makes FastStream's own parser fail before any handler is called."""
    await append_raw(log, "poison", b"(\xb5/\xfd\x00}")
    await append_versions(log, "a")

    async with member(server, log, Worker()):
        await until(lambda: caught_up(log))

    assert {("a", 1)} == set(await enriched(log))
    assert len(await dead_letters(log)) == 1


async def test_an_event_of_an_unknown_type_is_dead_lettered(server: EmbeddedRedis, log: EventLog) -> None:
    """A newer writer may know facts that we do not; they must not be lost by us."""
    position = await append_raw(log, "x", '{"type":"article.sung"}')

    async with member(server, log, Worker()):
        await until(lambda: caught_up(log))

    assert [(position, "event_unreadable")] == [(one.position, one.reason) for one in await dead_letters(log)]


async def test_a_passing_failure_is_tried_again(server: EmbeddedRedis, log: EventLog) -> None:
    """FastStream leaves a failed entry pending and never delivers it again."""
    worker = Worker()
    worker.failures["a"] = [RuntimeError("once"), RuntimeError("and alone")]
    await append_versions(log, "a", "b")

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

    assert {("a", 1), ("b", 1)} == set(await enriched(log))
    assert await dead_letters(log) == []


async def test_a_lasting_failure_becomes_a_dead_letter_and_the_rest_goes_on(
    server: EmbeddedRedis, log: EventLog
) -> None:
    """After max_attempts the event is set aside with its reason; its neighbours are not."""
    worker = Worker()
    worker.failures["a"] = [RuntimeError("always")] * 100
    await append_versions(log, "a", "b", "c", "d")

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

    assert {"b", "c", "d"} == {article for article, _ in await enriched(log)}
    (letter,) = await dead_letters(log)
    assert (letter.reason, letter.detail, letter.subject) == ("handler_failed", "RuntimeError", "a")
    assert SETTINGS.max_attempts == letter.attempts


async def test_a_poisonous_event_is_not_tried_again(server: EmbeddedRedis, log: EventLog) -> None:
    """What can never succeed must not hold its partition up."""
    worker = Worker()
    worker.failures["a"] = [Poisonous("no_words", "0 words")] * 2
    await append_versions(log, "a")

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

    (letter,) = await dead_letters(log)
    assert (letter.reason, letter.detail, letter.attempts) == ("no_words", "0 words", 1)


async def test_an_event_that_kills_its_process_is_set_aside(server: EmbeddedRedis, log: EventLog) -> None:
    """It never comes to an exception: only the server's count of deliveries tells."""
    await append_versions(log, "a")
    await ensure_group(log, GROUP)
    partition = log.partition_of("a")
    consumer, key = streams.consumer(partition, GROUP), streams.log(partition)
    await log.redis.xreadgroup(GROUP, consumer, {key: ">"})
    for _ in range(SETTINGS.max_attempts):
        await log.redis.xreadgroup(GROUP, consumer, {key: "0"})
    worker = Worker()

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

    assert worker.seen == []
    assert [letter.reason for letter in await dead_letters(log)] == ["process_died"]


async def test_a_requeued_dead_letter_is_processed(server: EmbeddedRedis, log: EventLog) -> None:
    """The way back: the event is pending again in its old place."""
    worker = Worker()
    worker.failures["a"] = [Poisonous("no_words")] * 2
    await append_versions(log, "a", "b")

    async with member(server, log, worker):
        await until(lambda: caught_up(log))
        (letter,) = await dead_letters(log)
        async for _ in DeadLetters(log.redis, 2).requeue(Chosen.article(letter)):
            pass
        await until(lambda: caught_up(log))

    assert {("a", 1), ("b", 1)} == set(await enriched(log))
    assert await dead_letters(log) == []


async def test_a_dead_letter_cannot_be_requeued_twice(log: EventLog) -> None:
    """The second call must say so instead of making a foreign entry pending."""
    await ensure_group(log, GROUP)

    assert [taken async for taken in DeadLetters(log.redis, 2).requeue(Chosen.only(GROUP, 0, 1))] == []


async def test_an_entry_read_by_a_zombie_is_still_processed(server: EmbeddedRedis, log: EventLog) -> None:
    """A blocked read of a frozen owner can take an entry after its successor has recovered."""
    worker = Worker()

    async with member(server, log, worker):
        await until(lambda: caught_up(log))
        partition = log.partition_of("a")
        consumer, key = streams.consumer(partition, GROUP), streams.log(partition)
        zombie = asyncio.ensure_future(log.redis.xreadgroup(GROUP, consumer, {key: ">"}, block=5000))
        for version in range(1, 4):
            await append_versions(log, "a", version=version)
        await zombie
        await until(lambda: caught_up(log))

    assert await enriched(log) == [("a", 1), ("a", 2), ("a", 3)]


async def test_a_stop_does_not_wait_for_all_that_is_pending(narrow_log: EventLog) -> None:
    """After a requeue that can be a million events: the batch in hand is finished, the rest is the heir's."""
    for version in range(1, MAX_BATCH + 2):
        await append_versions(narrow_log, "a", version=version)
    worker = Worker()
    consumer = await take_over(narrow_log, worker)
    await narrow_log.redis.xreadgroup(GROUP, streams.consumer(0, GROUP), {streams.log(0): ">"})
    stops: list[asyncio.Task[None]] = []

    async def stop() -> None:
        stops.append(asyncio.create_task(consumer.stop()))
        await asyncio.sleep(0)

    worker.meanwhile.append(stop)
    await consumer.recover()
    await stops[0]

    assert MAX_BATCH == len(worker.seen) == len(await enriched(narrow_log))


async def test_two_processes_share_the_partitions(server: EmbeddedRedis, log: EventLog) -> None:
    """And never serve the same one: that would break the order of an article."""
    async with member(server, log, Worker(), "one") as one, member(server, log, Worker(), "two") as two:

        async def balanced() -> bool:
            return 1 == len(one.partitions) == len(two.partitions)

        await until(balanced)
        await append_versions(log, *"abcdefgh")
        await until(lambda: caught_up(log))

    assert 8 == len(set(await enriched(log))) == len(await enriched(log))


async def test_a_survivor_takes_everything_over(server: EmbeddedRedis, log: EventLog) -> None:
    """When a process dies, its lease runs out and its partitions find a new owner."""
    await ensure_group(log, GROUP)
    await log.redis.set(streams.lease(0, GROUP), "dead|0", px=200)

    async with member(server, log, Worker()) as survivor:

        async def has_all() -> bool:
            return survivor.partitions == [0, 1]

        await until(has_all)

        assert survivor.partitions == [0, 1]


async def test_order_holds_for_every_article(server: EmbeddedRedis, log: EventLog) -> None:
    """Readers rely on version 2 never being enriched before version 1."""
    for version in range(1, 21):
        await append_versions(log, "a", "b", version=version)

    async with member(server, log, Worker()):
        await until(lambda: caught_up(log))

    for article in "ab":
        assert [*range(1, 21)] == [version for name, version in await enriched(log) if name == article]


async def test_readiness_sees_a_lost_group(server: EmbeddedRedis, log: EventLog) -> None:
    """FastStream's own health check stays green while nothing is consumed."""
    async with member(server, log, Worker()) as membership:
        await until(lambda: caught_up(log))
        assert await membership.troubles() == []
        await log.redis.xgroup_destroy(streams.log(0), GROUP)

        assert await membership.troubles() == ["partition 0: the group enrich is gone"]
