"""What ingest last made of every seed: a projection of the log, kept so that nothing is read twice.

It may be dropped: then every seed is hashed once more, and the log answers what was made of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.log import EventLog
from newsfeed.events import (
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    SeedRejected,
)
from services.ingest.scanning import Look

Outcome = Literal["begun", "ingested", "duplicate", "rejected"]
"""``begun``: several events were to be appended, and it is not known yet that all of them were."""

SeedEvent = ArticleIngested | ArticleRevised | ArticleWithdrawn | ArticleDuplicated | SeedRejected
"""Every fact that tells of a seed."""


class LedgerEntry(BaseModel):
    """One seed by its path; ``look`` is None when only the log knows of it, not yet the folder.

    ``sha256`` is None when nobody read it, because it was too large or could not be opened.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str | None = None
    outcome: Outcome
    article_ids: tuple[str, ...] = ()
    look: tuple[int, int, int, int] | None = None
    code: str | None = None

    def is_done_with(self, sha256: str) -> bool:
        """Whether nothing is left to do for these bytes, but perhaps to move them.

        A rejection that only the log knows of may lack its reason file; a new attempt writes it.
        """
        unexplained = self.outcome == "rejected" and self.look is None
        return self.sha256 == sha256 and self.outcome != "begun" and not unexplained

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
        self._followed: dict[int, int] = {}
        self.looks: dict[str, Look] = {}

    async def load(self) -> None:
        """Read the ledger, then what the log has learnt since: nothing that was appended is forgotten."""
        async for path, stored in self._redis.hscan_iter(streams.SEEDS, count=500):
            self._remember(path.decode(), LedgerEntry.model_validate_json(stored))
        latest: dict[str, datetime] = {}
        for partition in range(self._log.manifest.partitions):
            after = int(await self._redis.hget(streams.SEEDS_CHECKPOINT, str(partition)) or 0)
            self._followed[partition] = after
            async for entry in self._log.read(partition, after=after):
                if not isinstance(entry.event, Exception | ArticleEnriched | ArticleErased):
                    self._learn(entry.event, latest)

    def entry(self, path: str) -> LedgerEntry | None:
        """What was made of the seed at a path."""
        return self._entries.get(path)

    def first_with(self, sha256: str) -> tuple[str, LedgerEntry] | None:
        """The path, and its entry, that holds these bytes as an article; None for new bytes."""
        path = self._claims.get(sha256)
        entry = self._entries.get(path) if path else None
        if path and entry and entry.outcome == "ingested" and entry.sha256 == sha256:
            return path, entry
        return None

    async def write(self, entries: Mapping[str, LedgerEntry], positions: Mapping[int, int]) -> None:
        """Remember entries, and that the log was followed up to these positions of its partitions.

        An append that was there already has an old position; the checkpoint never goes back to it.
        """
        for path, entry in entries.items():
            self._remember(path, entry)
        pipeline = self._redis.pipeline(transaction=True)
        for path, entry in entries.items():
            pipeline.hset(streams.SEEDS, path, entry.model_dump_json(exclude_none=True))
        for partition, position in positions.items():
            self._followed[partition] = max(position, self._followed.get(partition, 0))
            pipeline.hset(streams.SEEDS_CHECKPOINT, str(partition), str(self._followed[partition]))
        await pipeline.execute()
        followed = {partition: self._followed[partition] for partition in positions}
        await advance(self._redis, streams.SEEDS_READER, followed)

    def _remember(self, path: str, entry: LedgerEntry) -> None:
        self._entries[path] = entry
        if entry.look:
            self.looks[path] = Look(*entry.look)
        if entry.outcome == "ingested" and entry.sha256 and not self.first_with(entry.sha256):
            self._claims[entry.sha256] = path

    def _learn(self, event: SeedEvent, latest: dict[str, datetime]) -> None:
        """Follow one fact; partitions are read one after the other, so an older fact may come later."""
        assert event.recorded_at is not None
        path, sha256 = event.seed.path, event.seed.sha256
        known = self._entries.get(path)
        same = known if known and known.sha256 == sha256 else None
        if not same and event.recorded_at < latest.get(path, event.recorded_at):
            return
        latest[path] = max(event.recorded_at, latest.get(path, event.recorded_at))
        match event:
            case ArticleDuplicated():
                learnt = same or LedgerEntry(sha256=sha256, outcome="duplicate")
            case SeedRejected():
                learnt = same or LedgerEntry(sha256=sha256, outcome="rejected", code=event.code)
            case _:
                learnt = _with_article(same, sha256, event.article_id)
        self._remember(path, learnt)


def _with_article(known: LedgerEntry | None, sha256: str | None, article_id: str) -> LedgerEntry:
    if known is None:
        return LedgerEntry(sha256=sha256, outcome="ingested", article_ids=(article_id,))
    ids = tuple(dict.fromkeys((*known.article_ids, article_id)))
    return known.model_copy(update={"article_ids": ids})
