"""Round after round over the folder: list it, take in what is due, follow what was deleted, and tell."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress

from newsfeed import logs, streams
from newsfeed.errors import LogConflict
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.groups import backlog
from newsfeed.runtime import Runtime
from services.ingest import folders, orders
from services.ingest.announcements import Announcements
from services.ingest.deletions import Deletions
from services.ingest.handlers import Intake
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import parts_of
from services.ingest.paths import disk_path, source_of
from services.ingest.scanning import Scan, scan
from services.ingest.settling import Settling
from services.ingest.taken import DueSeed

BATCH = 500
"""Seeds that are taken in together …"""

BATCH_BYTES = 16 * 1024 * 1024
"""… unless they are larger than this: their texts are in memory until they are committed."""

RETRY_SECONDS = (1.0, 5.0, 30.0, 120.0, 600.0)
"""When an unreadable seed is tried again; after the last it is reported."""

REST = 10
"""Between two listings we rest, or take in what is due, at least this many times as long as a listing takes.

What is due after that is due again in the next one: so what arrives meanwhile is seen soon."""

IDLE_REST = 120
"""… and this many times while nothing waits and changes are announced: rest must cost next to nothing …"""

IDLE_SECONDS = 30.0
"""… but no longer than this: announcements can be lost."""


class Rounds:
    """Works while this process is the one that ingests. Announcements wake it early."""

    def __init__(
        self, runtime: Runtime, intake: Intake, announcements: Announcements, settling: Settling
    ) -> None:
        self._runtime = runtime
        self._intake = intake
        self._settings = intake.settings
        self._clock = intake.clock
        self._announcements = announcements
        self._settling = settling
        self._deletions = Deletions(runtime, intake)
        self._failures: dict[str, int] = {}
        self._paused = False
        self._scans = 0

    async def run(self) -> None:
        """Go on until cancelled."""
        await self._deletions.load()
        while True:
            self._announcements.changed.clear()
            began = self._clock.monotonic()
            took_seconds = await self._round(began)
            await self._rest(took_seconds, self._clock.monotonic() - began)

    async def _round(self, now: float) -> float:
        """One listing and what follows from it; returns how long the listing took."""
        intake = self._intake
        await self._try_again(await orders.asked_again(intake.log.redis))
        found = await asyncio.to_thread(self._look)
        took_seconds = self._clock.monotonic() - now
        self._scans += 1
        intake.present = found.files if found.complete else None
        intake.ledger.release(self._clock.now())
        due = await asyncio.to_thread(self._due, found, now)
        intake.counts.add("seen", self._settling.fresh_count)
        self._runtime.details["due_count"] = len(due)
        self._tell(found, took_seconds)
        for seeds in _batches(found, due):
            if await self._is_held_back():
                break
            await self._take(seeds)
            if self._clock.monotonic() - now > max(REST * took_seconds, self._settings.scan_seconds):
                break
        await self._deletions.follow(found, self._settling.waited_seconds(now))
        self._tell(found, took_seconds)
        return took_seconds

    def _look(self) -> Scan:
        found = scan(self._settings.seeds)
        self._forget_unmoved(self._intake.sources.refresh(found.devices))
        return found

    def _forget_unmoved(self, sources: Collection[str]) -> None:
        """Have another look at the seeds of sources from which done ones move away: these did not."""
        ledger, settings = self._intake.ledger, self._intake.sources
        if not sources:
            return
        for path in [path for path in ledger.looks if source_of(path) in sources]:
            if settings.of(path).on_done == "move":
                ledger.looks.pop(path)

    def _due(self, found: Scan, now: float) -> list[str]:
        """What is due, but renamed seeds first: who comes under their old name must find it free."""
        ledger = self._intake.ledger
        due = self._settling.due(self._intake.sources.seeds(found.files), ledger.looks, now)
        inodes = {parts_of(look).inode: path for path, look in ledger.looks.items()} if due else {}

        def is_renamed(path: str) -> bool:
            return ledger.entry(path) is None and inodes.get(parts_of(found.files[path]).inode, path) != path

        return sorted(due, key=lambda path: not is_renamed(path))

    async def _is_held_back(self) -> bool:
        """Whether enrich is too far behind to be given more."""
        log = self._intake.log
        groups = [await backlog(log, streams.ENRICH, one) for one in range(log.manifest.partitions)]
        behind = sum(group.lag + group.pending for group in groups if group)
        paused = behind > self._settings.max_backlog
        if paused != self._paused:
            name = "ingest.reading_paused" if paused else "ingest.reading_resumed"
            logs.get_logger().info(name, enrich_backlog_count=behind)
        self._paused = paused
        self._runtime.details.update(paused=paused, enrich_backlog_count=behind)
        return paused

    async def _take(self, seeds: Sequence[DueSeed]) -> None:
        """Take a batch in; one that conflicts is taken seed by seed, so that only the culprit waits."""
        unreadable: dict[str, OSError] = {}
        try:
            unreadable = await self._intake.take(seeds)
            self._intake.counts.add("settled", len(seeds))
        except LogConflict as conflict:
            logs.get_logger().warning("ingest.batch_conflicted", version=conflict.version)
            if len(seeds) > 1:
                for seed in seeds:
                    await self._take([seed])
                return
        for seed in seeds:
            if seed.path in unreadable:
                await self._try_later(seed, unreadable[seed.path])
            elif self._intake.ledger.looks.get(seed.path) == seed.look:
                self._failures.pop(seed.path, None)
            else:
                self._settling.postpone(seed.path, self._clock.monotonic() + self._settings.settle_seconds)

    async def _try_later(self, seed: DueSeed, error: OSError) -> None:
        failures = self._failures.get(seed.path, 0)
        if failures >= len(RETRY_SECONDS):
            await self._intake.give_up(seed, error)
            self._failures.pop(seed.path, None)
            return
        self._failures[seed.path] = failures + 1
        self._intake.counts.add("retried")
        self._settling.postpone(seed.path, self._clock.monotonic() + RETRY_SECONDS[failures])
        logs.get_logger().warning(
            "ingest.seed_unreadable",
            path=seed.path,
            error=error.strerror,
            wait_seconds=RETRY_SECONDS[failures],
        )

    async def _try_again(self, paths: set[str]) -> None:
        """Forget what was made of these seeds, as an operator asked; what was put aside comes back."""
        if not paths:
            return
        ledger, forgotten = self._intake.ledger, dict[str, LedgerEntry | None]()
        for path in paths:
            self._settling.hurry(path)
            entry = ledger.entry(path)
            if entry and entry.outcome == "rejected":
                forgotten[path] = entry.model_copy(update={"look": None})
                with suppress(OSError):
                    await asyncio.to_thread(folders.take_back, self._settings.seeds, disk_path(path))
        await ledger.write(forgotten, {})
        await orders.carried_out(self._intake.log.redis, streams.SEEDS_RETRY, paths)

    def _tell(self, found: Scan, took_seconds: float) -> None:
        """Say how the folder is: one that cannot be listed is a trouble, not an empty one."""
        intake, settling = self._intake, self._settling
        held = [min(one.held.values()) for path, one in intake.ledger.held().items() if path in found.files]
        self._runtime.details.update(
            scan_count=self._scans,
            scan_seconds=round(took_seconds, 3),
            seed_count=len(found.files),
            waiting_count=settling.waiting_count,
            oldest_waiting_seconds=round(settling.waited_seconds(self._clock.monotonic()), 1),
            unreadable_count=len(self._failures),
            skipped_count=len(found.skipped),
            held_count=len(held),
            next_release_at=min(held).isoformat() if held else None,
            paused=self._paused,
            announced=self._announcements.arrive,
            metrics=intake.counts.details(),
        )
        troubles = {
            "folder": f"the folder {self._settings.seeds} cannot be listed completely"
            if not found.complete
            else "",
            "sources": "; ".join(intake.sources.troubles.values()),
        }
        for name, trouble in troubles.items():
            if trouble:
                self._runtime.troubles[name] = trouble
            else:
                self._runtime.troubles.pop(name, None)

    async def _rest(self, took_seconds: float, worked_seconds: float) -> None:
        """Until something is announced, a seed may be due, or the next listing is; work counts as rest."""
        wait_seconds = self._settings.scan_seconds
        if self._is_idle():
            wait_seconds = max(wait_seconds, min(IDLE_REST * took_seconds, IDLE_SECONDS))
        if not self._paused:
            wait_seconds = min(wait_seconds, self._seconds_until_due())
        shortest_seconds = max(0.0, min(REST * took_seconds, self._settings.scan_seconds) - worked_seconds)
        await rest(shortest_seconds)
        # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with a change.
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.01, wait_seconds - shortest_seconds)):
                await self._announcements.changed.wait()

    def _is_idle(self) -> bool:
        waits = self._settling.waiting_count or self._deletions.are_pending
        return self._announcements.arrive and not waits

    def _seconds_until_due(self) -> float:
        due_at = self._settling.next_due_at()
        settled = max(0.0, due_at - self._clock.monotonic()) if due_at is not None else float("inf")
        now = self._clock.now()
        released = [
            (min(one.held.values()) - now).total_seconds() for one in self._intake.ledger.held().values()
        ]
        return min([settled, *(seconds for seconds in released if seconds > 0)])


def _batches(found: Scan, due: Sequence[str]) -> Iterator[list[DueSeed]]:
    batch: list[DueSeed] = []
    size_bytes = 0
    for path in due:
        seed = DueSeed(path, found.names.get(path, path), found.files[path])
        own_bytes = seed.parts.size_bytes
        if batch and (len(batch) >= BATCH or size_bytes + own_bytes > BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(seed)
        size_bytes += own_bytes
    if batch:
        yield batch
