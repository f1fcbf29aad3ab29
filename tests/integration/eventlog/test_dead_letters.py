"""The way back from a dead letter keeps the order of its article, whoever works meanwhile."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from redis.exceptions import ResponseError

from newsfeed import streams
from newsfeed.errors import LogBehind
from newsfeed.eventlog import EventLog, scripts
from newsfeed.eventlog import dead_letters as module
from newsfeed.eventlog.consumer import PartitionConsumer
from newsfeed.eventlog.dead_letters import Chosen, Taken
from newsfeed.eventlog.entries import Entry, entry_id, read_entry
from newsfeed.eventlog.scripts import source
from newsfeed.testing.facts import append_raw
from newsfeed.testing.groups import GROUP, Worker, caught_up, dead_letters, enriched, serve, take_over
from newsfeed.testing.letters import (
    append_versions,
    finish,
    letters_of,
    reasons,
    requeue_all,
    requeue_article,
    tell_story,
    work,
    wrong_with,
)
from newsfeed.testing.waiting import until


async def test_a_requeued_event_is_processed_while_its_later_ones_are_parked(
    narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each step of a requeue the oldest letter that is left still parks all that is younger."""
    monkeypatch.setattr(module, "STEP_LETTERS", 1)
    worker = await tell_story(narrow_log)
    consumer = await take_over(narrow_log, worker)
    found = []

    async for _ in letters_of(narrow_log).requeue(Chosen(GROUP, 0, "a")):
        await serve(narrow_log, consumer)
        found.append([position for position, _ in await reasons(narrow_log)])

    assert found == [[3, 5], [5], []]
    assert await wrong_with(narrow_log) == []


async def test_what_dies_again_parks_the_rest_again(narrow_log: EventLog) -> None:
    """Nothing is gained, and nothing is lost: the next requeue finds the same letters."""
    worker = await tell_story(narrow_log)
    before = await reasons(narrow_log)
    worker.poison = {("a", 1)}

    await requeue_article(narrow_log, "a")
    await work(narrow_log, worker)

    assert before == await reasons(narrow_log)
    worker.poison.clear()
    await requeue_all(narrow_log)
    await work(narrow_log, worker)
    assert await wrong_with(narrow_log) == []


async def test_a_requeue_begins_at_the_next_look(narrow_log: EventLog) -> None:
    """Not only when its events have been pending as long as those of a dead process."""
    worker = await tell_story(narrow_log)
    consumer = await take_over(narrow_log, worker)
    await serve(narrow_log, consumer)
    await requeue_all(narrow_log)

    await consumer.tick(idle_seconds=600)

    assert await wrong_with(narrow_log) == []


async def test_what_a_reader_has_just_taken_is_left_to_it(narrow_log: EventLog) -> None:
    """Recovering it at every look would do each batch twice."""
    worker = await tell_story(narrow_log)
    consumer = await take_over(narrow_log, worker)
    await serve(narrow_log, consumer)
    await append_versions(narrow_log, "b", version=4)
    await narrow_log.redis.xreadgroup(GROUP, streams.consumer(0, GROUP), {streams.log(0): ">"})

    await consumer.tick(idle_seconds=600)

    assert ("b", 4) not in worker.seen


async def test_a_dropped_letter_leaves_its_article_parked_behind_the_next(narrow_log: EventLog) -> None:
    """Dropping says "never this one"; whether the rest shall go on is another question."""
    worker = await tell_story(narrow_log)
    poison, *_ = await dead_letters(narrow_log)

    await finish(letters_of(narrow_log).drop(Chosen.only(GROUP, 0, poison.position)))
    await append_versions(narrow_log, "a", version=4)
    await work(narrow_log, worker)

    assert [reason for _, reason in await reasons(narrow_log)] == ["article_parked"] * 3
    await requeue_article(narrow_log, "a")
    await work(narrow_log, worker)
    assert [version for article, version in await enriched(narrow_log) if article == "a"] == [2, 3, 4]


async def test_an_article_whose_every_letter_is_dropped_is_free(narrow_log: EventLog) -> None:
    worker = await tell_story(narrow_log)

    assert [Taken(3)] == await finish(letters_of(narrow_log).drop(Chosen(GROUP, 0, "a")))
    await append_versions(narrow_log, "a", version=4)
    await work(narrow_log, worker)

    assert [version for article, version in await enriched(narrow_log) if article == "a"] == [4]
    assert await dead_letters(narrow_log) == []


async def test_a_letter_whose_event_was_trimmed_stays(narrow_log: EventLog) -> None:
    """Our own trimming waits for letters; should somebody else's not, the letter is all that is left."""
    worker = await tell_story(narrow_log)
    await narrow_log.redis.xtrim(streams.log(0), minid=entry_id(2), approximate=False)

    assert [Taken(2, (1,))] == await requeue_article(narrow_log, "a")
    await work(narrow_log, worker)

    assert await reasons(narrow_log) == [(1, "no_words"), (3, "article_parked"), (5, "article_parked")]
    assert [Taken(3)] == await finish(letters_of(narrow_log).drop(Chosen(GROUP, 0, "a")))


async def test_a_requeue_for_a_group_that_is_gone_takes_nothing(narrow_log: EventLog) -> None:
    """There is no pending list to put the events on: the letters are all that is left of them."""
    await tell_story(narrow_log)
    before = await reasons(narrow_log)
    await narrow_log.redis.xgroup_destroy(streams.log(0), GROUP)

    with pytest.raises(ResponseError, match="NOGROUP"):
        await requeue_all(narrow_log)

    assert await reasons(narrow_log) == before


async def test_a_requeue_while_a_batch_is_in_hand_comes_first(narrow_log: EventLog) -> None:
    """The batch meant to park a version that is now next in line: it is refused and done again."""
    worker = await tell_story(narrow_log)
    await append_versions(narrow_log, "a", "b", version=4)
    worker.meanwhile.append(lambda: requeue_all(narrow_log))

    await work(narrow_log, worker)

    assert await wrong_with(narrow_log, versions=4) == []


async def test_a_batch_that_waits_for_what_came_back_has_not_been_tried(narrow_log: EventLog) -> None:
    """Otherwise some requeues in a row would use its attempts up, and its first failure be its last."""
    worker = Worker(poison={(article, 1) for article in "wxyz"})
    await append_versions(narrow_log, *"wxyz")
    await work(narrow_log, worker)
    worker.poison.clear()
    await append_versions(narrow_log, "a")

    async def fail_once() -> None:
        worker.failures["a"] = [RuntimeError(), RuntimeError()]

    requeues = [partial(requeue_article, narrow_log, article) for article in "zyxw"]
    worker.meanwhile = [*requeues, fail_once]
    consumer = await take_over(narrow_log, worker)

    async def settled() -> bool:
        await serve(narrow_log, consumer)
        return await caught_up(narrow_log)

    await until(settled)

    assert await dead_letters(narrow_log) == []
    assert len(await enriched(narrow_log)) == 5


async def test_a_drop_while_a_batch_is_in_hand_loses_no_order(narrow_log: EventLog) -> None:
    """What was parked behind the dropped letters is a dead letter, to be seen and to be requeued."""
    worker = await tell_story(narrow_log)
    parked, _ = await append_versions(narrow_log, "a", "b", version=4)
    worker.meanwhile.append(lambda: finish(letters_of(narrow_log).drop(Chosen(GROUP, 0, "a"))))

    await work(narrow_log, worker)
    await append_versions(narrow_log, "a", version=5)
    await work(narrow_log, worker)

    assert [(parked, "article_parked")] == (await reasons(narrow_log))[:1]
    await requeue_all(narrow_log)
    await work(narrow_log, worker)
    assert [version for article, version in await enriched(narrow_log) if article == "a"] == [4, 5]


async def test_the_oldest_letter_stands_for_its_article(narrow_log: EventLog) -> None:
    """An operator sees one line per article, however many of its events wait."""
    await append_raw(narrow_log, "nobody", "}")
    for version in (1, 2, 3):
        await append_versions(narrow_log, "a", "b", version=version)

    await work(narrow_log, Worker(poison={("a", 1), ("b", 2)}))

    waiting = [one async for one in letters_of(narrow_log).waiting(GROUP)]
    assert [(one.letter.subject, one.behind) for one in waiting] == [(None, 0), ("a", 2), ("b", 1)]


async def test_letters_are_paged_in_the_order_of_the_log(
    narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hash has no order, and sorting a million letters takes them all into memory."""
    monkeypatch.setattr(module, "PAGE_LETTERS", 2)
    await append_versions(narrow_log, *"abcdefghijkl")

    await work(narrow_log, Worker(poison={(article, 1) for article in "abcdefghijkl"}))

    assert [*range(1, 13)] == [letter.position for letter in await dead_letters(narrow_log)]
    assert (
        12
        == await letters_of(narrow_log).count(GROUP)
        == len([one async for one in letters_of(narrow_log).waiting(GROUP)])
    )


async def test_what_was_read_before_a_requeue_waits_for_what_came_back(narrow_log: EventLog) -> None:
    """Nobody is parked any more when the batch asks, and yet it is too early for it."""
    worker = await tell_story(narrow_log)
    consumer, batch = await in_hand(narrow_log, worker)
    await requeue_all(narrow_log)

    with pytest.raises(LogBehind):
        await consumer._reactor.process(batch)

    await serve(narrow_log, consumer)
    assert await wrong_with(narrow_log, versions=4) == []


async def test_a_commit_that_does_not_look_at_older_ones_is_caught(
    narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: the script acknowledges whatever is pending before it."""
    buggy = (
        source("commit")
        .replace("highest, k + 1)", "highest, 100)")
        .replace("if not mine[entry[1]] then return {'BEHIND', position} end", "if mine[entry[1]] then")
        .replace("acks[#acks + 1] = entry[1]", "acks[#acks + 1] = entry[1] end")
    )
    worker = await tell_story(narrow_log)
    monkeypatch.setattr(scripts, "source", lambda _: buggy)
    careless = EventLog(narrow_log.redis, narrow_log.manifest)
    monkeypatch.undo()
    consumer, batch = await in_hand(careless, worker)
    await requeue_all(narrow_log)

    await consumer._reactor.process(batch)
    await serve(narrow_log, consumer)

    assert [one for one in await wrong_with(narrow_log, versions=4) if one[0] == "a"] == ["a: [4, 1, 2, 3]"]


async def in_hand(log: EventLog, worker: Worker) -> tuple[PartitionConsumer, list[Entry]]:
    """A consumer that has read a fourth version of each article and done nothing about it yet."""
    consumer = await take_over(log, worker)
    await append_versions(log, "a", "b", version=4)
    reply: Any = await log.redis.xreadgroup(GROUP, streams.consumer(0, GROUP), {streams.log(0): ">"})
    return consumer, [read_entry(raw) for raw in reply[0][1]]
