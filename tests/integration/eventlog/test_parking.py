"""A poison event parks its own article, and nobody else's."""

from __future__ import annotations

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.dead_letters import Chosen, Taken
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.parking import Parking
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.facts import append_raw, withdrawn_append
from newsfeed.testing.failures import dying_client
from newsfeed.testing.groups import GROUP, Worker, caught_up, dead_letters, enriched, member, serve, take_over
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


async def test_a_poison_event_parks_its_own_article_and_no_other(
    server: EmbeddedRedis, redis: Client
) -> None:
    """The acceptance: 99 other articles finish, and a requeue brings the hundredth back in its order."""
    log = EventLog(redis, await open_manifest(redis, 2))
    articles = [f"article-{number}" for number in range(100)]
    for version in (1, 2, 3):
        await append_versions(log, *articles, version=version)
    worker = Worker(poison={("article-7", 1)})

    async with member(server, log, worker):
        await until(lambda: caught_up(log))

        others = [one for one in await enriched(log) if one[0] != "article-7"]
        assert sorted(
            (article, v) for article in articles if article != "article-7" for v in (1, 2, 3)
        ) == sorted(others)
        poison, *parked = await dead_letters(log)
        assert (poison.reason, poison.attempts) == ("no_words", 1)
        assert [(one.reason, one.detail, one.subject, one.attempts) for one in parked] == [
            ("article_parked", f"behind position {poison.position}", "article-7", 0)
        ] * 2

        worker.poison.clear()
        await requeue_article(log, "article-7")
        await until(lambda: caught_up(log))

    assert [version for article, version in await enriched(log) if article == "article-7"] == [1, 2, 3]
    assert len(await enriched(log)) == 300
    assert await dead_letters(log) == []


async def test_an_event_behind_poison_of_its_own_batch_is_parked_with_it(narrow_log: EventLog) -> None:
    """The letter that it waits behind does not exist yet when the batch is read."""
    await append_versions(narrow_log, "a")
    await append_versions(narrow_log, "a", version=2)
    await append_versions(narrow_log, "b")
    worker = Worker(poison={("a", 1)})

    await work(narrow_log, worker)

    assert await reasons(narrow_log) == [(1, "no_words"), (2, "article_parked")]
    assert [("b", 1)] == worker.seen == await enriched(narrow_log)


async def test_a_lasting_failure_parks_as_poison_does(narrow_log: EventLog) -> None:
    """An event that was tried often enough is a dead letter like any other."""
    await append_versions(narrow_log, "a")
    await append_versions(narrow_log, "a", version=2)
    worker = Worker(failures={"a": [RuntimeError()] * 10})
    consumer = await take_over(narrow_log, worker)

    async def dead() -> bool:
        await serve(narrow_log, consumer)
        return len(await dead_letters(narrow_log)) == 2

    await until(dead)

    assert await reasons(narrow_log) == [(1, "handler_failed"), (2, "article_parked")]


async def test_a_passing_failure_parks_nobody(narrow_log: EventLog) -> None:
    """It holds its partition until it is over, as ever; the order of its article is not touched."""
    await append_versions(narrow_log, "a", "b")
    await append_versions(narrow_log, "a", version=2)
    worker = Worker(failures={"a": [RuntimeError()] * 2})
    consumer = await take_over(narrow_log, worker)

    async def done() -> bool:
        await serve(narrow_log, consumer)
        return len(await enriched(narrow_log)) == 3

    await until(done)

    assert await enriched(narrow_log) == [("a", 1), ("b", 1), ("a", 2)]
    assert await dead_letters(narrow_log) == []


async def test_what_the_group_does_not_want_is_acknowledged_although_the_article_is_parked(
    narrow_log: EventLog,
) -> None:
    """Parking it would only make the list of dead letters longer."""
    await append_versions(narrow_log, "a")
    await narrow_log.append(0, [withdrawn_append("a", 2)])

    await work(narrow_log, Worker(poison={("a", 1)}))

    assert await reasons(narrow_log) == [(1, "no_words")]
    assert await caught_up(narrow_log)


async def test_an_article_stays_parked_over_a_restart(narrow_log: EventLog) -> None:
    """The letters are in Redis: no process has to remember anything."""
    worker = await tell_story(narrow_log)
    await append_versions(narrow_log, "a", version=4)

    await work(narrow_log, worker)

    assert [position for position, _ in (await reasons(narrow_log))[:3]] == [1, 3, 5]
    assert (await reasons(narrow_log))[3][1] == "article_parked"
    assert [version for _, version in await enriched(narrow_log)] == [1, 2, 3]


async def test_an_unreadable_event_parks_the_article_that_it_names(narrow_log: EventLog) -> None:
    """A newer program's event cannot be read, but whose it is can: what follows builds on it."""
    await append_raw(narrow_log, "a", '{"type":"article.sung","article_id":"a"}')
    await append_versions(narrow_log, "a", "b")

    await work(narrow_log, Worker())

    assert await reasons(narrow_log) == [(1, "event_unreadable"), (2, "article_parked")]
    assert await enriched(narrow_log) == [("b", 1)]


async def test_an_event_of_damaged_json_parks_the_article_of_its_chain(narrow_log: EventLog) -> None:
    """Every entry names the one before; two damaged ones in a row must not hide whose they are."""
    await append_versions(narrow_log, "a")
    await append_raw(narrow_log, "a", b"(\xb5/\xfd\x00}")
    await append_raw(narrow_log, "a", '{"article_id":"words of an article, not an id"}')
    await append_versions(narrow_log, "a", version=2)

    await work(narrow_log, Worker())

    assert await reasons(narrow_log) == [
        (2, "event_unreadable"),
        (3, "event_unreadable"),
        (4, "article_parked"),
    ]
    assert [letter.subject for letter in await dead_letters(narrow_log)] == ["a", "a", "a"]


async def test_an_event_of_no_known_article_parks_nobody(narrow_log: EventLog) -> None:
    """It can be listed and requeued by itself all the same."""
    await append_raw(narrow_log, "a", "}")
    await append_versions(narrow_log, "a")

    await work(narrow_log, Worker())
    letter, *others = await dead_letters(narrow_log)

    assert (letter.subject, others) == (None, [])
    assert await enriched(narrow_log) == [("a", 1)]
    assert [Taken(1)] == await finish(letters_of(narrow_log).requeue(Chosen.article(letter)))
    assert await dead_letters(narrow_log) == []


async def test_a_consumer_that_does_not_ask_is_caught(
    narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: it believes that nobody is parked."""

    async def nobody(_: Parking, __: object) -> dict[str, int]:
        return {}

    monkeypatch.setattr(Parking, "lowest", nobody)
    worker = await tell_story(narrow_log)
    await append_versions(narrow_log, "a", version=4)
    await work(narrow_log, worker)
    await requeue_all(narrow_log)
    await work(narrow_log, worker)

    assert [one for one in await wrong_with(narrow_log, versions=4) if one[0] == "a"] == ["a: [4, 1, 2, 3]"]


async def bury_and_follow(log: EventLog) -> None:
    """One process meets the poison in one batch, and what follows it in the next."""
    consumer = await take_over(log, Worker(poison={("a", 1)}))
    await append_versions(log, "b")
    await serve(log, consumer)
    await append_versions(log, "a")
    await serve(log, consumer)
    await append_versions(log, "a", version=2)
    await serve(log, consumer)


async def test_who_is_parked_is_asked_again_after_a_dead_letter(narrow_log: EventLog) -> None:
    """Nobody was parked before, which the process remembers; its own letter changes that."""
    await bury_and_follow(narrow_log)

    assert [reason for _, reason in await reasons(narrow_log)] == ["no_words", "article_parked"]


async def test_a_consumer_that_forgets_what_it_buried_is_caught(
    narrow_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: once nobody was parked, it never asks again."""
    always = property(lambda _: True, lambda _, __: None)
    monkeypatch.setattr(Parking, "nobody", always, raising=False)

    await bury_and_follow(narrow_log)

    assert await enriched(narrow_log) == [("b", 1), ("a", 2)]


@pytest.mark.usefixtures("narrow_log")
async def test_nobody_is_asked_as_long_as_nobody_is_parked(server: EmbeddedRedis) -> None:
    """A group without dead letters pays nothing for the order of those with."""
    client = dying_client(server.url)
    parking = Parking(client, GROUP, 0)
    await parking.lowest(["a", "b"])
    first = client.round_trips

    assert await parking.lowest(["a", "b"]) == {}
    assert client.round_trips == first
    await client.aclose()
