"""Answers are as new as the log, whoever projects, and whether or not anybody does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.articles import ARTICLES, ArticleState
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.queries import current_articles, find_all
from newsfeed.readmodel.rebuilding import start
from newsfeed.readmodel.store import ModelStore
from newsfeed.testing.bulk import fill
from newsfeed.testing.facts import append_raw, document, version_append
from newsfeed.testing.town import BRIDGE, FAIR, build_town, put_version


async def projected(log: EventLog, steps: int = 1000) -> ModelStore[ArticleState]:
    """The live version after so many batches of one event in each partition."""
    versions = await start(log, ARTICLES)
    store = ModelStore(log, ARTICLES, versions.live or 0)
    for partition in range(log.manifest.partitions):
        for _ in range(steps):
            if not await Projector(log, store, batch=1).step(partition):
                break
    return store


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 1000])
async def test_the_answer_is_the_same_however_much_was_projected(log: EventLog, steps: int) -> None:
    await build_town(log)
    expected = await current_articles(log)

    await projected(log, steps)

    assert await current_articles(log) == expected
    assert list(expected) == [BRIDGE, FAIR]


async def test_an_article_is_seen_as_soon_as_it_was_appended(log: EventLog) -> None:
    """Who drops a file and asks must not be told that there is none."""
    await build_town(log)
    await projected(log)

    await put_version(log, "cccccc", 1, document())

    assert (await current_articles(log))["cccccc"].version == 1


async def test_only_the_end_of_the_log_is_read(log: EventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question must not cost more the longer the history is."""
    await fill(log, 400)
    await projected(log)
    await put_version(log, "cccccc", 1, document())
    read: list[tuple[int, int]] = []
    original = EventLog.read

    def noted(self: EventLog, partition: int, *, after: int = 0, through: int | None = None) -> Any:  # noqa: ANN401 as in the log
        read.append((after, through or 0))
        return original(self, partition, after=after, through=through)

    monkeypatch.setattr(EventLog, "read", noted)
    found = await current_articles(log)

    assert len(found) == 101
    assert sum(through - after for after, through in read) == 1


async def test_a_projector_that_moves_on_meanwhile_changes_no_answer(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The states are newer than the checkpoint that the question began with: no event may count twice."""
    await fill(log, 400)
    expected = await current_articles(log)
    store = await projected(log, 20)
    buckets = ModelStore.buckets

    async def moving(self: ModelStore[Any], partition: int) -> Any:  # noqa: ANN401 as in the store
        async for page in buckets(self, partition):
            await Projector(log, store, batch=7).step(partition)
            yield page

    monkeypatch.setattr(ModelStore, "buckets", moving)

    assert await current_articles(log) == expected


async def test_a_damaged_state_is_answered_from_the_log(log: EventLog) -> None:
    await build_town(log)
    expected = await current_articles(log)
    store = await projected(log)
    partition = log.partition_of(BRIDGE)
    key = streams.read_model(partition, "articles", store.version, store.bucket_of(BRIDGE))
    await log.redis.hset(key, BRIDGE, b"rubbish")

    assert await current_articles(log) == expected


async def test_what_cannot_be_read_is_left_out_wherever_it_stands(log: EventLog) -> None:
    """Before the checkpoint, where its article is parked, and behind it, where nobody has looked yet."""
    await build_town(log)
    await append_raw(log, BRIDGE, b'{"type":"article.transmuted","schema_version":1}')
    await log.append(log.partition_of(BRIDGE), [version_append(BRIDGE, 3)])
    expected = await current_articles(log)

    store = await projected(log)

    assert expected[BRIDGE].version == 3
    assert await store.parked_count() == 1
    assert await current_articles(log) == expected


async def test_a_lost_checkpoint_is_no_endless_question(log: EventLog) -> None:
    """Somebody removed it, and no projector runs that would begin anew."""
    await build_town(log)
    await projected(log)
    await log.redis.delete(streams.checkpoints(0))

    assert list(await current_articles(log)) == [BRIDGE, FAIR]


async def test_an_article_is_found_by_seed_and_beginning_in_the_model(log: EventLog) -> None:
    await build_town(log)
    await projected(log)

    found: list[Sequence[ArticleState]] = [
        await find_all(log, name) for name in (f"town/{FAIR}.txt", f"seeds/town/{FAIR}.txt", FAIR[:6])
    ]

    assert [[state.article_id for state in one] for one in found] == [[FAIR]] * 3
