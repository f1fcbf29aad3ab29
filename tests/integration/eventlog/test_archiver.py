"""The archiver seals what is due and no more, one process at a time, and trims only if it is told to."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.archiver import archive_due, archive_log, due, held
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.opening import open_log, read_log
from newsfeed.settings import Settings
from newsfeed.testing.archives import archive_all, archive_of, finish_groups
from newsfeed.testing.facts import append_raw, version_append
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.waiting import until

YEAR = 365 * 86_400


def settings(**values: object) -> Settings:
    return Settings.model_validate({"archive_events": 10, "archive_seconds": 60, **values})


async def fill(log: EventLog, count: int, name: str = "n") -> None:
    await log.append(0, [version_append(f"{name}{number}") for number in range(count)])


async def test_only_whole_segments_are_due_while_events_are_young(archived: EventLog) -> None:
    """Many small segments would make every later read slow."""
    await Timeline(archived).at(0)
    await fill(archived, 25)

    assert await due(archived, 0, settings(), moment(59)) == 20

    await archive_all(archived, limit=10)

    assert await due(archived, 0, settings(), moment(59)) == 0


async def test_the_rest_is_due_when_its_oldest_event_is(archived: EventLog) -> None:
    """A quiet partition is archived, too."""
    await Timeline(archived).at(0)
    await fill(archived, 25)

    assert await due(archived, 0, settings(), moment(60)) == 25


async def test_entries_that_tell_no_time_are_passed_over(archived: EventLog) -> None:
    await Timeline(archived).at(0)
    await append_raw(archived, "a4", '{"type":"article.sung"}')
    await fill(archived, 1)

    assert await due(archived, 0, settings(), moment(60)) == 2


async def test_an_empty_partition_is_never_due(archived: EventLog) -> None:
    assert await due(archived, 0, settings(), datetime.now(UTC)) == 0


async def test_archived_events_stay_unless_a_time_is_set(archived: EventLog) -> None:
    """Redis is the faster place; only who needs the memory gives it up."""
    await fill(archived, 20)
    await finish_groups(archived)

    await archive_due(archived, archive_of(archived), 0, settings())

    assert await checkpoint(archived.redis, streams.ARCHIVE, 0) == 20
    assert await archived.reading.first(0) == 1

    await archive_due(archived, archive_of(archived), 0, settings(trim_after_seconds=YEAR))

    assert await archived.reading.first(0) == 1

    await archive_due(archived, archive_of(archived), 0, settings(trim_after_seconds=0))

    assert await archived.reading.first(0) == 21


async def test_only_one_archiver_works_on_a_partition(archived: EventLog) -> None:
    first, second = (Leases(archived.redis, streams.ARCHIVE, name, 60) for name in ("one", "two"))

    async with held(first, 0, 15) as mine, held(second, 0, 15) as theirs:
        assert mine
        assert theirs is None

    async with held(second, 0, 15) as theirs:
        assert theirs


async def test_a_lease_is_kept_while_it_is_needed(archived: EventLog) -> None:
    """Sealing may take longer than a lease lasts."""
    leases = Leases(archived.redis, streams.ARCHIVE, "me", 0.2)

    async with held(leases, 0, 0.05) as lease:
        assert lease
        seen: set[int] = set()

        async def outlived() -> bool:
            seen.add(int(await archived.redis.pttl(streams.lease(0, streams.ARCHIVE))))
            return len([ttl for ttl in seen if ttl > 150]) > 10

        await until(outlived)
        assert await archived.redis.get(streams.lease(0, streams.ARCHIVE)) == lease.value.encode()


async def test_the_archiver_goes_on_until_it_is_ended(
    archived: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsfeed.eventlog.archive.archiver.LOOK_SECONDS", 0.02)
    task = asyncio.create_task(archive_log(archived, archive_of(archived), settings(), "me"))
    try:
        for expected in (10, 20):
            await fill(archived, 10, f"{expected}-")

            async def archived_to(position: int = expected) -> bool:
                return await checkpoint(archived.redis, streams.ARCHIVE, 0) == position

            await until(archived_to)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    other = Leases(archived.redis, streams.ARCHIVE, "other", 60)
    await until(lambda: other.acquire(0))


async def test_each_log_has_a_folder_of_its_own(archived: EventLog, tmp_path: Path) -> None:
    """A new log in an old place begins at position 1 again: it must not meet the old one's segments."""
    chosen = Settings(var=tmp_path, partitions=2)
    log = await open_log(archived.redis, chosen)
    await fill(log, 10)

    await archive_all(await read_log(archived.redis, chosen))

    folder = tmp_path / "archive" / str(log.manifest.log_id) / "p0"
    assert sorted(path.name for path in folder.iterdir()) == [
        "000000000001-000000000010.json",
        "000000000001-000000000010.parquet",
    ]
