"""What ingest last made of every seed: a projection of the log, kept so that nothing is read twice.

It may be dropped: then every seed is read once more, and the log answers that all of it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.eventlog.log import EventLog
from newsfeed.events import (
    ArticleDuplicated,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    LogEvent,
    SeedRejected,
)
from services.ingest.scanning import Look

Outcome = Literal["ingested", "duplicate", "rejected"]


class LedgerEntry(BaseModel):
    """One seed by its path; ``look`` is None when only the log knows of it, not yet the folder."""

    model_config = ConfigDict(frozen=True)

    sha256: str | None
    outcome: Outcome
    article_ids: tuple[str, ...] = ()
    look: tuple[int, int, int, int] | None = None
    code: str | None = None

    def seen_as(self, look: Look) -> LedgerEntry:
        """The same entry for a file that looks like this now."""
        return self.model_copy(update={"look": (look.size_bytes, look.mtime_ns, look.ctime_ns, look.inode)})


class Ledger:
    """The ledger in memory, written through to Redis. One process owns it at a time."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._redis = log.redis
        self._entries: dict[str, LedgerEntry] = {}
        self._claims: dict[str, str] = {}
        self.looks: dict[str, Look] = {}

    async def load(self) -> None:
        """Read the ledger, then what the log has learnt since: nothing that was appended is forgotten."""
        async for path, stored in self._redis.hscan_iter(streams.SEEDS, count=500):
            self._remember(path.decode(), LedgerEntry.model_validate_json(stored))
        for partition in range(self._log.manifest.partitions):
            after = int(await self._redis.hget(streams.SEEDS_CHECKPOINT, str(partition)) or 0)
            async for entry in self._log.read(partition, after=after):
                if not isinstance(entry.event, Exception):
                    self._learn(entry.event)

    def entry(self, path: str) -> LedgerEntry | None:
        """What was made of the seed at a path."""
        return self._entries.get(path)

    def first_with(self, sha256: str) -> tuple[str, LedgerEntry] | None:
        """The path, and its entry, that holds these bytes as an article; None for new bytes."""
        path = self._claims.get(sha256)
        entry = self._entries.get(path) if path else None
        return (path, entry) if path and entry and entry.sha256 == sha256 else None

    async def write(self, entries: Mapping[str, LedgerEntry], positions: Mapping[int, int]) -> None:
        """Remember entries, and that the log was followed up to these positions of its partitions."""
        for path, entry in entries.items():
            self._remember(path, entry)
        pipeline = self._redis.pipeline(transaction=True)
        for path, entry in entries.items():
            pipeline.hset(streams.SEEDS, path, entry.model_dump_json(exclude_none=True))
        for partition, position in positions.items():
            pipeline.hset(streams.SEEDS_CHECKPOINT, str(partition), str(position))
        await pipeline.execute()

    def _remember(self, path: str, entry: LedgerEntry) -> None:
        self._entries[path] = entry
        if entry.look:
            self.looks[path] = Look(*entry.look)
        if entry.outcome == "ingested" and entry.sha256 and not self.first_with(entry.sha256):
            self._claims[entry.sha256] = path

    def _learn(self, event: LogEvent) -> None:
        match event:
            case ArticleIngested() | ArticleRevised() | ArticleWithdrawn():
                known = self._entries.get(event.seed.path)
                if known and known.sha256 == event.seed.sha256:
                    ids = tuple(dict.fromkeys((*known.article_ids, event.article_id)))
                    self._remember(event.seed.path, known.model_copy(update={"article_ids": ids}))
                else:
                    entry = LedgerEntry(
                        sha256=event.seed.sha256, outcome="ingested", article_ids=(event.article_id,)
                    )
                    self._remember(event.seed.path, entry)
            case ArticleDuplicated():
                self._replace(event.seed.path, event.seed.sha256, "duplicate")
            case SeedRejected():
                self._replace(event.seed.path, event.seed.sha256, "rejected", event.code)

    def _replace(self, path: str, sha256: str | None, outcome: Outcome, code: str | None = None) -> None:
        known = self._entries.get(path)
        if not known or known.sha256 != sha256:
            self._remember(path, LedgerEntry(sha256=sha256, outcome=outcome, code=code))
