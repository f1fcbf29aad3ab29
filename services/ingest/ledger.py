"""What ingest last made of every seed: a projection of the log, kept so that nothing is read twice.

It may be dropped: then every seed is read once more, and the log answers what was made of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import datetime

from newsfeed import streams
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.log import EventLog
from newsfeed.events import (
    AnnotationCorrected,
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    SeedMoved,
    SeedRejected,
)
from services.ingest.intake import SEED_DELETED
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import Look, look_with

SeedEvent = ArticleIngested | ArticleRevised | ArticleWithdrawn | ArticleDuplicated | SeedMoved | SeedRejected
"""Every fact that tells of a seed."""


class Ledger:
    """The ledger in memory, written through to Redis. One process owns it at a time.

    Entries are kept as Redis has them, in JSON, and read when they are asked for: of 100,000 seeds as
    models they would be a tenth of a gigabyte that the garbage collector walks through.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._redis = log.redis
        self._entries: dict[str, bytes] = {}
        self._claims: dict[bytes, str] = {}
        self._homes: dict[str, str] = {}
        self._held: dict[str, LedgerEntry] = {}
        self._followed: dict[int, int] = {}
        self.looks: dict[str, Look] = {}
        self.is_sound = True
        """Whether Redis holds what is in memory: not while it is being written, nor when that failed."""

    async def load(self) -> None:
        """Read the ledger, then follow the log."""
        async for path, stored in self._redis.hscan_iter(streams.SEEDS, count=500):
            self._keep(path.decode(), LedgerEntry.model_validate_json(stored), stored)
        for partition in range(self._log.manifest.partitions):
            after = int(await self._redis.hget(streams.SEEDS_CHECKPOINT, str(partition)) or 0)
            self._followed[partition] = after
        await self.follow()

    async def follow(self) -> None:
        """Learn what was appended since the ledger was written: nothing of it is forgotten."""
        async for entry in _in_order(self._log, self._followed):
            if not isinstance(entry.event, Exception | ArticleEnriched | AnnotationCorrected | ArticleErased):
                self._learn(entry.event)

    def entry(self, path: str) -> LedgerEntry | None:
        """What was made of the seed at a path."""
        stored = self._entries.get(path)
        return LedgerEntry.model_validate_json(stored) if stored else None

    def entries(self, wanted: Callable[[str], bool] | None = None) -> Iterator[tuple[str, LedgerEntry]]:
        """Every seed by its path, or those whose path is wanted: of many, the others cost next to nothing."""
        for path, stored in self._entries.items():
            if wanted is None or wanted(path):
                yield path, LedgerEntry.model_validate_json(stored)

    def first_with(self, sha256: str) -> tuple[str, LedgerEntry] | None:
        """The path, and its entry, that holds these bytes as an article; None for new bytes."""
        path = self._claims.get(bytes.fromhex(sha256))
        entry = self.entry(path) if path else None
        if path and entry and entry.outcome == "ingested" and entry.sha256 == sha256:
            return path, entry
        return None

    def home(self, path: str, sha256: str | None) -> str | None:
        """The path by which the articles of a seed are known; None when it is its own.

        The seed that had this path before may have moved away with its articles: then they keep
        their ids, and these are others.
        """
        entry = self.entry(path)
        if entry and entry.home:
            return entry.home
        return f"{path}@{sha256 or ''}"[: len(path) + 17] if path in self._homes else None

    def held(self) -> Mapping[str, LedgerEntry]:
        """The seeds in which an article waits for its time, by path."""
        return self._held

    def held_with(self, sha256: str, but: str) -> tuple[str, LedgerEntry] | None:
        """Another path, and its entry, that holds these bytes while an article in them waits."""
        for path, entry in self._held.items():
            if path != but and entry.sha256 == sha256 and entry.article_ids:
                return path, entry
        return None

    def held_ids(self) -> frozenset[str]:
        """The articles that wait, under whatever path."""
        return frozenset(one for entry in self._held.values() for one in entry.held)

    def superseded(
        self, path: str, sha256: str | None, article_ids: frozenset[str]
    ) -> dict[str, LedgerEntry]:
        """The other seeds that held some of these articles, and copies of them: a later seed has told."""
        others = {
            other: entry.released(article_ids)
            for other, entry in self._held.items()
            if other != path and entry.sha256 != sha256 and not article_ids.isdisjoint(entry.held)
        }
        originals = frozenset(others)
        copies = {
            other: entry.released(originals)
            for other, entry in self._held.items()
            if others and not originals.isdisjoint(entry.held)
        }
        return others | copies

    def release(self, now: datetime) -> None:
        """Let the seeds be read again of which an article has waited long enough."""
        for path, entry in self._held.items():
            if min(entry.held.values()) <= now:
                self.looks.pop(path, None)

    async def write(self, entries: Mapping[str, LedgerEntry | None], positions: Mapping[int, int]) -> None:
        """Remember entries, and that the log was followed up to these positions of its partitions.

        None forgets a path. An append that was there already has an old position; the checkpoint never
        goes back to it.
        """
        self.is_sound = False
        pipeline = self._redis.pipeline(transaction=True)
        for path, entry in entries.items():
            if entry is None:
                self._forget(path)
                pipeline.hdel(streams.SEEDS, path)
        for path, entry in entries.items():
            if entry is not None:
                pipeline.hset(streams.SEEDS, path, self._remember(path, entry))
        for partition, position in positions.items():
            self._followed[partition] = max(position, self._followed.get(partition, 0))
            pipeline.hset(streams.SEEDS_CHECKPOINT, str(partition), str(self._followed[partition]))
        await pipeline.execute()
        followed = {partition: self._followed[partition] for partition in positions}
        await advance(self._redis, streams.SEEDS_READER, followed)
        self.is_sound = True

    def _remember(self, path: str, entry: LedgerEntry) -> bytes:
        """Keep an entry; what Redis is to hold of it."""
        stored = entry.model_dump_json(exclude_defaults=True).encode()
        self._keep(path, entry, stored)
        return stored

    def _keep(self, path: str, entry: LedgerEntry, stored: bytes) -> None:
        self._forget(path)
        self._entries[path] = stored
        if entry.look:
            self.looks[path] = look_with(*entry.look)
        if entry.home:
            self._homes[entry.home] = path
        if entry.outcome == "held":
            self._held[path] = entry
        if entry.outcome == "ingested" and entry.sha256 and not self.first_with(entry.sha256):
            self._claims[bytes.fromhex(entry.sha256)] = path

    def _forget(self, path: str) -> None:
        known = self.entry(path) if self._homes else None
        self._entries.pop(path, None)
        self.looks.pop(path, None)
        self._held.pop(path, None)
        if known and known.home and self._homes.get(known.home) == path:
            del self._homes[known.home]

    def _learn(self, event: SeedEvent) -> None:
        """Follow one fact, in the order in which they were recorded."""
        path, sha256 = event.seed.path, event.seed.sha256
        known = self.entry(path)
        same = known if known and known.sha256 == sha256 else None
        fresh = LedgerEntry(sha256=sha256, outcome="ingested", home=self.home(path, sha256))
        match event:
            case SeedMoved():
                self._learn_move(event)
            case ArticleDuplicated():
                self._remember(path, same or fresh.model_copy(update={"outcome": "duplicate"}))
            case SeedRejected():
                rejected = {"outcome": "rejected", "code": event.code}
                self._remember(path, same or fresh.model_copy(update=rejected))
            case ArticleWithdrawn() if event.reason == SEED_DELETED:
                if known:
                    self._remember(path, known.without_article(event.article_id, "deleted"))
            case _:
                learned = fresh.model_copy(update={"learned_at": event.recorded_at})
                self._remember(path, (_kept(same) or learned).with_article(event.article_id))
                ids = frozenset({event.article_id})
                for other, entry in self.superseded(path, sha256, ids).items():
                    self._remember(other, entry)

    def _learn_move(self, event: SeedMoved) -> None:
        """The articles of a seed go from one path to the other, one by one."""
        before = self.entry(event.from_path)
        if before is None or before.sha256 != event.seed.sha256:
            return
        known = self.entry(event.seed.path)
        arrived = known.article_ids if known and known.sha256 == before.sha256 else ()
        left = before.without_article(event.article_id, "ingested")
        if left.article_ids:
            self._remember(event.from_path, left.model_copy(update={"outcome": "ingested"}))
        else:
            self._forget(event.from_path)
        moved = moved_entry(before, event.from_path, event.seed.path).model_copy(
            update={"article_ids": arrived, "outcome": "begun" if left.article_ids else before.outcome}
        )
        self._remember(event.seed.path, moved.with_article(event.article_id))


def moved_entry(before: LedgerEntry, from_path: str, path: str) -> LedgerEntry:
    """The entry of a seed under its new path: its articles are known by where they were first seen."""
    home = before.home or from_path
    return before.model_copy(update={"home": home if home != path else None, "look": None})


def _kept(same: LedgerEntry | None) -> LedgerEntry | None:
    """An entry with these bytes, as far as it says what is still so: what was deleted is there again."""
    if same and same.outcome == "deleted":
        return same.model_copy(update={"outcome": "ingested"})
    return same


async def _in_order(log: EventLog, after: Mapping[int, int]) -> AsyncIterator[Entry]:
    """The entries of all partitions as they were recorded: what became of a seed may stand in several."""
    readers = [log.read(partition, after=position) for partition, position in after.items()]
    heads = [await anext(reader, None) for reader in readers]
    while any(heads):
        turn = min((_recorded(head), number) for number, head in enumerate(heads) if head)[1]
        entry, heads[turn] = heads[turn], await anext(readers[turn], None)
        assert entry is not None
        yield entry


def _recorded(entry: Entry) -> float:
    """When an entry was recorded; one that cannot be read is passed by at once."""
    event = entry.event
    return 0.0 if isinstance(event, Exception) or event.recorded_at is None else event.recorded_at.timestamp()
