"""Whether a retraction replaces a digest: it does while the digest has not reached everybody.

Then what was not sent yet is not sent any more, and the replacement goes to everyone: who had the old
digest reads in it what was taken back. Otherwise the retraction is a notice like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.cursor import Cursor
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.events import ArticleEnriched
from services.publish.candidates import Candidate
from services.publish.composing import retractions
from services.publish.digests import AlsoReported, Item, Reason
from services.publish.items import item_of
from services.publish.loading import load_candidates
from services.publish.matching import why
from services.publish.querying import Ancestors
from services.publish.replacing import Old, Replacement, replacement, wanted_anew
from services.publish.revising import as_shown, told_by
from services.publish.selecting import Selected
from services.publish.unsent import Unsent
from services.publish.windows import Contents, uncovered


class Superseding:
    """Looks for digests of one channel that have to be replaced."""

    def __init__(
        self,
        log: EventLog,
        channel: Channel,
        ancestors: Ancestors,
        facts: ChannelLog,
        registry_log: RegistryLog,
    ) -> None:
        self._log = log
        self._channel = channel
        self._ancestors = ancestors
        self._facts = facts
        self._unsent = Unsent(log.redis, channel.name, facts, registry_log)

    async def may_concern(self, withdrawn: Collection[str] | None, now: datetime) -> bool:
        """Whether any of some withdrawn articles stands in a digest that has not reached everybody.

        None for articles that nobody remembers: then whether there is such a digest at all.
        """
        if withdrawn is None:
            newest = await self._facts.newest_public()
            return bool(newest and await self._unsent.any_up_to(newest.number, now))
        held = await self._facts.delivered(withdrawn)
        told = {one: known.digest for one, known in held.items() if known.content_sha256 is not None}
        return bool(told and await self._unsent.among((await self._carriers(told)).values(), now))

    async def found(self, cursor: Cursor, contents: Contents, now: datetime) -> Replacement | None:
        """The replacement for the oldest digest of which an open window takes something back.

        None if there is none, or if it is not kept any more.
        """
        notices = retractions(contents.candidates, contents.withdrawals, contents.delivered)
        told = {notice.article_id: notice.corrects.digest for notice in notices}
        carriers = await self._carriers(told)
        for number in await self._unsent.among(carriers.values(), now):
            fact, shown = await self._facts.digest(number), await as_shown(self._facts, number)
            if fact is None or shown is None or await self._facts.superseded_by(number) is not None:
                continue
            mine = [one for one in notices if carriers.get(one.article_id) == number]
            old = Old(fact, shown, await self._facts.delivered(fact.article_ids), mine)
            window = uncovered(contents.window)
            window_id = cursor.next_id(window.closed_at)
            anew = await self._anew(old, cursor)
            return replacement(self._channel, cursor.number + 1, window_id, window, old, anew)
        return None

    async def _carriers(self, told: Mapping[str, int]) -> dict[str, int]:
        """The newest digest that has each article as an item, given the one that told of it last."""
        found: dict[str, int] = {}
        for article_id, newest in told.items():
            for number in await told_by(self._facts, article_id, newest):
                fact = await self._facts.digest(number)
                if fact and any(one.article_id == article_id for one in fact.items):
                    found[article_id] = number
                    break
        return found

    async def _anew(self, old: Old, cursor: Cursor) -> dict[str, Item]:
        """Articles of an old digest as an item would tell of them now, those left out that cannot be read."""
        wanted = {one.article_id: one for one in wanted_anew(old)}
        enriched: dict[str, tuple[int, ArticleEnriched]] = {}
        for article_id in wanted:
            partition = self._log.partition_of(article_id)
            for entry in await self._log.history(article_id):
                event = entry.event
                if entry.position > cursor.positions.get(partition, 0):
                    break
                if isinstance(event, ArticleEnriched) and event.version == old.held[article_id].version:
                    enriched[article_id] = partition, event
        found: dict[str, Item] = {}
        for candidate in await load_candidates(self._log, enriched):
            reasons = self._reasons(candidate, wanted[candidate.article_id])
            cluster = (Selected(candidate, reasons),)
            found[candidate.article_id] = item_of(cluster, old.shown.window, {})
        return found

    def _reasons(self, candidate: Candidate, told: Item | AlsoReported) -> tuple[Reason, ...]:
        """Why it is here: as it was told, or by its newer text; without places if that no longer belongs."""
        if candidate.version == told.version:
            return told.why
        blank = tuple(one.model_copy(update={"mentions": ()}) for one in told.why)
        return why(self._channel, candidate, self._ancestors) or blank
