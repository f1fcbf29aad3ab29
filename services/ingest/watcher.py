"""Watching the folder: listing it is the truth; what the operating system announces only wakes us early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from newsfeed import logs, streams
from newsfeed.errors import LeaseLost
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.health import instance_name
from newsfeed.runtime import Runtime
from services.ingest.announcements import Announcements
from services.ingest.clock import Clock
from services.ingest.handlers import Intake
from services.ingest.ledger import Ledger
from services.ingest.reader import SeedReader
from services.ingest.rounds import Rounds
from services.ingest.settings import IngestSettings
from services.ingest.settling import Settling
from services.ingest.sources import Sources


class Watcher:
    """Feeds settled seeds to the intake, for ever. One of its kind per folder of a log."""

    def __init__(
        self, settings: IngestSettings, runtime: Runtime, reader: SeedReader, clock: Clock | None = None
    ) -> None:
        self._settings = settings
        self._runtime = runtime
        self._reader = reader
        self._clock = clock or Clock()
        self._announcements = Announcements()
        self._settling = Settling(settings.settle_seconds, settings.empty_seconds)
        self._ledger: Ledger | None = None
        self._tokens: list[int] = []

    async def run(self) -> None:
        """Watch until cancelled; a lost lease only means to wait for it again."""
        announcements = asyncio.create_task(self._announcements.listen(self._settings.seeds))
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
        ledger = await self._loaded(owner)
        intake = Intake(
            self._settings,
            self._runtime.log,
            ledger,
            self._reader,
            owner,
            sources=Sources(self._settings.seeds, self._reader.formats),
            clock=self._clock,
        )
        await Rounds(self._runtime, intake, self._announcements, self._settling).run()

    async def _loaded(self, owner: SoleOwner) -> Ledger:
        """The ledger as it is; the one in memory, if nobody else had the lease since.

        On a busy machine a lease can be lost again and again: to load a large ledger each time would
        leave no time for work.
        """
        before, self._tokens = self._tokens, [int(lease.token) for lease in owner.held]
        ours = [token - 1 for token in self._tokens] == before
        if self._ledger and self._ledger.is_sound and ours:
            await self._ledger.follow()
            return self._ledger
        self._ledger = Ledger(self._runtime.log)
        await self._ledger.load()
        await asyncio.to_thread(self._forget_unfinished, self._ledger)
        return self._ledger

    def _forget_unfinished(self, ledger: Ledger) -> None:
        """Have another look at what may be different now, although the file is not.

        What is still here was perhaps not moved, though it is done: a crash can come in between. And
        what could not be opened may be readable to a process that was started anew.
        """
        if self._settings.on_done == "move":
            ledger.looks.clear()
        for path, entry in ledger.entries():
            if entry.code == "unreadable":
                ledger.looks.pop(path, None)
