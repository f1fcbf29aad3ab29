"""One bad event stops its own article, everybody else goes on, and there is a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.entries import FIELD_DATA, Entry, entry_id
from newsfeed.events import LogEvent
from newsfeed.readmodel.catalogue import change_versions
from newsfeed.readmodel.current import Current
from newsfeed.readmodel.projection import Projection
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.releasing import ParkedArticles, StillParked
from newsfeed.readmodel.store import ModelStore
from newsfeed.testing.facts import append_raw, version_append
from newsfeed.testing.tally import TALLY, Tally, count, everything, tallied

FUTURE = b'{"type":"article.transmuted","schema_version":1}'


class Fold:
    """A fold that fails on some events until it is mended."""

    def __init__(self) -> None:
        self.hated: set[int] = set()

    def __call__(self, state: Tally | None, event: LogEvent) -> Tally:
        if event.position in self.hated:
            raise ValueError("no")
        return count(state, event)


@pytest.fixture
def fold() -> Fold:
    return Fold()


@pytest.fixture
async def store(log: EventLog, fold: Fold, monkeypatch: pytest.MonkeyPatch) -> ModelStore[Tally]:
    """The live version of a projection with that fold."""
    projection = Projection("tally", 1, TALLY.events, fold, TALLY.encode, TALLY.decode)
    monkeypatch.setitem(PROJECTIONS, "tally", projection)
    await change_versions(log.redis, "tally", lambda versions: versions.started(1))
    store = ModelStore(log, projection, 1)
    await store.begin()
    return store


@pytest.fixture
def names(log: EventLog) -> tuple[str, str]:
    """Two articles of partition 0."""
    first, second, *_ = [name for name in map(str, range(20)) if log.partition_of(name) == 0]
    return first, second


async def put(log: EventLog, *appends: Append) -> None:
    await log.append(0, appends)


async def project(log: EventLog, store: ModelStore[Tally]) -> None:
    while await Projector(log, store, batch=2).step(0):
        pass


async def clean(log: EventLog, store: ModelStore[Tally]) -> dict[str, bytes]:
    """What one pass without any trouble makes."""
    other = ModelStore(log, TALLY, 9)
    await other.begin()
    while await Projector(log, other, strict=True).step(0):
        pass
    states = await everything(other, 1)
    await other.drop()
    assert store.version != other.version
    return states


async def test_a_parked_article_comes_back_with_all_that_waited(
    log: EventLog, store: ModelStore[Tally], fold: Fold, names: tuple[str, str]
) -> None:
    bad, good = names
    await put(log, *(version_append(name, number) for number in (1, 2, 3) for name in names))
    fold.hated.add(3)
    await project(log, store)
    letters = [letter async for letter in ParkedArticles(log).all()]

    assert [(one.subject, one.position, one.last, one.waiting) for one in letters] == [(bad, 3, 5, 2)]
    assert store.projection.unpacked((await everything(store, 1))[good]).state.count == 3
    assert await store.checkpoint(0) == 6

    fold.hated.clear()
    assert await ParkedArticles(log).requeue("tally@1", 0, 3)

    assert await everything(store, 1) == await clean(log, store)
    assert await store.parked_count() == 0


async def test_an_article_that_was_requeued_goes_on(
    log: EventLog, store: ModelStore[Tally], fold: Fold, names: tuple[str, str]
) -> None:
    fold.hated.add(1)
    await put(log, version_append(names[0], 1))
    await project(log, store)
    fold.hated.clear()
    await ParkedArticles(log).requeue("tally@1", 0, 1)
    await put(log, version_append(names[0], 2))

    await project(log, store)

    assert await everything(store, 1) == await clean(log, store)


async def test_what_still_cannot_be_folded_stays_parked(
    log: EventLog, store: ModelStore[Tally], fold: Fold, names: tuple[str, str]
) -> None:
    fold.hated.add(1)
    await put(log, version_append(names[0], 1))
    await project(log, store)

    with pytest.raises(StillParked, match="ValueError"):
        await ParkedArticles(log).requeue("tally@1", 0, 1)

    assert await store.parked_count() == 1
    assert not await ParkedArticles(log).requeue("tally@1", 0, 2)


async def test_an_event_that_comes_during_a_requeue_is_not_lost(
    log: EventLog,
    store: ModelStore[Tally],
    fold: Fold,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The projector passes it by after the requeue has read the history, and before it writes."""
    fold.hated.add(1)
    await put(log, version_append(names[0], 1))
    await project(log, store)
    fold.hated.clear()
    release, raced = ModelStore.release, list[bool]()

    async def late(self: ModelStore[Any], *rest: Any) -> bool:  # noqa: ANN401 whatever is released
        if not raced:
            raced.append(True)
            await put(log, version_append(names[0], 2))
            await project(log, store)
        return await release(self, *rest)

    monkeypatch.setattr(ModelStore, "release", late)
    await ParkedArticles(log).requeue("tally@1", 0, 1)

    assert await everything(store, 1) == await clean(log, store)
    assert await tallied(store, 1) == 2


async def test_a_requeue_during_a_batch_is_not_undone(
    log: EventLog,
    store: ModelStore[Tally],
    fold: Fold,
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The projector saw the article parked; when it writes, the article goes on already."""
    fold.hated.add(1)
    await put(log, version_append(names[0], 1))
    await project(log, store)
    fold.hated.clear()
    await put(log, version_append(names[0], 2))
    commit, raced = store.commit, list[bool]()

    async def late(*rest: Any) -> bool:  # noqa: ANN401 whatever the projector commits
        if not raced:
            raced.append(await ParkedArticles(log).requeue("tally@1", 0, 1))
        return await commit(*rest)

    monkeypatch.setattr(store, "commit", late)
    await project(log, store)

    assert raced == [True]
    assert await everything(store, 1) == await clean(log, store)


async def test_an_article_parked_at_an_entry_nobody_could_read(
    log: EventLog, store: ModelStore[Tally], names: tuple[str, str]
) -> None:
    """A newer release wrote it; after the upgrade it can be read, and nothing of the article is missing."""
    bad, good = names
    await put(log, version_append(bad, 1), version_append(good, 1))
    await append_raw(log, bad, FUTURE)
    await put(log, version_append(good, 2))
    await project(log, store)

    [letter] = [letter async for letter in ParkedArticles(log).all()]

    assert (letter.subject, letter.position, letter.reason) == (bad, 3, "event_unreadable")
    assert store.projection.unpacked((await everything(store, 1))[good]).state.count == 2


async def upgrade(monkeypatch: pytest.MonkeyPatch, position: int, event: LogEvent) -> None:
    """From now on an entry can be read."""
    read, history, one = EventLog.read, EventLog.history, EventLog.entry

    def mended(entry: Entry) -> Entry:
        known = event.model_copy(update={"position": position})
        return (
            Entry(position, entry.event_id, 1, entry.previous, known) if entry.position == position else entry
        )

    async def mended_read(self: EventLog, *args: Any, **options: Any) -> Any:  # noqa: ANN401 as in the log
        async for entry in read(self, *args, **options):
            yield mended(entry)

    async def mended_history(self: EventLog, subject: str) -> Sequence[Entry]:
        return [mended(entry) for entry in await history(self, subject)]

    async def mended_entry(self: EventLog, partition: int, where: int) -> Entry | None:
        entry = await one(self, partition, where)
        return mended(entry) if entry else None

    monkeypatch.setattr(EventLog, "read", mended_read)
    monkeypatch.setattr(EventLog, "history", mended_history)
    monkeypatch.setattr(EventLog, "entry", mended_entry)


@pytest.mark.parametrize("later", [0, 1])
async def test_a_beginning_that_nobody_could_read_comes_back(
    log: EventLog,
    store: ModelStore[Tally],
    names: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    later: int,
) -> None:
    """At first not even the article is known; what comes later of it waits behind it all the same."""
    first = version_append(names[0], 1)
    await append_raw(log, names[0], FUTURE)
    await project(log, store)
    for _ in range(later):
        await put(log, Append(version_append(names[0], 1).event))
        await project(log, store)
    await upgrade(monkeypatch, 1, first.event)

    assert await store.parked_count() == 1
    assert await ParkedArticles(log).requeue("tally@1", 0, 1)

    assert await everything(store, 1) == await clean(log, store)
    assert await tallied(store, 1) == 1 + later


async def test_a_parked_article_is_answered_from_its_own_events(
    log: EventLog, store: ModelStore[Tally], fold: Fold, names: tuple[str, str]
) -> None:
    """What is stored of it stands still; a reader is told all that can be folded."""
    await put(log, *(version_append(names[0], number) for number in (1, 2, 3)))
    fold.hated.add(2)
    await project(log, store)

    now = Current(log, store.projection, store, await log.tails())
    without = Current(log, store.projection, None, await log.tails())

    assert [placed.state.count async for _, _, placed in now.states()] == [2]
    assert await now.sha256() == await without.sha256()


async def test_the_log_of_a_parked_article_quotes_no_text(
    log: EventLog, store: ModelStore[Tally], names: tuple[str, str]
) -> None:
    """What stands in the unreadable entry may be the text of an article."""
    await put(log, version_append(names[0], 1))
    await append_raw(
        log, names[0], b'{"type":"article.enriched","version":"secret words","schema_version":1}'
    )
    await project(log, store)

    [letter] = [letter async for letter in store.letters(0)]
    raw: Any = await log.redis.xrange(streams.log(0), entry_id(2), entry_id(2))

    assert b"secret" not in letter
    assert b"secret" in raw[0][1][FIELD_DATA]
