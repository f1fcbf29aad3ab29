"""Sealing survives a death at every step, company, and whatever somebody left behind."""

from __future__ import annotations

import asyncio

import pytest

from newsfeed import streams
from newsfeed.errors import LogDamaged, LogLost, SegmentDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.archiver import seal_up_to
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.sealing import seal
from newsfeed.eventlog.archive.segments import segment_name
from newsfeed.eventlog.archive.stores import FolderStore
from newsfeed.eventlog.archive.tables import parquet
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.verify import Problem, verify_log
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.archives import DyingStore, archive_all, archive_of, trim_to_nothing
from newsfeed.testing.facts import version_append
from newsfeed.testing.failures import Killed, dying_client


async def fill(log: EventLog, count: int = 10) -> None:
    await log.append(0, [version_append(f"n{number}") for number in range(count)])


async def begin_anew(log: EventLog, store: FolderStore) -> EventLog:
    """Ten events, and an empty archive."""
    await log.redis.flushdb()
    for file in store.names("p0"):
        store.delete(file)
    fresh = EventLog(log.redis, log.manifest, Archive(store, log.manifest.log_id))
    await fill(fresh)
    return fresh


async def problems(log: EventLog) -> list[Problem]:
    return [problem async for problem in verify_log(log)]


async def is_sound(log: EventLog) -> None:
    """What is said to be archived can be read, and all of it is what the log holds."""
    mark = await checkpoint(log.redis, streams.ARCHIVE, 0)
    fresh = Archive(archive_of(log).store, log.manifest.log_id)
    hot = [entry async for entry in log.read(0, through=mark)]

    assert [entry async for entry in fresh.read(0, after=0, through=mark)] == hot
    assert await problems(log) == []


@pytest.mark.by_turns
@pytest.mark.no_cover
@pytest.mark.timeout(120)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
async def test_a_death_at_any_call_of_the_store_leaves_no_wrong_state(
    archived: EventLog, store: FolderStore, done: bool
) -> None:
    """The process ends where it likes; the next one finishes the segment and nothing is sealed twice."""
    dies_at, died = 1, True
    while died:
        archived = await begin_anew(archived, store)
        dying = Archive(DyingStore(store, dies_at, done=done), archived.manifest.log_id)
        died = False
        try:
            await seal_up_to(archived, dying, 0, through=10, limit=6)
        except Killed:
            died = True
        await is_sound(archived)

        await archive_all(archived, limit=6)

        await is_sound(archived)
        assert [(piece.first, piece.last) for piece in await archive_of(archived).pieces(0)] == [
            (1, 6),
            (7, 10),
        ]
        dies_at += 1

    assert dies_at > 10


@pytest.mark.no_cover
@pytest.mark.timeout(120)
@pytest.mark.parametrize("heard", [False, True], ids=["unheard", "heard"])
async def test_a_death_at_any_command_to_redis_leaves_no_wrong_state(
    archived: EventLog, store: FolderStore, server: EmbeddedRedis, heard: bool
) -> None:
    dies_at, died = 1, True
    while died:
        archived = await begin_anew(archived, store)
        client = dying_client(server.url, dies_at, heard=heard)
        died = False
        try:
            await seal_up_to(
                EventLog(client, archived.manifest), archive_of(archived), 0, through=10, limit=6
            )
        except Killed:
            died = True
        await client.aclose()
        await is_sound(archived)

        await archive_all(archived, limit=6)

        await is_sound(archived)
        assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 10
        dies_at += 1

    assert dies_at > 6


@pytest.mark.parametrize("torn", [".parquet", ".json"])
async def test_a_torn_file_of_a_dead_writer_is_written_anew(
    archived: EventLog, store: FolderStore, torn: str
) -> None:
    """Not every file system gives a file its name only when it is whole."""
    await fill(archived)
    store.create(f"{segment_name(0, 1, 10)}{torn}", b"PAR1 half of it")

    [segment] = await archive_all(archived)

    assert segment.last == 10
    await is_sound(archived)


async def test_two_archivers_at_once_are_harmless(archived: EventLog, store: FolderStore) -> None:
    """One may have lost its lease without noticing: both are right, whatever portions they take."""
    for start in range(0, 60, 20):
        await archived.append(0, [version_append(f"n{number}") for number in range(start, start + 20)])
    other = Archive(store, archived.manifest.log_id)

    await asyncio.gather(
        seal_up_to(archived, archive_of(archived), 0, through=60, limit=7),
        seal_up_to(archived, other, 0, through=60, limit=11),
        seal_up_to(archived, archive_of(archived), 0, through=60, limit=7),
    )

    await is_sound(archived)
    assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 60
    await trim_to_nothing(archived)
    assert [entry.position async for entry in archived.read(0)] == list(range(1, 61))


async def test_portions_that_overlap_are_read_once(archived: EventLog, store: FolderStore) -> None:
    """Two that sealed the same events in different portions leave more than is needed, nothing wrong."""
    await fill(archived)
    await seal(archived, archive_of(archived), 0, through=4, limit=10)
    await archived.redis.delete(streams.checkpoints(0))
    [name] = [file for file in store.names("p0") if file.endswith(".json")]
    hidden = store.read(name) or b""
    store.delete(name)
    await archive_all(archived, limit=6)

    store.create(name, hidden)

    found = await Archive(store, archived.manifest.log_id).pieces(0)
    assert [(piece.first, piece.last) for piece in found] == [(1, 6), (7, 10)]
    await is_sound(archived)


async def test_a_segment_that_was_taken_away_can_be_sealed_anew(
    archived: EventLog, store: FolderStore
) -> None:
    """As the runbook says: while Redis still holds its events, a damaged segment is no loss."""
    await fill(archived)
    _, second, _ = await archive_all(archived, limit=4)
    for ending in (".parquet", ".json"):
        store.delete(f"{second.name}{ending}")
    fresh = EventLog(archived.redis, archived.manifest, Archive(store, archived.manifest.log_id))
    assert [problem.code for problem in await problems(fresh)] == ["segment_missing"]
    await archived.redis.hdel(streams.checkpoints(0), streams.ARCHIVE)

    await archive_all(fresh, limit=5)

    assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 10
    await trim_to_nothing(fresh)
    assert [entry.position async for entry in fresh.read(0)] == list(range(1, 11))
    await is_sound(fresh)


async def test_a_sealed_segment_is_never_written_over(archived: EventLog, store: FolderStore) -> None:
    """The log came back from an older backup and went on otherwise: somebody has to look at that."""
    await fill(archived)
    [segment] = await archive_all(archived)
    before = store.read(f"{segment.name}.parquet")
    await archived.redis.flushdb()
    archived.seen.clear()
    await archived.append(0, [version_append(f"other{number}") for number in range(10)])

    with pytest.raises(SegmentDamaged, match=segment.name):
        await archive_all(archived)

    assert store.read(f"{segment.name}.parquet") == before
    assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 0


async def test_an_archive_that_knows_more_than_the_log_is_told_of(archived: EventLog) -> None:
    """A failover lost the tail: what the archive holds of it must not be mistaken for the log's."""
    await fill(archived)
    await archive_all(archived)
    await archived.redis.xdel(streams.log(0), "0-9", "0-10")
    await archived.redis.hset(streams.tail(0), "n", "8")
    await archived.redis.delete(streams.checkpoints(0))

    with pytest.raises(LogLost, match="ends at 8, the archive holds 10"):
        await archive_all(archived)

    assert "tail_lost" in {problem.code for problem in await problems(archived)}


async def test_what_no_commit_wrote_is_not_archived(archived: EventLog) -> None:
    """A damaged log must not become an archive that looks sound."""
    await fill(archived)
    await archived.redis.delete(streams.log(0))
    await archived.redis.xadd(streams.log(0), {"hello": "world"}, id="0-1")

    with pytest.raises(LogDamaged, match="0-1 was not written by a commit"):
        await archive_all(archived)


async def test_a_gap_is_not_archived(archived: EventLog) -> None:
    await fill(archived)
    await archived.redis.xdel(streams.log(0), "0-5")

    with pytest.raises(LogDamaged, match="position 5 is neither"):
        await archive_all(archived)


async def test_the_same_entries_give_the_same_bytes(archived: EventLog) -> None:
    """So that whoever finds a file under a name can tell whether it is the right one."""
    await fill(archived)
    await archive_all(archived)
    [piece] = await archive_of(archived).pieces(0)
    rows = await archive_of(archived).rows(piece.segment)

    assert parquet(rows) == parquet(rows) == archive_of(archived).checked(piece.segment)


async def test_sealing_without_reading_back_would_seal_what_was_never_kept(
    archived: EventLog, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: a disk that lies is found only by who reads back. Without it, `verify` complains."""

    class Lying(FolderStore):
        def create(self, name: str, data: bytes) -> bool:
            return super().create(name, data[:-9] if name.endswith(".parquet") else data)

    await fill(archived)
    lying = Lying(store._root)

    with pytest.raises(SegmentDamaged, match="cannot be read back"):
        await seal(archived, Archive(lying, archived.manifest.log_id), 0, through=10, limit=10)
    assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 0

    for file in store.names("p0"):
        store.delete(file)
    monkeypatch.setattr("newsfeed.eventlog.archive.sealing._holds", lambda *_: True)
    await seal(archived, Archive(lying, archived.manifest.log_id), 0, through=10, limit=10)

    assert [problem.code for problem in await problems(archived)] == ["segment_damaged"]
