"""A failover to a replica that was behind leaves a log that is sound and too short: somebody must notice."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.errors import LogLost
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.archiver import seal_up_to
from newsfeed.eventlog.archive.lost import set_aside
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.stores import FolderStore
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.memory import folder_of, forget, recall, remember
from newsfeed.testing.facts import version_append

KEYS = (streams.log(0), streams.tail(0))


async def fall_back(log: EventLog, *lost: str) -> None:
    """Append some events and lose them, with all that Redis knows of them, as a failover does."""
    before = {key: await log.redis.dump(key) for key in KEYS}
    await log.append(0, [version_append(name) for name in lost])
    for key, value in before.items():
        assert value
        await log.redis.restore(key, 0, value, replace=True)


async def test_a_writer_that_saw_more_is_refused(log: EventLog) -> None:
    """It would put its event in the place of one that was acknowledged, and hide the loss for ever."""
    await log.append(0, [version_append("a")])
    await fall_back(log, "b", "c")

    with pytest.raises(LogLost, match="0-3"):
        await log.append(0, [version_append("d")])

    assert await log.tail(0) == 1


async def test_a_writer_that_saw_another_event_there_is_refused(log: EventLog) -> None:
    """Somebody who remembered nothing went on before us: the log is long enough, and another."""
    await log.append(0, [version_append("a")])
    await fall_back(log, "b")
    await EventLog(log.redis, log.manifest).append(0, [version_append("c"), version_append("d")])

    with pytest.raises(LogLost):
        await log.append(0, [version_append("e")])


async def test_a_program_that_starts_again_finds_the_loss_before_its_first_append(
    log: EventLog, tmp_path: Path
) -> None:
    """What it saw is kept where Redis is not."""
    await log.append(0, [version_append("a")])
    before = {key: await log.redis.dump(key) for key in KEYS}
    await log.append(0, [version_append("b")])
    remember(log, tmp_path, "ingest")
    for key, value in before.items():
        await log.redis.restore(key, 0, value or b"", replace=True)

    with pytest.raises(LogLost, match="partition 0 ends at 1; it was seen to hold 2"):
        await recall(EventLog(log.redis, log.manifest), tmp_path)

    forget(tmp_path)
    await recall(EventLog(log.redis, log.manifest), tmp_path)


async def test_a_log_without_a_past_is_not_taken_for_the_one_that_had_one(
    log: EventLog, tmp_path: Path
) -> None:
    """An empty replica that became the primary would begin at 1 again, digests included."""
    await log.append(0, [version_append("a")])
    remember(log, tmp_path, "ingest")
    await log.redis.flushall()

    with pytest.raises(LogLost, match="another log"):
        await recall(EventLog(log.redis, await open_manifest(log.redis, 2)), tmp_path)


async def test_every_program_goes_on_from_what_any_of_them_saw(log: EventLog, tmp_path: Path) -> None:
    """One that did not write for long knows less than its neighbours."""
    remember(log, tmp_path, "enrich")
    await log.append(0, [version_append("a"), version_append("b")])
    remember(log, tmp_path, "ingest")
    fresh = EventLog(log.redis, log.manifest)

    await recall(fresh, tmp_path)

    assert fresh.seen == log.seen
    assert fresh.seen[0].position == 2


async def test_an_archive_that_holds_more_than_the_log_is_not_passed_over(
    log: EventLog, tmp_path: Path
) -> None:
    """A machine that is new remembers nothing, but the archive does: its places must not be taken."""
    archive = Archive(FolderStore(tmp_path / "archive"), log.manifest.log_id)
    await log.append(0, [version_append("a")])
    before = {key: await log.redis.dump(key) for key in KEYS}
    await log.append(0, [version_append("b")])
    await seal_up_to(EventLog(log.redis, log.manifest, archive), archive, 0, through=2, limit=10)
    for key, value in before.items():
        await log.redis.restore(key, 0, value or b"", replace=True)
    fresh = EventLog(log.redis, log.manifest, archive)

    with pytest.raises(LogLost, match="p0/000000000001-000000000002"):
        await recall(fresh, tmp_path)

    assert [segment.last for segment in await set_aside(fresh)] == [2]
    await recall(fresh, tmp_path)
    assert await fresh.append(0, [version_append("c")]) == [2]
    names = [path.name for path in (tmp_path / "archive" / "p0").iterdir()]
    assert sorted(names) == [f"000000000001-000000000002.lost.{ending}" for ending in ("json", "parquet")]


async def test_an_unreadable_memory_is_as_good_as_none(log: EventLog, tmp_path: Path) -> None:
    """A disk that was full when it was written must not keep a program from starting."""
    folder_of(tmp_path).mkdir()
    (folder_of(tmp_path) / "ingest.json").write_text('{"log_id": "')

    await recall(log, tmp_path)

    assert log.seen == {}
