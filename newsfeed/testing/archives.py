"""Archives that die at a place of the test's choice, and logs that were trimmed to nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.archiver import seal_up_to
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.segments import SegmentManifest
from newsfeed.eventlog.archive.stores import Store
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.trimming import Trim, trim
from newsfeed.testing.failures import Killed

T = TypeVar("T")


class DyingStore:
    """A store whose process dies at its n-th call (from 1), before or after it was done."""

    def __init__(self, store: Store, dies_at: int = 0, *, done: bool = False) -> None:
        self._store = store
        self._dies_at = dies_at
        self._done = done
        self.calls = 0

    def create(self, name: str, data: bytes) -> bool:
        """Keep a file, or die."""
        return self._live(lambda: self._store.create(name, data))

    def read(self, name: str) -> bytes | None:
        """Read a file, or die."""
        return self._live(lambda: self._store.read(name))

    def names(self, folder: str) -> list[str]:
        """List a folder, or die."""
        return self._live(lambda: self._store.names(folder))

    def delete(self, name: str) -> None:
        """Remove a file, or die."""
        self._live(lambda: self._store.delete(name))

    def path(self, name: str) -> Path | None:
        """Where a file is; nobody dies of that."""
        return self._store.path(name)

    def _live(self, run: Callable[[], T]) -> T:
        self.calls += 1
        last = bool(self._dies_at) and self.calls >= self._dies_at
        if last and not (self._done and self.calls == self._dies_at):
            raise Killed
        answer = run()
        if last:
            raise Killed
        return answer


def archive_of(log: EventLog) -> Archive:
    """The archive that a log was opened with."""
    assert log.archive is not None
    return log.archive


async def archive_all(log: EventLog, limit: int = 10_000) -> list[SegmentManifest]:
    """Seal everything that a log holds."""
    sealed: list[SegmentManifest] = []
    for partition in range(log.manifest.partitions):
        tail = await log.tail(partition)
        sealed += await seal_up_to(log, archive_of(log), partition, through=tail, limit=limit)
    return sealed


async def finish_groups(log: EventLog) -> None:
    """Let every group be done with everything."""
    for group in streams.GROUPS:
        await ensure_group(log, group)
        for partition in range(log.manifest.partitions):
            await log.redis.xgroup_setid(streams.log(partition), group, entry_id(await log.tail(partition)))


async def trim_to_nothing(log: EventLog, limit: int = 10_000) -> list[Trim]:
    """Archive everything, let every group be done, and trim: Redis holds no entry any more."""
    await archive_all(log, limit)
    await finish_groups(log)
    trims = [await trim(log, partition) for partition in range(log.manifest.partitions)]
    for partition in range(log.manifest.partitions):
        assert await log.redis.xlen(streams.log(partition)) == 0
    return trims
