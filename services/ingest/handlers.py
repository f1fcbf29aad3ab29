"""Taking in seeds: bytes, reading, decision, one commit per partition, and only then the folder."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from newsfeed import logs
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.eventlog.log import MAX_BATCH
from newsfeed.events import ArticleEvent, Seed, VersionEvent
from services.ingest import folders, intake
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.ledger import Ledger, LedgerEntry, Outcome
from services.ingest.opening import SeedFile, Unsettled, read_seed
from services.ingest.paths import source_of
from services.ingest.reader import SeedReader
from services.ingest.rejections import hint_for
from services.ingest.scanning import Look
from services.ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class DueSeed:
    """A settled file: its wire path, its name on disk, and how it looked in the scan."""

    path: str
    name: str
    look: Look


@dataclass(slots=True)
class _Taken:
    """A seed in hand and what is to become of it."""

    due: DueSeed
    arrival: intake.Arrival
    outcome: Outcome
    articles: Mapping[str, Article] = field(default_factory=dict)
    reading: Reading | None = None
    rejection: Rejection | None = None
    first_path: str = ""
    first_ids: tuple[str, ...] = ()
    appends: list[Append] = field(default_factory=list)

    def ledger_entry(self) -> LedgerEntry:
        """What the ledger keeps of it."""
        return LedgerEntry(
            sha256=self.arrival.seed.sha256,
            outcome=self.outcome,
            article_ids=tuple(self.articles) or self.first_ids,
            code=self.rejection.reason if self.rejection else None,
        ).seen_as(self.due.look)


class Intake:
    """Takes batches of settled seeds in. Raises what Redis raises; then no file has moved."""

    def __init__(
        self, settings: IngestSettings, log: EventLog, ledger: Ledger, reader: SeedReader, owner: SoleOwner
    ) -> None:
        self._settings = settings
        self._log = log
        self._ledger = ledger
        self._reader = reader
        self._owner = owner

    async def take(self, seeds: Sequence[DueSeed]) -> dict[str, OSError]:
        """Take seeds in, all of a batch or none. Returns those that could not be opened.

        A seed that shares its bytes or an article with an earlier one of the batch is left for the
        next batch, in which the log knows the earlier one.
        """
        unreadable: dict[str, OSError] = {}
        batch: list[_Taken] = []
        looks: dict[str, LedgerEntry] = {}
        for seed in seeds:
            try:
                await self._take_one(seed, batch, looks)
            except Unsettled:
                continue
            except OSError as error:
                unreadable[seed.path] = error
        await self._commit(batch, looks)
        for taken in batch:
            await asyncio.to_thread(self._tidy, taken)
        return unreadable

    async def give_up(self, seed: DueSeed, error: OSError) -> None:
        """Report a seed that could not be opened again and again; it stays where it is."""
        rejection = Rejection("unreadable", error.strerror or type(error).__name__)
        taken = _Taken(seed, self._arrival(seed, None), "rejected", rejection=rejection)
        await self._commit([taken], {})
        await asyncio.to_thread(self._write_reason, taken)

    async def _take_one(self, seed: DueSeed, batch: list[_Taken], looks: dict[str, LedgerEntry]) -> None:
        try:
            path = self._settings.seeds / seed.name
            file = await asyncio.to_thread(read_seed, path, self._settings.max_seed_bytes)
        except Rejection as rejection:
            batch.append(_Taken(seed, self._arrival(seed, None), "rejected", rejection=rejection))
            return
        if file.look != seed.look:
            return
        sha256 = hashlib.sha256(file.data).hexdigest()
        known = self._ledger.entry(seed.path)
        if known and known.sha256 == sha256:
            looks[seed.path] = known.seen_as(file.look)
        elif not any(taken.arrival.seed.sha256 == sha256 for taken in batch):
            taken = await self._read(seed, file, sha256)
            in_hand = {identity for other in batch for identity in other.articles}
            if in_hand.isdisjoint(taken.articles):
                batch.append(taken)

    async def _read(self, seed: DueSeed, file: SeedFile, sha256: str) -> _Taken:
        arrival = self._arrival(seed, sha256)
        first = self._ledger.first_with(sha256)
        if first and first[1].article_ids:
            return _Taken(seed, arrival, "duplicate", first_path=first[0], first_ids=first[1].article_ids)
        try:
            reading = await self._reader.read(file.data, ReadingHint(file_name=Path(seed.name).name))
        except Rejection as rejection:
            return _Taken(seed, arrival, "rejected", rejection=rejection)
        return _Taken(
            seed, arrival, "ingested", reading=reading, articles=intake.identified(arrival, reading)
        )

    def _arrival(self, seed: DueSeed, sha256: str | None) -> intake.Arrival:
        return intake.Arrival(
            seed=Seed(
                path=seed.path,
                sha256=sha256,
                size_bytes=seed.look.size_bytes,
                modified_at=datetime.fromtimestamp(seed.look.mtime_ns / 1e9, UTC),
            ),
            source_id=source_of(seed.path),
            read_at=datetime.now(UTC),
        )

    async def _commit(self, batch: Sequence[_Taken], looks: Mapping[str, LedgerEntry]) -> None:
        """The log first, then the ledger: what the ledger knows is always in the log."""
        subjects = {identity for taken in batch for identity in (*taken.articles, *taken.first_ids[:1])}
        newest = await self._log.newest_versions(subjects) if subjects else {}
        for taken in batch:
            taken.appends = self._decide(taken, newest)
        appends = [append for taken in batch for append in taken.appends]
        positions: dict[int, int] = {}
        for partition, group in intake.by_partition(appends, self._log.partition_of).items():
            for start in range(0, len(group), MAX_BATCH):
                chunk = group[start : start + MAX_BATCH]
                answers = await self._log.commit(partition, chunk, lease=self._owner.held[partition])
                positions[partition] = max(positions.get(partition, 0), *map(abs, answers))
        entries = {taken.due.path: taken.ledger_entry() for taken in batch}
        if entries or looks:
            await self._ledger.write({**looks, **entries}, positions)
        self._report(batch)

    def _decide(self, taken: _Taken, newest: Mapping[str, VersionEvent]) -> list[Append]:
        if taken.rejection:
            return [intake.rejected(taken.arrival, taken.rejection)]
        if taken.outcome == "duplicate":
            return [intake.duplicated(taken.arrival, taken.first_path, newest[taken.first_ids[0]])]
        assert taken.reading is not None
        return intake.decide(taken.arrival, taken.reading, taken.articles, newest)

    def _report(self, batch: Sequence[_Taken]) -> None:
        """One line for all that went in, one for each seed that an editor may have to look at."""
        events = [append.event for taken in batch for append in taken.appends]
        if events:
            logs.get_logger().info(
                "ingest.seeds_taken",
                seed_count=len(batch),
                event_counts=dict(Counter(event.type for event in events)),
                article_ids=sorted({event.article_id for event in events if isinstance(event, ArticleEvent)}),
                correlation_ids=sorted({str(taken.arrival.correlation_id) for taken in batch}),
            )
        for taken in batch:
            if taken.rejection:
                logs.get_logger().warning(
                    "ingest.seed_rejected",
                    path=taken.due.path,
                    code=taken.rejection.reason,
                    detail=taken.rejection.detail,
                    correlation_id=str(taken.arrival.correlation_id),
                )

    def _tidy(self, taken: _Taken) -> None:
        """Leave the folder as the settings ask; what fails here loses nothing."""
        if taken.rejection:
            self._write_reason(taken)
        else:
            folders.remove_reason(self._settings.seeds, taken.due.path)
        if self._settings.on_done == "keep":
            return
        try:
            if taken.rejection:
                folders.move_rejected(self._settings.seeds, taken.due.name)
            else:
                sha256 = taken.arrival.seed.sha256 or ""
                folders.move_processed(self._settings.seeds, taken.due.name, sha256, taken.arrival.read_at)
        except OSError as error:
            logs.get_logger().error("ingest.move_failed", path=taken.due.path, error=error.strerror)

    def _write_reason(self, taken: _Taken) -> None:
        assert taken.rejection is not None
        reason: dict[str, object] = {
            "path": taken.due.path,
            "code": taken.rejection.reason,
            "detail": taken.rejection.detail,
            "hint": hint_for(taken.rejection.reason),
            "sha256": taken.arrival.seed.sha256,
            "size_bytes": taken.due.look.size_bytes,
            "rejected_at": taken.arrival.read_at.isoformat(),
            "correlation_id": str(taken.arrival.correlation_id),
        }
        try:
            folders.write_reason(self._settings.seeds, taken.due.path, reason)
        except OSError as error:
            logs.get_logger().error("ingest.reason_not_written", path=taken.due.path, error=error.strerror)
