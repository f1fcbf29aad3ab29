"""The newest articles of the log, as a channel would see them."""

from __future__ import annotations

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn
from services.publish.candidates import Candidate
from services.publish.loading import load_candidates

Enrichments = dict[str, tuple[int, ArticleEnriched]]
"""The newest enrichment of each article, with its partition."""


async def recent_candidates(log: EventLog, count: int) -> list[Candidate]:
    """The ``count`` articles that were enriched last and still stand, the newest first."""
    found: Enrichments = {}
    for partition in range(log.manifest.partitions):
        found |= await _newest(log, partition, count)
    newest = await log.newest_versions(found)
    gone = {one for one, event in newest.items() if isinstance(event, ArticleWithdrawn | ArticleErased)}
    standing = {one: place for one, place in found.items() if one not in gone}
    ranked = sorted(standing.items(), key=lambda pair: str(pair[1][1].recorded_at), reverse=True)
    candidates = await load_candidates(log, dict(ranked[:count]))
    return sorted(candidates, key=lambda one: str(one.enriched.recorded_at), reverse=True)


async def _newest(log: EventLog, partition: int, count: int) -> Enrichments:
    """Of one partition, read from its end."""
    found: Enrichments = {}
    last = await log.tail(partition)
    while last > 0 and len(found) < count:
        first = max(last - MAX_BATCH, 0)
        entries = await log.entries(partition, range(first + 1, last + 1))
        for position in sorted(entries, reverse=True):
            event = entries[position].event
            if isinstance(event, ArticleEnriched):
                found.setdefault(event.article_id, (partition, event))
        last = first
    return found
