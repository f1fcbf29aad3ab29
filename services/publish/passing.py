"""What passed by while a window was read: per article its newest enrichment, and what was withdrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn


@dataclass(slots=True)
class Passed:
    """The entries of a window; ``full_at`` is when the last one that fits was recorded.

    ``through`` is the last position of each partition that it covers.
    """

    through: dict[int, int]
    full_at: datetime | None = None
    enriched: dict[str, tuple[int, ArticleEnriched]] = field(default_factory=dict)
    withdrawn: dict[str, tuple[int, ArticleWithdrawn | ArticleErased]] = field(default_factory=dict)

    def take(self, partition: int, entry: Entry) -> None:
        """One entry more, in the order of their times."""
        event = entry.event
        match event:
            case ArticleEnriched():
                before = self.enriched.get(event.article_id)
                if before is None or before[1].version <= event.version:
                    self.enriched[event.article_id] = (partition, event)
            case ArticleWithdrawn() | ArticleErased():
                self.withdrawn[event.article_id] = (partition, event)
            case _:
                pass
