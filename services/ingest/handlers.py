"""Taking in seeds: bytes, reading, decision, one commit per partition, and only then the folder."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from newsfeed import logs
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.events import ArticleEvent
from newsfeed.values import Seed
from services.ingest import intake, leaving, patience
from services.ingest.article import Article, Rejection
from services.ingest.clock import Clock
from services.ingest.counting import Counts
from services.ingest.ledger import Ledger, moved_entry
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import Look, parts_of
from services.ingest.opening import Unsettled, read_seed
from services.ingest.reader import SeedReader
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources
from services.ingest.taken import Batch, DueSeed, Taken

READ_AHEAD = 4
"""Seeds in memory for each child, the one that it reads included."""

AT_ONCE = 50
"""Decisions on the loop before the lease and the heartbeat have their turn; a batch would take too long."""


@dataclass(slots=True)
class Intake:
    """Takes batches of settled seeds in. Raises what Redis raises; then no file has moved.

    ``present`` is the last complete listing of the folder: a seed that is not in it is gone. Without
    one, none is.
    """

    settings: IngestSettings
    log: EventLog
    ledger: Ledger
    reader: SeedReader
    owner: SoleOwner
    sources: Sources = field(default_factory=lambda: Sources(IngestSettings().seeds))
    clock: Clock = field(default_factory=Clock)
    counts: Counts = field(default_factory=Counts)
    present: Mapping[str, Look] | None = None
    patience_seconds: float = patience.SECONDS

    async def take(self, seeds: Sequence[DueSeed]) -> dict[str, OSError]:
        """Take seeds in, in their order. Returns those that could not be opened.

        They are read side by side and committed together, but for a seed that shares its bytes or an
        article with an earlier one: it is read when the log knows that one. A seed that is not read while
        later ones are does not hold them up; what they told is not told again in its older words.
        """
        unreadable: dict[str, OSError] = {}
        batch, late = Batch(), list[int]()
        async with self._read_ahead(seeds, unreadable) as readings:
            for place, reading in enumerate(readings):
                if await patience.falls_behind(reading, readings[place + 1 :], self.patience_seconds):
                    late.append(place)
                else:
                    await self._join(batch, seeds[place], await reading, unreadable)
            if late:
                await self._commit(batch)
            for place in late:
                overtaking = frozenset(seed.path for seed in seeds[place + 1 :])
                await self._join(batch, seeds[place], await readings[place], unreadable, overtaking)
        await self._commit(batch)
        return unreadable

    async def _join(
        self,
        batch: Batch,
        seed: DueSeed,
        taken: Taken | None,
        unreadable: dict[str, OSError],
        overtaking: frozenset[str] = frozenset(),
    ) -> None:
        """Put a seed into the batch, read once more if the log did not know enough when it was read."""
        if taken and batch.outdates(taken):
            if batch.precedes(taken):
                await self._commit(batch)
            taken = await self._take_one(seed, unreadable)
        if taken:
            taken.overtaken = batch.told_of(overtaking)
            batch.add(taken)

    async def _commit(self, batch: Batch) -> None:
        await self._finish(batch.seeds)
        batch.committed()

    async def give_up(self, seed: DueSeed, error: OSError) -> None:
        """Report a seed that could not be opened again and again; it stays where it is."""
        rejection = Rejection("unreadable", error.strerror or type(error).__name__)
        await self._record([Taken(seed, self.arrival(seed, None), "rejected", rejection=rejection)])

    async def append(self, appends: Sequence[Append]) -> dict[int, int]:
        """Commit events, one partition after the other; returns the last position of each."""
        positions: dict[int, int] = {}
        for partition, group in intake.by_partition(appends, self.log.partition_of).items():
            for start in range(0, len(group), MAX_BATCH):
                chunk = group[start : start + MAX_BATCH]
                answers = await self.log.commit(partition, chunk, lease=self.owner.held[partition])
                positions[partition] = max(positions.get(partition, 0), *map(abs, answers))
        self.counts.appended(append.event for append in appends)
        return positions

    @asynccontextmanager
    async def _read_ahead(
        self, seeds: Sequence[DueSeed], unreadable: dict[str, OSError]
    ) -> AsyncIterator[Sequence[asyncio.Task[Taken | None]]]:
        """Take some off the disk ahead of the children, so that none of them has to wait for its next one."""
        turns = asyncio.Semaphore(READ_AHEAD * self.reader.children)

        async def in_turn(seed: DueSeed) -> Taken | None:
            async with turns:
                return await self._take_one(seed, unreadable)

        readings = [asyncio.create_task(in_turn(seed)) for seed in seeds]
        try:
            yield readings
        finally:
            await end(*readings)

    async def _take_one(self, seed: DueSeed, unreadable: dict[str, OSError]) -> Taken | None:
        """The seed with its bytes read, or None when it has to settle again or cannot be opened."""
        try:
            data, sha256 = await asyncio.to_thread(self._bytes_of, seed)
        except Rejection as rejection:
            return Taken(seed, self.arrival(seed, None), "rejected", rejection=rejection)
        except Unsettled:
            return None
        except OSError as error:
            unreadable[seed.path] = error
            return None
        return self._known(seed, sha256) or await self._read(seed, sha256, data)

    def _bytes_of(self, seed: DueSeed) -> tuple[bytes, str]:
        data = read_seed(self.settings.seeds / seed.name, seed.look, self.settings.max_seed_bytes)
        return data, hashlib.sha256(data).hexdigest()

    def _known(self, seed: DueSeed, sha256: str) -> Taken | None:
        """The seed, if it need not be read, because its bytes were taken in already."""
        arrival = self.arrival(seed, sha256)
        known = self.ledger.entry(seed.path)
        if known and known.is_done_with(sha256):
            return Taken(seed, arrival, known.outcome, known=known)
        if known and known.is_learned(sha256):
            return None
        first = self.ledger.first_with(sha256) or self.ledger.held_with(sha256, but=seed.path)
        if first is None or not first[1].article_ids:
            return None
        path, entry = first
        if self._is_gone(path, entry, seed):
            has_articles = known and known.outcome in {"ingested", "held"} and known.article_ids
            return None if has_articles else self._moved(seed, arrival, path, entry)
        if entry.outcome == "held":
            held = {path: min(entry.held.values())}
            copy = LedgerEntry(sha256=sha256, outcome="held", held=held, home=arrival.home)
            return Taken(seed, arrival, "held", known=copy)
        return Taken(seed, arrival, "duplicate", first_path=path, first_ids=entry.article_ids)

    def _moved(self, seed: DueSeed, arrival: intake.Arrival, path: str, entry: LedgerEntry) -> Taken:
        """The seed is the one that was at another path before."""
        moved = moved_entry(entry, path, seed.path)
        known = self.ledger.entry(seed.path)  # Some of its articles may have come already, before a crash.
        if known and known.sha256 == entry.sha256:
            ids = tuple(dict.fromkeys((*known.article_ids, *entry.article_ids)))
            moved = moved.model_copy(update={"article_ids": ids})
        ids = entry.article_ids if entry.outcome == "ingested" else ()
        arrival = replace(arrival, home=moved.home)
        return Taken(seed, arrival, entry.outcome, known=moved, first_ids=ids, moved_from=path)

    def _is_gone(self, path: str, entry: LedgerEntry, seed: DueSeed) -> bool:
        """Whether a seed went from its path, and not because we moved it away."""
        if self.present is None or self._on_done(path) == "move":
            return False
        look = self.present.get(path)
        if look is None or entry.look is None:
            return look is None
        return parts_of(look).inode != entry.look[-1] == seed.parts.inode

    async def _read(self, seed: DueSeed, sha256: str, data: bytes) -> Taken:
        arrival = self.arrival(seed, sha256)
        began = self.clock.monotonic()
        try:
            reading = await self.reader.read(data, self.sources.of(seed.path).hint(seed.path))
        except Rejection as rejection:
            self.counts.parsed("rejected", self.clock.monotonic() - began)
            return Taken(seed, arrival, "rejected", rejection=rejection)
        self.counts.parsed(reading.format, self.clock.monotonic() - began)
        self.counts.add("bytes", len(data))
        articles = self._completed(seed.path, intake.identified(arrival, reading))
        taken = Taken(seed, arrival, "ingested", reading=reading, articles=articles)
        known = self.ledger.entry(seed.path)
        if known and known.sha256 == sha256 and known.has_more:
            taken.earlier_ids, taken.learned_at = known.article_ids, known.learned_at
            taken.articles = {one: articles[one] for one in articles if not known.is_told(one)}
        return taken

    def _completed(self, path: str, articles: Mapping[str, Article]) -> Mapping[str, Article]:
        """The articles with what their source says of all of its articles."""
        topics = self.sources.of(path).topics
        if not topics:
            return articles
        return {
            identity: one if one.topics else one.model_copy(update={"topics": topics})
            for identity, one in articles.items()
        }

    def arrival(self, seed: DueSeed, sha256: str | None) -> intake.Arrival:
        """The seed as it arrives at this moment."""
        return intake.Arrival(
            seed=Seed(
                path=seed.path,
                sha256=sha256,
                size_bytes=seed.parts.size_bytes,
                modified_at=seed.parts.modified_at,
            ),
            source_id=self.sources.name_of(seed.path),
            read_at=self.clock.now(),
            home=self.ledger.home(seed.path, sha256),
        )

    def _on_done(self, path: str) -> str:
        return self.sources.of(path).on_done or self.settings.on_done

    async def _finish(self, batch: Sequence[Taken]) -> None:
        """Record what is in hand, and only then move it: a crash in between leaves it where it was."""
        await self._record(batch)
        done = [taken for taken in batch if self._on_done(taken.due.path) == "move"]
        if done:
            await asyncio.to_thread(self._move_away, done)

    async def _record(self, batch: Sequence[Taken]) -> None:
        """The log first, the ledger last: what the ledger knows is in the log, and its reason is written."""
        if not batch:
            return
        positions = await self._append(batch)
        await asyncio.to_thread(leaving.explain, self.settings.seeds, batch)
        entries = self._entries(batch)
        await asyncio.sleep(0)
        await self.ledger.write(entries, positions)
        self._report(batch)

    def _entries(self, batch: Sequence[Taken]) -> dict[str, LedgerEntry | None]:
        """What the ledger is to keep: of these seeds, of where they were, and of those that waited."""
        entries: dict[str, LedgerEntry | None] = {}
        for taken in batch:
            entries.update(self.ledger.superseded(taken.due.path, taken.arrival.seed.sha256, taken.told))
        entries.update({taken.moved_from: None for taken in batch if taken.moved_from is not None})
        return entries | {taken.due.path: taken.ledger_entry() for taken in batch}

    async def _append(self, batch: Sequence[Taken]) -> dict[int, int]:
        """Commit the events of a batch; returns the last position of each partition."""
        subjects = {identity for taken in batch for identity in (*taken.articles, *taken.first_ids)}
        newest = await self.log.newest_versions(subjects) if subjects else {}
        held_ids = self.ledger.held_ids()
        for number, taken in enumerate(batch, 1):
            taken.decide(newest, held_ids)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        begun = {taken.due.path: taken.begun_entry() for taken in batch if len(taken.appends) > 1}
        if begun:
            await self.ledger.write(begun, {})
        return await self.append([append for taken in batch for append in taken.appends])

    def _report(self, batch: Sequence[Taken]) -> None:
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
            self.counts.add("held", len(taken.decision.held))
            self.counts.add("stale", len(taken.decision.stale))
            leaving.report(taken)

    def _move_away(self, batch: Sequence[Taken]) -> None:
        failures = leaving.move_away(self.settings.seeds, self.sources, batch)
        self.counts.add("move_failed", failures)
