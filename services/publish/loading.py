"""The article versions of a window, with their texts."""

from __future__ import annotations

from collections.abc import Mapping

from newsfeed.eventlog import EventLog
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised
from services.publish.candidates import Candidate


async def load_candidates(
    log: EventLog, enriched: Mapping[str, tuple[int, ArticleEnriched]]
) -> list[Candidate]:
    """Each enrichment, with its partition, with the version that it belongs to, and their texts.

    Those whose version cannot be read any more are left out.
    """
    candidates: list[Candidate] = []
    for partition in range(log.manifest.partitions):
        events = [event for p, event in enriched.values() if p == partition]
        versions = await log.entries(partition, [event.of_position for event in events])
        articles = await log.articles(partition, [event.content_sha256 for event in events])
        found = await log.enrichments(partition, [event.enrichment_sha256 for event in events])
        for event in events:
            entry = versions.get(event.of_position)
            if entry is None or not isinstance(entry.event, ArticleIngested | ArticleRevised):
                continue
            candidates.append(
                Candidate(
                    partition=partition,
                    position=event.position or 0,
                    version_event=entry.event,
                    enriched=event,
                    document=articles.get(event.content_sha256),
                    enrichment=found.get(event.enrichment_sha256),
                )
            )
    return candidates
