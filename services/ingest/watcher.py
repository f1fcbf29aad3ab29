"""Watching the folder: listing it is the truth; what the operating system announces only wakes us early."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import watchfiles

from newsfeed import logs, streams
from newsfeed.errors import LeaseLost, LogConflict
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.health import instance_name
from newsfeed.runtime import Runtime
from services.ingest.handlers import DueSeed, Intake
from services.ingest.ledger import Ledger
from services.ingest.reader import SeedReader
from services.ingest.scanning import Scan, scan
from services.ingest.settings import IngestSettings
from services.ingest.settling import Settling

BATCH = 100
"""Seeds of one commit."""

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
"""When an unreadable seed is tried again; after the last it is reported."""

REST = 10
"""Between two listings we rest at least this many times as long as a listing takes."""


class Watcher:
    """Feeds settled seeds to the intake, for ever. One of its kind per folder of a log."""

    def __init__(self, settings: IngestSettings, runtime: Runtime, reader: SeedReader) -> None:
        self._settings = settings
        self._runtime = runtime
        self._reader = reader
        self._changed = asyncio.Event()
        self._settling = Settling(settings.settle_seconds, settings.empty_seconds)
        self._failures: dict[str, int] = {}
        self._scans = 0

    async def run(self) -> None:
        """Watch until cancelled; a lost lease only means to wait for it again."""
        announcements = asyncio.create_task(self._listen())
        try:
            while True:
                with suppress(LeaseLost):
                    async with self._owned() as owner:
                        await self._watch(owner)
                logs.get_logger().warning("ingest.lease_lost")
        finally:
            await end(announcements)

    @asynccontextmanager
    async def _owned(self) -> AsyncIterator[SoleOwner]:
        """Wait until no other process ingests; keep that so, and give it back."""
        log, settings = self._runtime.log, self._settings
        owner = SoleOwner(
            log.redis,
            streams.INGEST,
            f"{instance_name()}:{uuid4().hex[:8]}",
            settings.lease_seconds,
            log.manifest.partitions,
        )
        self._runtime.details["standby"] = True
        self._runtime.troubles.pop("folder", None)
        while not await owner.acquire():
            await rest(settings.renew_seconds)
        self._runtime.details["standby"] = False
        try:
            yield owner
        finally:
            await owner.release()

    async def _watch(self, owner: SoleOwner) -> None:
        """Keep the lease from the first moment on: to load a large ledger takes longer than a lease lasts."""
        renewal = asyncio.create_task(self._renew(owner))
        work = asyncio.create_task(self._load_and_work(owner))
        try:
            done, _ = await asyncio.wait({renewal, work}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
        finally:
            await end(renewal, work)

    async def _renew(self, owner: SoleOwner) -> None:
        while await owner.renew():
            await rest(self._settings.renew_seconds)
        raise LeaseLost("another process ingests now")

    async def _load_and_work(self, owner: SoleOwner) -> None:
        ledger = Ledger(self._runtime.log)
        await ledger.load()
        if self._settings.on_done == "move":
            # What is still here was not moved, though it may be done: a crash can come in between.
            ledger.looks.clear()
        intake = Intake(self._settings, self._runtime.log, ledger, self._reader, owner)
        await self._scan_and_take(ledger, intake)

    async def _scan_and_take(self, ledger: Ledger, intake: Intake) -> None:
        while True:
            self._changed.clear()
            began = time.monotonic()
            found = await asyncio.to_thread(scan, self._settings.seeds)
            took_seconds = time.monotonic() - began
            due = self._settling.due(found.files, ledger.looks, began)
            self._tell(found, took_seconds)
            for seeds in _batches(found, due):
                await self._take(intake, seeds, ledger)
            await self._rest(took_seconds)

    async def _take(self, intake: Intake, seeds: Sequence[DueSeed], ledger: Ledger) -> None:
        """Take a batch in; one that conflicts is taken seed by seed, so that only the culprit waits."""
        unreadable: dict[str, OSError] = {}
        try:
            unreadable = await intake.take(seeds)
        except LogConflict as conflict:
            logs.get_logger().warning("ingest.batch_conflicted", version=conflict.version)
            if len(seeds) > 1:
                for seed in seeds:
                    await self._take(intake, [seed], ledger)
                return
        for seed in seeds:
            if seed.path in unreadable:
                await self._try_later(intake, seed, unreadable[seed.path])
            elif ledger.looks.get(seed.path) == seed.look:
                self._failures.pop(seed.path, None)
            else:
                self._settling.postpone(seed.path, time.monotonic() + self._settings.settle_seconds)

    async def _try_later(self, intake: Intake, seed: DueSeed, error: OSError) -> None:
        failures = self._failures.get(seed.path, 0)
        if failures >= len(RETRY_SECONDS):
            await intake.give_up(seed, error)
            del self._failures[seed.path]
            return
        self._failures[seed.path] = failures + 1
        self._settling.postpone(seed.path, time.monotonic() + RETRY_SECONDS[failures])
        logs.get_logger().warning(
            "ingest.seed_unreadable",
            path=seed.path,
            error=error.strerror,
            wait_seconds=RETRY_SECONDS[failures],
        )

    def _tell(self, found: Scan, took_seconds: float) -> None:
        """Say how the folder is: a folder that cannot be listed is a trouble, not an empty one."""
        self._scans += 1
        self._runtime.details.update(
            scan_count=self._scans,
            scan_seconds=round(took_seconds, 3),
            seed_count=len(found.files),
            waiting_count=self._settling.waiting_count,
            unreadable_count=len(self._failures),
            skipped_count=len(found.skipped),
        )
        if found.complete:
            self._runtime.troubles.pop("folder", None)
        else:
            self._runtime.troubles["folder"] = (
                f"the folder {self._settings.seeds} cannot be listed completely"
            )

    async def _rest(self, took_seconds: float) -> None:
        """Until something is announced, or a seed may have settled, or the next listing is due."""
        now = time.monotonic()
        due_at = self._settling.next_due_at()
        wait_seconds = min(self._settings.scan_seconds, max(0.0, due_at - now) if due_at else float("inf"))
        shortest_seconds = min(REST * took_seconds, self._settings.scan_seconds)
        await rest(shortest_seconds)
        # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with a change.
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, wait_seconds - shortest_seconds)):
                await self._changed.wait()

    async def _listen(self) -> None:
        """Wake the scanner at changes; if announcements fail, only latency changes."""
        while True:
            try:
                async for _ in watchfiles.awatch(
                    self._settings.seeds, watch_filter=None, step=50, debounce=200
                ):
                    self._changed.set()
            except Exception as error:  # noqa: BLE001 it dies of odd names and vanished folders; scanning goes on
                logs.get_logger().info("ingest.announcements_interrupted", error=type(error).__name__)
            await rest(RETRY_SECONDS[1])


def _batches(found: Scan, due: Sequence[str]) -> Iterator[list[DueSeed]]:
    for start in range(0, len(due), BATCH):
        yield [
            DueSeed(path, found.names.get(path, path), found.files[path])
            for path in due[start : start + BATCH]
        ]
