"""A log whose times of record are said by the test, so that the same story gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newsfeed import streams
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, ArticleWithdrawn
from newsfeed.testing.facts import document, enrichment_append, version_append, withdrawn_append
from newsfeed.testing.town import put, put_version

START = datetime(2090, 1, 1, tzinfo=UTC)
"""Second 0 of every timeline: ahead of any server's clock, which would win otherwise."""


def moment(seconds: float) -> datetime:
    """A time of the timeline."""
    return START + timedelta(seconds=seconds)


class Timeline:
    """Appends events as if they were recorded at the second that was last said."""

    def __init__(self, log: EventLog) -> None:
        self.log = log

    async def at(self, seconds: float, *partitions: int) -> None:
        """What follows is recorded at that second, in some partitions or in all.

        The log never lets the time of record fall; this sets the lower limit that it keeps.
        """
        microseconds = (moment(seconds) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        for partition in partitions or range(self.log.manifest.partitions):
            await self.log.redis.hset(streams.tail(partition), "r", str(microseconds))

    async def version(
        self, article_id: str, version: int = 1, text: ArticleDocument | None = None
    ) -> ArticleIngested | ArticleRevised:
        """A version of an article, not yet enriched."""
        body = f"Version {version} of {article_id}."
        return await put_version(self.log, article_id, version, text or document(article_id, body))

    async def enrich(self, of: ArticleIngested | ArticleRevised, **fields: object) -> ArticleEnriched:
        """The enrichment of a version: English, and nothing found but what ``fields`` of the event say."""
        append = enrichment_append(of)
        told = append.event.model_copy(update=fields)
        event = await put(self.log, Append(told, append.documents, cause=append.cause))
        assert isinstance(event, ArticleEnriched)
        return event

    async def article(
        self, article_id: str, version: int = 1, text: ArticleDocument | None = None, **fields: object
    ) -> ArticleIngested | ArticleRevised:
        """A version of an article with its enrichment; ``fields`` are of that event."""
        event = await self.version(article_id, version, text)
        await self.enrich(event, **fields)
        return event

    async def articles(self, article_ids: Sequence[str]) -> None:
        """Many articles with their enrichments, in few commits."""
        for partition in range(self.log.manifest.partitions):
            mine = [one for one in article_ids if self.log.partition_of(one) == partition]
            for start in range(0, len(mine), MAX_BATCH):
                await self._batch(partition, mine[start : start + MAX_BATCH])

    async def _batch(self, partition: int, article_ids: Sequence[str]) -> None:
        versions = [version_append(one, 1, document(one, f"Version 1 of {one}.")) for one in article_ids]
        entries = await self.log.entries(partition, await self.log.append(partition, versions))
        events = [entry.event for entry in entries.values()]
        enrichments = [enrichment_append(event) for event in events if isinstance(event, ArticleIngested)]
        await self.log.append(partition, enrichments)

    async def withdraw(self, article_id: str, version: int) -> ArticleWithdrawn:
        """The end of an article; ``version`` is one more than that of its newest text."""
        event = await put(self.log, withdrawn_append(article_id, version))
        assert isinstance(event, ArticleWithdrawn)
        return event
