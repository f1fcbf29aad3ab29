"""Following deletions: what is missing, what an operator said of it, and what is withdrawn."""

from __future__ import annotations

import asyncio

from newsfeed import logs, streams
from newsfeed.runtime import Runtime
from services.ingest import orders
from services.ingest.absences import GONE_SECONDS, Absences
from services.ingest.handlers import Intake
from services.ingest.scanning import Scan
from services.ingest.withdrawing import withdraw

BATCH = 100
"""Seeds that are withdrawn at a time."""


class Deletions:
    """Withdraws the articles of deleted seeds, of sources that ask for it."""

    def __init__(self, runtime: Runtime, intake: Intake) -> None:
        self._runtime = runtime
        self._intake = intake
        self._redis = intake.log.redis
        self._absences = Absences()

    async def load(self) -> None:
        """Recall what was in doubt, and where the sources lay."""
        self._absences.alarmed = await orders.vanished(self._redis)
        self._absences.devices = await orders.known_devices(self._redis)

    @property
    def are_pending(self) -> bool:
        """Whether something is missing that may have to be withdrawn."""
        return self._absences.is_watching

    async def follow(self, found: Scan, waited_seconds: float) -> None:
        """Act on one listing; ``waited_seconds`` is how long the seed has waited that waits longest.

        A seed that was renamed is among those that wait, for as long as its old name is missing: only
        when all of them were taken in can what is still missing be called deleted.
        """
        absences, intake = self._absences, self._intake
        if not found.complete:
            absences.unclear()
            return
        if intake.sources.unsettled or not (intake.sources.withdrawing or absences.alarmed):
            return
        before = (set(absences.alarmed), dict(absences.devices))
        accepted = await orders.accepted(self._redis)
        absences.accept(accepted)
        gone = await asyncio.to_thread(self._gone, found)
        await self._keep(*before)
        self._tell()
        if waited_seconds >= GONE_SECONDS:
            return
        for start in range(0, len(gone), BATCH):
            await withdraw(intake, gone[start : start + BATCH], found.files)
        await orders.carried_out(self._redis, streams.SEEDS_ACCEPTED, accepted)

    def _gone(self, found: Scan) -> list[str]:
        now = self._intake.clock.monotonic()
        return self._absences.look(self._expected(), found.files, found.devices, now)

    def _expected(self) -> list[str]:
        """The seeds that should be there: what they hold is news, and nobody but their owner moves them."""
        sources, settings = self._intake.sources, self._intake.settings

        def is_watched(path: str) -> bool:
            policy = sources.of(path)
            return policy.on_delete == "withdraw" and (policy.on_done or settings.on_done) == "keep"

        return [
            path
            for path, entry in self._intake.ledger.entries(is_watched)
            if entry.article_ids and entry.outcome in {"ingested", "begun"}
        ]

    async def _keep(self, alarmed: set[str], devices: dict[str, int]) -> None:
        absences = self._absences
        if absences.alarmed != alarmed:
            await orders.keep_vanished(self._redis, absences.alarmed)
        if absences.alarmed - alarmed:
            logs.get_logger().error("ingest.seeds_vanished", seed_count=len(absences.alarmed))
        if absences.devices != devices:
            await orders.keep_devices(self._redis, absences.devices)

    def _tell(self) -> None:
        count = len(self._absences.alarmed)
        self._runtime.details["vanished_count"] = count
        if count:
            self._runtime.troubles["vanished"] = (
                f"{count} seeds vanished at once; nothing is withdrawn until they are back or "
                "`newsfeed seeds accept-deletions` says that they were deleted"
            )
        else:
            self._runtime.troubles.pop("vanished", None)
