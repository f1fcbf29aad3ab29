"""Articles joining stories and leaving them: looking, deciding and placing, again if somebody was faster.

The same version asked about twice gets the answer that was given first, whoever died in between.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from services.enrich.profiles import Profile
from services.enrich.stories import decide
from services.enrich.story_records import Decision, Record, Seen, StoryIndex

Fill = Callable[[], Awaitable[object]]
"""Brings everything that the log has to tell into the index."""


class Stories:
    """The stories as one process sees them; ``fill`` is asked for whenever the index was dropped."""

    def __init__(self, index: StoryIndex, fill: Fill) -> None:
        self._index = index
        self._fill = fill

    async def join(self, profile: Profile, kept_story: str | None = None) -> Decision:
        """The decision about a version. ``kept_story`` is the story of the article's version before."""
        while True:
            seen = await self._look(profile.article_id, profile.names, profile.at_ms)
            if seen.known and profile.version in seen.known.decisions:
                return seen.known.decisions[profile.version]
            decision = decide(profile, seen, kept_story)
            if seen.known and seen.known.version > profile.version:  # It was revised, or is gone, already.
                record = seen.known.deciding(profile.version, decision)
            else:
                record = Record.of(profile, decision, seen.known)
            if await self._index.place(record, seen):
                return decision

    async def correct(self, profile: Profile, decision: Decision) -> None:
        """Let others see a version as it was corrected; what was decided about it stays ``decision``."""
        while True:
            seen = await self._look(profile.article_id, profile.names, profile.at_ms)
            record = Record.of(profile, decision, seen.known)
            if seen.known and seen.known.newness >= record.newness:
                return
            if await self._index.place(record, seen):
                return

    async def leave(self, article_id: str, version: int, at_ms: int) -> None:
        """Take out what is known of an article that is gone with its version ``version``."""
        while True:
            seen = await self._look(article_id, (), at_ms)
            if seen.known and seen.known.version >= version:
                return
            if await self._index.place(gone(article_id, version, at_ms, seen.known), seen):
                return

    async def _look(self, article_id: str, names: tuple[str, ...], at_ms: int) -> Seen:
        seen = await self._index.look(article_id, names, at_ms)
        while not seen.filled:
            await self._fill()
            await self._index.mark_filled()
            seen = await self._index.look(article_id, names, at_ms)
        return seen


def gone(article_id: str, version: int, at_ms: int, known: Record | None) -> Record:
    """What is kept of an article that is gone, so that nobody brings it back who read it before."""
    if known is None:
        return Record(article_id, version, at_ms, "", None)
    return replace(known, version=version, profile=None)
