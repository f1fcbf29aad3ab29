"""What every article log offers: :class:`EventLog` on Redis, and the one in memory of the test kit.

Handlers, folds and queries ask for this and no more, so that they run on both. What it promises is
said in :mod:`newsfeed.testing.conformance`, a suite that both pass.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import Protocol

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.eventlog.commits import Append, Letter
from newsfeed.eventlog.entries import Entry
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import Head
from newsfeed.eventlog.manifest import Manifest
from newsfeed.events import VersionEvent


class ArticleLog(Protocol):
    """The partitioned article log: append and read."""

    @property
    def manifest(self) -> Manifest:
        """What was fixed when the log was created."""

    def partition_of(self, subject: str) -> int:
        """The partition that holds everything about a subject."""

    async def append(self, partition: int, appends: Sequence[Append]) -> list[int]:
        """Append up to 100 events, all or none; a position each, negative for one that was there already."""

    async def commit(
        self,
        partition: int,
        appends: Sequence[Append],
        *,
        lease: Lease | None = None,
        acks: Sequence[int] = (),
        dead: Sequence[Letter] = (),
    ) -> list[int]:
        """Acknowledge, dead-letter and append in one step; 0 for an event whose cause is settled already."""

    async def tail(self, partition: int) -> int:
        """The last position of a partition; 0 when it is empty."""

    async def tails(self) -> list[int]:
        """The last position of every partition."""

    def read(
        self, partition: int, *, after: int = 0, through: int | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Entries ``(after, through]`` in order, unreadable ones too; raises ``LogDamaged`` at a gap."""

    async def wait(self, positions: Mapping[int, int], seconds: float) -> None:
        """Return as soon as a partition holds more than its position, or after so many seconds."""

    async def entry(self, partition: int, position: int) -> Entry | None:
        """The entry at one position."""

    async def entries(self, partition: int, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions; absent ones are left out."""

    async def heads(self, subjects: Iterable[str]) -> dict[str, Head]:
        """The head of each subject."""

    async def newest_versions(
        self, subjects: Iterable[str], through: Mapping[int, int] | None = None
    ) -> dict[str, VersionEvent]:
        """The event that made the newest version of each article; unknown articles are left out."""

    async def history(self, subject: str) -> list[Entry]:
        """Every entry of a subject, oldest first."""

    async def articles(self, partition: int, sha256s: Iterable[str]) -> dict[str, ArticleDocument]:
        """The texts of article versions; absent and erased ones are left out."""

    async def enrichments(self, partition: int, sha256s: Iterable[str]) -> dict[str, EnrichmentDocument]:
        """What enrichment found; absent and erased ones are left out."""
