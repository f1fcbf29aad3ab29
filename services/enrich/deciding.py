"""What becomes of the versions in a batch: what the log says was decided stands, else stories are asked."""

from __future__ import annotations

from collections.abc import Iterable

from newsfeed.eventlog import ArticleLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleIngested, ArticleWithdrawn
from services.enrich.deriving import Cause
from services.enrich.joining import Stories
from services.enrich.profiles import Profile, article_time_ms
from services.enrich.story_records import Decision


def decisions_in(history: Iterable[Entry]) -> dict[int, Decision]:
    """What was decided about each version of an article; the first enrichment of a version decided it."""
    found: dict[int, Decision] = {}
    for entry in history:
        event = entry.event
        if isinstance(event, ArticleEnriched) and event.story_id:
            found.setdefault(event.version, Decision(event.story_id, event.alike))
    return found


class Decider:
    """Decides about the versions of one batch, one after the other."""

    def __init__(self, log: ArticleLog, stories: Stories) -> None:
        self._log = log
        self._stories = stories
        self._decided: dict[str, dict[int, Decision]] = {}

    async def decide(self, cause: Cause, profile: Profile) -> Decision:
        """The decision about a version; a revised article keeps its story, a corrected one all.

        What is decided later of others sees the corrected article.
        """
        known = self._decided.get(profile.article_id)
        if known is None:
            is_new = isinstance(cause, ArticleIngested)
            known = {} if is_new else decisions_in(await self._log.history(profile.article_id))
            self._decided[profile.article_id] = known
        if profile.version not in known:
            before = max((version for version in known if version < profile.version), default=0)
            kept_story = known[before].story_id if before else None
            known[profile.version] = await self._stories.join(profile, kept_story)
        elif profile.corrected_through:
            await self._stories.correct(profile, known[profile.version])
        return known[profile.version]

    async def leave(self, event: ArticleWithdrawn | ArticleErased) -> None:
        """Take an article that is gone out of the index."""
        assert event.recorded_at is not None
        at_ms = article_time_ms(None, event.recorded_at)
        await self._stories.leave(event.article_id, event.version, at_ms)
