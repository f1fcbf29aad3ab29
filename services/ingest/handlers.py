"""Taking in seeds: bytes, reading, decision, one commit per partition, and only then the folder."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from newsfeed import logs
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.events import ArticleEvent, VersionEvent
from newsfeed.values import Seed
from services.ingest import folders, intake
from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.ledger import Ledger, LedgerEntry, Outcome
from services.ingest.opening import Unsettled, read_seed
from services.ingest.paths import source_of
from services.ingest.reader import SeedReader
from services.ingest.rejections import hint_for
from services.ingest.scanning import Look
from services.ingest.settings import IngestSettings

_LOST_SHOWN = 20
"""So many parts of a seed that could not be read are named in its log line."""


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
    known: LedgerEntry | None = None
    articles: Mapping[str, Article] = field(default_factory=dict)
    reading: Reading | None = None
    rejection: Rejection | None = None
    first_path: str = ""
    first_ids: tuple[str, ...] = ()
    appends: list[Append] = field(default_factory=list)

    def ledger_entry(self) -> LedgerEntry:
        """What the ledger keeps of it."""
        if self.known:
            return self.known.seen_as(self.due.look)
        return LedgerEntry(
            sha256=self.arrival.seed.sha256,
            outcome=self.outcome,
            article_ids=tuple(self.articles) or self.first_ids,
            code=self.rejection.reason if self.rejection else None,
        ).seen_as(self.due.look)

    def begun_entry(self) -> LedgerEntry:
        """What the ledger keeps while only a part of its events may be in the log."""
        return LedgerEntry(sha256=self.arrival.seed.sha256, outcome="begun")

    def depends_on(self, other: _Taken) -> bool:
        """Whether what becomes of it is only known when the articles of the other are in the log."""
        same_bytes = self.arrival.seed.sha256 == other.arrival.seed.sha256
        return bool(other.articles) and (same_bytes or not other.articles.keys().isdisjoint(self.articles))


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
        """Take seeds in, in their order. Returns those that could not be opened.

        They are committed together, but for a seed that shares its bytes or an article with an
        earlier one: it is read when the log knows that one.
        """
        unreadable: dict[str, OSError] = {}
        batch: list[_Taken] = []
        for seed in seeds:
            taken = await self._take_one(seed, unreadable)
            if taken and any(taken.depends_on(earlier) for earlier in batch):
                await self._finish(batch)
                batch = []
                taken = await self._take_one(seed, unreadable)
            if taken:
                batch.append(taken)
        await self._finish(batch)
        return unreadable

    async def give_up(self, seed: DueSeed, error: OSError) -> None:
        """Report a seed that could not be opened again and again; it stays where it is."""
        rejection = Rejection("unreadable", error.strerror or type(error).__name__)
        await self._record([_Taken(seed, self._arrival(seed, None), "rejected", rejection=rejection)])

    async def _take_one(self, seed: DueSeed, unreadable: dict[str, OSError]) -> _Taken | None:
        """The seed with its bytes read, or None when it has to settle again or cannot be opened."""
        path = self._settings.seeds / seed.name
        try:
            data = await asyncio.to_thread(read_seed, path, seed.look, self._settings.max_seed_bytes)
        except Rejection as rejection:
            return _Taken(seed, self._arrival(seed, None), "rejected", rejection=rejection)
        except Unsettled:
            return None
        except OSError as error:
            unreadable[seed.path] = error
            return None
        return await self._read(seed, data)

    async def _read(self, seed: DueSeed, data: bytes) -> _Taken:
        sha256 = hashlib.sha256(data).hexdigest()
        arrival = self._arrival(seed, sha256)
        known = self._ledger.entry(seed.path)
        if known and known.is_done_with(sha256):
            return _Taken(seed, arrival, known.outcome, known=known)
        first = self._ledger.first_with(sha256)
        if first and first[1].article_ids:
            return _Taken(seed, arrival, "duplicate", first_path=first[0], first_ids=first[1].article_ids)
        try:
            reading = await self._reader.read(data, ReadingHint(file_name=PurePosixPath(seed.path).name))
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
                modified_at=seed.look.modified_at,
            ),
            source_id=source_of(seed.path),
            read_at=datetime.now(UTC),
        )

    async def _finish(self, batch: Sequence[_Taken]) -> None:
        """Record what is in hand, and only then move it: a crash in between leaves it where it was."""
        await self._record(batch)
        if self._settings.on_done == "move":
            await asyncio.to_thread(self._move_away, batch)

    async def _record(self, batch: Sequence[_Taken]) -> None:
        """The log first, the ledger last: what the ledger knows is in the log, and its reason is written."""
        if not batch:
            return
        positions = await self._append(batch)
        await asyncio.to_thread(self._explain, batch)
        await self._ledger.write({taken.due.path: taken.ledger_entry() for taken in batch}, positions)
        self._report(batch)

    async def _append(self, batch: Sequence[_Taken]) -> dict[int, int]:
        """Commit the events of a batch, one partition after the other; returns the last position of each."""
        subjects = {identity for taken in batch for identity in (*taken.articles, *taken.first_ids)}
        newest = await self._log.newest_versions(subjects) if subjects else {}
        for taken in batch:
            taken.appends = self._decide(taken, newest)
        begun = {taken.due.path: taken.begun_entry() for taken in batch if len(taken.appends) > 1}
        if begun:
            await self._ledger.write(begun, {})
        appends = [append for taken in batch for append in taken.appends]
        positions: dict[int, int] = {}
        for partition, group in intake.by_partition(appends, self._log.partition_of).items():
            for start in range(0, len(group), MAX_BATCH):
                chunk = group[start : start + MAX_BATCH]
                answers = await self._log.commit(partition, chunk, lease=self._owner.held[partition])
                positions[partition] = max(positions.get(partition, 0), *map(abs, answers))
        return positions

    def _decide(self, taken: _Taken, newest: Mapping[str, VersionEvent]) -> list[Append]:
        if taken.rejection:
            return [intake.rejected(taken.arrival, taken.rejection)]
        if taken.reading:
            return intake.decide(taken.arrival, taken.reading, taken.articles, newest)
        originals = [newest[identity] for identity in taken.first_ids if identity in newest]
        return [intake.duplicated(taken.arrival, taken.first_path, original) for original in originals[:1]]

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
            elif taken.reading and taken.reading.warnings:
                logs.get_logger().warning(
                    "ingest.seed_read_in_part",
                    path=taken.due.path,
                    lost=taken.reading.warnings[:_LOST_SHOWN],
                    lost_count=len(taken.reading.warnings),
                    correlation_id=str(taken.arrival.correlation_id),
                )

    def _explain(self, batch: Sequence[_Taken]) -> None:
        """Write the reasons of what was rejected, and take back those of what was not."""
        for taken in batch:
            if taken.rejection:
                self._write_reason(taken)
            elif taken.outcome != "rejected":
                folders.remove_reason(self._settings.seeds, taken.due.path)

    def _move_away(self, batch: Sequence[_Taken]) -> None:
        """What fails here loses nothing: the seed stays, and the ledger knows it."""
        root = self._settings.seeds
        for taken in batch:
            due, arrival = taken.due, taken.arrival
            try:
                if taken.outcome == "rejected":
                    folders.move_rejected(root, due.name, due.look)
                else:
                    sha256 = arrival.seed.sha256 or ""
                    folders.move_processed(root, due.name, due.look, sha256, arrival.read_at)
            except OSError as error:
                logs.get_logger().error("ingest.move_failed", path=due.path, error=error.strerror)

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
