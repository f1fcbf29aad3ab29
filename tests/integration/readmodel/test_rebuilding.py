"""A new version is built beside the live one, and takes its place only when it is whole."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.connection import connect
from newsfeed.readmodel import queries
from newsfeed.readmodel.articles import ARTICLES, ArticleState
from newsfeed.readmodel.catalogue import change_versions, read_versions
from newsfeed.readmodel.current import Current, live_store
from newsfeed.readmodel.projection import Placed
from newsfeed.readmodel.projector import ProjectionHalted, Projector
from newsfeed.readmodel.queries import current_articles
from newsfeed.readmodel.rebuilding import build, give_up, remove_dropped, roll_back, start, swap
from newsfeed.readmodel.store import ModelStore, VersionGone
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.bulk import fill
from newsfeed.testing.facts import append_raw, version_append


async def live(log: EventLog) -> ModelStore[ArticleState]:
    """A live version that is up with the log."""
    versions = await start(log, ARTICLES)
    assert versions.live is not None
    store = ModelStore(log, ARTICLES, versions.live)
    for partition in range(log.manifest.partitions):
        while await Projector(log, store).step(partition):
            pass
    return store


async def sha256(log: EventLog, store: ModelStore[ArticleState] | None) -> str:
    return await Current(log, ARTICLES, store, await log.tails()).sha256()


async def test_a_rebuild_says_what_the_live_version_says(filled: EventLog) -> None:
    before = await live(filled)

    built = await build(filled, ARTICLES)

    assert built.version == 2
    assert await sha256(filled, built) == await sha256(filled, before) == await sha256(filled, None)
    assert (await read_versions(filled.redis, "articles")).live == 1


async def test_the_hash_tells_of_one_wrong_byte(filled: EventLog) -> None:
    """Else equal hashes would prove nothing."""
    store = await live(filled)
    before = await sha256(filled, store)
    [(key, stored)] = [
        (streams.read_model(0, "articles", 1, bucket), states)
        async for bucket, states in store.buckets(0)
        if "article-1" in states
    ]
    placed = ARTICLES.unpacked(stored["article-1"])
    wrong = Placed(placed.position, replace(placed.state, language="xx"))
    await filled.redis.hset(key, "article-1", ARTICLES.packed(wrong))

    assert await sha256(filled, store) != before


async def test_an_event_that_cannot_be_folded_leaves_the_old_version_live(filled: EventLog) -> None:
    await live(filled)
    position = await append_raw(filled, "article-1", b'{"type":"article.transmuted","schema_version":1}')
    partition = filled.partition_of("article-1")

    with pytest.raises(ProjectionHalted, match=f"partition {partition} at position {position}: event_unr"):
        await swap(filled, ARTICLES, await build(filled, ARTICLES))

    versions = await read_versions(filled.redis, "articles")
    assert (versions.live, versions.kept, versions.building) == (1, (1,), 2)
    assert len(await current_articles(filled)) == 100


async def test_a_rebuild_goes_on_where_it_was_interrupted(
    filled: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of months takes hours; a restart must not cost them."""
    await live(filled)
    read_from: list[tuple[int, int]] = []
    interrupted: list[bool] = []
    read = EventLog.read

    def noted(self: EventLog, partition: int, **options: Any) -> Any:  # noqa: ANN401 as in the log
        if len(read_from) == 4 and not interrupted:
            interrupted.append(True)
            raise KeyboardInterrupt
        read_from.append((partition, options["after"]))
        return read(self, partition, **options)

    monkeypatch.setattr(EventLog, "read", noted)
    with pytest.raises(KeyboardInterrupt):
        await build(filled, ARTICLES)
    done = [*read_from]
    read_from.clear()
    built = await build(filled, ARTICLES)

    assert done == [(0, 0), (0, 100), (0, 200), (1, 0)]
    assert read_from == [(1, 100)]
    assert await sha256(filled, built) == await sha256(filled, None)


async def test_a_swap_and_one_command_back(filled: EventLog) -> None:
    before = await live(filled)
    built = await build(filled, ARTICLES)

    swapped = await swap(filled, ARTICLES, built)
    back = await roll_back(filled, ARTICLES)

    assert (swapped.live, swapped.kept) == (2, (2, 1))
    assert back.live == before.version == 1


async def test_versions_beyond_the_previous_one_leave_nothing_behind(filled: EventLog) -> None:
    """A read model takes as much memory as the log does."""
    await live(filled)
    for _ in range(2):
        await swap(filled, ARTICLES, await build(filled, ARTICLES))

    versions = await read_versions(filled.redis, "articles")
    numbers = {key.split(b":")[4] async for key in filled.redis.scan_iter(match="*:model:*")}

    assert (versions.kept, versions.dropping, numbers) == ((3, 2), (), {b"2", b"3"})
    readers = await filled.redis.hkeys(streams.checkpoints(0))
    assert sorted(readers) == [b"articles:2", b"articles:3"]


async def test_an_interrupted_removal_is_finished_by_the_next(
    filled: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(filled)
    await build(filled, ARTICLES)

    async def killed(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ModelStore, "drop", killed)
        with pytest.raises(KeyboardInterrupt):
            await give_up(filled, ARTICLES)
    await remove_dropped(filled, ARTICLES)

    assert (await read_versions(filled.redis, "articles")).dropping == ()
    assert {key.split(b":")[4] async for key in filled.redis.scan_iter(match="*:model:*")} == {b"1"}


async def test_a_checkpoint_that_no_version_owns_is_removed(filled: EventLog) -> None:
    """It would hold trimming back for ever."""
    await live(filled)
    await filled.redis.hset(streams.checkpoints(0), mapping={"articles:7": "3", "archive": "5"})

    await remove_dropped(filled, ARTICLES)

    assert await filled.redis.hkeys(streams.checkpoints(0)) == [b"articles:1", b"archive"]


async def test_a_build_that_was_given_up_meanwhile_is_not_swapped_in(filled: EventLog) -> None:
    await live(filled)
    built = await build(filled, ARTICLES)
    await give_up(filled, ARTICLES)

    with pytest.raises(VersionGone):
        await swap(filled, ARTICLES, built)

    assert (await read_versions(filled.redis, "articles")).live == 1


async def test_a_version_of_another_fold_is_not_asked(
    filled: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its states would be read with the wrong meaning; the log answers until there is a rebuild."""
    await live(filled)
    newer = replace(ARTICLES, fold=2)
    monkeypatch.setattr(queries, "ARTICLES", newer)

    assert await live_store(filled, newer) is None
    assert len(await current_articles(filled)) == 100


async def ask_all_the_time(log: EventLog, answers: list[dict[str, int]]) -> None:
    while True:
        answers.append({name: state.version for name, state in (await current_articles(log)).items()})
        await asyncio.sleep(0)


async def test_a_probe_sees_no_empty_or_partial_answer(server: EmbeddedRedis, log: EventLog) -> None:
    """Articles come in all the while: who asks must see everything that was there when it asked, once."""
    articles = await fill(log, 200)
    client = connect(server.url)
    answers: list[dict[str, int]] = []
    probe = asyncio.create_task(ask_all_the_time(EventLog(client, log.manifest), answers))

    await live(log)
    for number in range(4):
        store = await build(log, ARTICLES)
        await log.append(log.partition_of(f"late-{number}"), [version_append(f"late-{number}")])
        await swap(log, ARTICLES, store)
        await roll_back(log, ARTICLES)
        await roll_back(log, ARTICLES)
    enough = len(answers) + 2
    while len(answers) < enough and not probe.done():
        await asyncio.sleep(0.01)
    await end(probe)
    await client.aclose()

    assert all(set(articles) <= set(answer) for answer in answers)
    sizes = [len(answer) for answer in answers]
    assert sizes == sorted(sizes)
    assert sizes[-1] == len(articles) + 4
    assert len(answers) > 5


async def test_the_probe_would_see_a_version_that_is_swapped_in_half_built(
    log: EventLog,
) -> None:
    """The bug: to swap first and to say that all is folded. The check above tells it."""
    articles = await fill(log, 200)
    await live(log)
    half = await change_versions(log.redis, "articles", lambda versions: versions.begun(1))
    store = ModelStore(log, ARTICLES, half.building or 0)
    await store.begin()
    for partition, tail in enumerate(await log.tails()):
        await log.redis.hset(streams.checkpoints(partition), store.reader, str(tail))
    await change_versions(log.redis, "articles", lambda versions: versions.swapped(store.version))

    assert not set(articles) <= set(await current_articles(log))


async def test_who_began_on_the_old_version_finishes_on_it(filled: EventLog) -> None:
    """Also when it is not the live one any more."""
    store = await live(filled)
    now = Current(filled, ARTICLES, store, await filled.tails()).states()
    seen = [(await anext(now))[1]]

    await swap(filled, ARTICLES, await build(filled, ARTICLES))
    seen += [subject async for _, subject, _ in now]

    assert len(seen) == len(set(seen)) == 100


async def test_who_reads_a_version_that_is_dropped_asks_the_next(
    filled: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what it read is gone; an answer made of the rest would be partial."""
    await live(filled)
    buckets, swaps = ModelStore.buckets, list[int]()

    async def late(self: ModelStore[Any], partition: int) -> Any:  # noqa: ANN401 as in the store
        if partition == 1 and self.version == 1 and not swaps:
            for _ in range(2):
                versions = await swap(filled, ARTICLES, await build(filled, ARTICLES))
                swaps.append(versions.live or 0)
        async for page in buckets(self, partition):
            yield page

    monkeypatch.setattr(ModelStore, "buckets", late)

    assert len(await current_articles(filled)) == 100
    assert swaps == [2, 3]
