"""`newsfeed dead-letters`: by article, in the order of the log, beside a working consumer."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import entry_id
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.answers import Ask, start_command
from newsfeed.testing.groups import GROUP, Worker, caught_up, dead_letters, enriched, member, serve, take_over
from newsfeed.testing.letters import append_versions, bury_first, letters_of
from newsfeed.testing.town import BRIDGE, Town
from newsfeed.testing.waiting import until


async def park_bridge(town: Town) -> None:
    """The first of three events of the bridge is poison; of the others one is wanted."""
    worker = Worker(poison={(BRIDGE, 1)})
    await serve(town.log, await take_over(town.log, worker))


async def pending(redis: Client) -> list[bytes]:
    """The entries of partition 0 that the group has in hand."""
    found = await redis.xpending_range(streams.log(0), GROUP, "-", "+", 10)
    return [cast("bytes", one["message_id"]) for one in found]


async def test_a_dead_letter_is_listed_and_shown_with_its_event(ask: Ask, town: Town) -> None:
    letter = await bury_first(town.log)

    [listed] = (await ask("dead-letters", "list", "--json")).json
    [shown] = (await ask("dead-letters", "show", "enrich:0:1", "--json")).json

    assert (listed["letter"], listed["reason"]) == ("enrich:0:1", "no_words")
    assert shown["event"]["event_id"] == letter.event_id
    assert (shown["parked_behind"], shown["waiting_count"]) == ("enrich:0:1", 0)
    assert "no_words" in (await ask("dead-letters", "show", "enrich:0:1")).out


async def test_people_see_one_line_per_article(ask: Ask, town: Town) -> None:
    """The poison, and how many events wait behind it; programs see every letter."""
    await park_bridge(town)

    people = (await ask("dead-letters", "list")).out.splitlines()
    programs = (await ask("dead-letters", "list", "--json")).json

    assert [line.split()[0] for line in people] == ["LETTER", "enrich:0:1"]
    assert people[1].split()[-3:] == [BRIDGE, "1", "no_words"]
    assert [(one["letter"], one["reason"]) for one in programs] == [
        ("enrich:0:1", "no_words"),
        ("enrich:0:3", "article_parked"),
    ]


async def test_requeueing_all_makes_the_events_pending_again(ask: Ask, town: Town) -> None:
    await park_bridge(town)

    answer = await ask("dead-letters", "requeue", "--all")

    assert (answer.status, answer.out) == (0, "requeued 2 events of enrich, partition 0\n")
    assert await pending(town.log.redis) == [b"0-1", b"0-3"]
    assert await letters_of(town.log).count(GROUP) == 0


async def test_any_letter_of_an_article_brings_all_of_it_back(ask: Ask, town: Town) -> None:
    """Alone it would be parked again at once; named twice, the article still comes back once."""
    await park_bridge(town)

    answer = await ask("dead-letters", "requeue", "enrich:0:3", "enrich:0:1")

    assert (answer.status, answer.out) == (0, "requeued enrich:0:1 with its article: 2 events\n")
    assert await pending(town.log.redis) == [b"0-1", b"0-3"]


async def test_a_letter_whose_event_was_trimmed_is_told(ask: Ask, town: Town) -> None:
    """It stays, the rest of its article comes back, and the exit status says so."""
    await park_bridge(town)
    await town.log.redis.xtrim(streams.log(0), minid=entry_id(2), approximate=False)

    answer = await ask("dead-letters", "requeue", "--all")

    assert (answer.status, answer.out) == (1, "requeued 1 events of enrich, partition 0\n")
    assert "enrich:0:1 stays" in answer.err


async def test_a_dropped_letter_is_gone_and_what_waited_still_waits(ask: Ask, town: Town) -> None:
    await park_bridge(town)

    dropped = await ask("dead-letters", "drop", "enrich:0:1")

    assert dropped.status == 0
    assert f"{BRIDGE} stays parked: 1 of its events wait, enrich:0:3 is the first" in dropped.out
    assert (await ask("dead-letters", "drop", "enrich:0:1")).status == 1
    assert [one["letter"] for one in (await ask("dead-letters", "list", "--json")).json] == ["enrich:0:3"]


async def test_an_article_is_dropped_as_a_whole(ask: Ask, town: Town) -> None:
    await park_bridge(town)

    answer = await ask("dead-letters", "drop", "--article", "enrich:0:3")

    assert (answer.status, answer.out) == (0, "dropped enrich:0:3 with its article: 2 events\n")
    assert (await ask("dead-letters", "list", "--json")).out == ""


async def test_one_missing_letter_does_not_keep_the_others(ask: Ask, town: Town) -> None:
    await park_bridge(town)

    answer = await ask("dead-letters", "requeue", "enrich:0:2", "enrich:0:1")

    assert answer.status == 1
    assert "there is no dead letter enrich:0:2" in answer.err
    assert await dead_letters(town.log) == []


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    "arguments",
    [
        ["requeue"],
        ["drop", "--all", "enrich:0:1"],
        ["drop", "--all", "--article"],
        ["show", "enrich:1"],
        ["show", "none:0:1"],
    ],
)
async def test_letters_must_be_named_one_way(ask: Ask, arguments: list[str]) -> None:
    answer = await ask("dead-letters", *arguments)

    assert answer.status == 2


async def test_another_process_requeues_while_the_group_works(
    server: EmbeddedRedis, log: EventLog, environment: dict[str, str]
) -> None:
    """Two real processes on one log: no version is lost, done twice or out of its order."""
    articles = [f"article-{number}" for number in range(20)]
    worker = Worker(poison={(article, 1) for article in articles[:10]})

    async with member(server, log, worker):
        for version in range(1, 11):
            await append_versions(log, *articles, version=version)
        version = 10
        await until(lambda: caught_up(log))
        assert len(await dead_letters(log)) == 100
        worker.poison.clear()
        requeue = await start_command(environment, "dead-letters", "requeue", "--all")
        ended = asyncio.ensure_future(requeue.communicate())
        while not ended.done():
            version += 1
            await append_versions(log, *articles, version=version)
        await until(lambda: caught_up(log))
        found = await enriched(log)

    assert (requeue.returncode, (await ended)[1]) == (0, b"")
    assert await dead_letters(log) == []
    for article in articles:
        assert [version for one, version in found if one == article] == [*range(1, version + 1)]
