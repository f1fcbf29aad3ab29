"""What a window holds: a range of positions per partition, read once, the same for every publisher.

A window ends in each partition before the first entry recorded at or after its boundary. Entries
below the boundary never change any more once the server's clock has passed it, so two publishers
that close the same window find the same articles.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import datetime

from newsfeed import logs
from newsfeed.channels import Channel
from newsfeed.errors import EventUnreadable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.cursor import Cursor, Delivered, story_key
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleWithdrawn
from newsfeed.values import Range, Window
from services.publish.arrivals import Arrivals
from services.publish.candidates import Candidate, Withdrawal
from services.publish.loading import load_candidates
from services.publish.matching import why
from services.publish.passing import Passed
from services.publish.querying import Ancestors
from services.publish.sameness import marked

PAGE_COUNT = 500
"""Entries that are asked together whether they fill a digest."""

Placed = tuple[datetime, int, Entry]
"""An entry with the time of its record and its partition."""


@dataclass(slots=True)
class Contents:
    """A window that may be closed: where it ends and all that may stand in its digest."""

    window: Window
    candidates: list[Candidate]
    withdrawals: list[Withdrawal]
    delivered: Mapping[str, Delivered]

    @property
    def is_empty(self) -> bool:
        """Whether the window covers no position at all."""
        return all(r.after == r.through for r in self.window.ranges)


def uncovered(window: Window) -> Window:
    """The window of an extra digest that comes out while another is open: it covers no position."""
    ranges = (Range(partition=one.partition, after=one.after, through=one.after) for one in window.ranges)
    return window.model_copy(update={"ranges": tuple(ranges)})


async def contents(  # noqa: PLR0913 - what a window is made of, and what is remembered of it
    log: EventLog,
    channel_log: ChannelLog,
    channel: Channel,
    cursor: Cursor,
    boundary: datetime,
    *,
    ancestors: Ancestors,
    arrivals: Arrivals | None = None,
) -> Contents:
    """Read the window from the cursor to the boundary, or to where it is full.

    With ``arrivals`` what is no concern of the channel is left out; the digest is the same.
    """
    after = {partition: cursor.positions.get(partition, 0) for partition in range(log.manifest.partitions)}
    remembered = arrivals.window(channel, after, boundary) if arrivals else None
    passed = remembered or await _read(log, channel, after, boundary, ancestors)
    if arrivals:
        await _leave_out(passed, arrivals, channel_log, channel)
    await _drop_overtaken(log, passed)
    ranges = (Range(partition=p, after=after[p], through=passed.through[p]) for p in sorted(after))
    candidates = await load_candidates(log, passed.enriched)
    delivered = await channel_log.delivered(_looked_up(passed))
    return Contents(
        window=Window(
            opened_at=cursor.opened_at,
            closed_at=_closed_at(passed, cursor) or boundary,
            ranges=tuple(ranges),
        ),
        candidates=await marked(log, candidates, delivered),
        withdrawals=[Withdrawal(event, partition) for partition, event in passed.withdrawn.values()],
        delivered=delivered,
    )


async def _leave_out(passed: Passed, arrivals: Arrivals, channel_log: ChannelLog, channel: Channel) -> None:
    """Articles that do not belong to the channel, and of which its readers hold nothing to correct.

    A first version corrects nothing.
    """
    foreign = {
        article_id: event.version
        for article_id, (partition, event) in passed.enriched.items()
        if not arrivals.belongs(channel, partition, event.position or 0)
    }
    revised = [article_id for article_id, version in foreign.items() if version > 1]
    held = await channel_log.delivered(revised) if revised else {}
    for article_id in foreign.keys() - held.keys():
        del passed.enriched[article_id]


def _looked_up(passed: Passed) -> list[str]:
    """What the ledger is asked for: the articles of the window, their stories, and what they are alike."""
    keys = [*passed.enriched, *passed.withdrawn]
    for _, event in passed.enriched.values():
        keys += [alike.article_id for alike in event.alike]
        keys += [story_key(event.story_id)] if event.story_id else []
    return keys


def _closed_at(passed: Passed, cursor: Cursor) -> datetime | None:
    """When a full window closed, in whole milliseconds as its id tells it; None if it is not full.

    Never before the window that it continues: the server's clock may have been set back since.
    """
    if passed.full_at is None:
        return None
    full_at = passed.full_at.replace(microsecond=passed.full_at.microsecond // 1000 * 1000)
    return max(full_at, cursor.closed_at or full_at)


async def _drop_overtaken(log: EventLog, passed: Passed) -> None:
    """An enrichment that comes out of order must not bring an old text, or a dead article, out.

    That can only be where the log knew a newer version: there the article's whole past is looked at.
    """
    newest = await log.newest_versions(passed.enriched, passed.through)
    for article_id, (partition, enriched) in list(passed.enriched.items()):
        known = newest.get(article_id)
        if known is None or known.version == enriched.version:
            continue
        for entry in await log.history(article_id):
            if entry.position > passed.through[partition]:
                break
            match entry.event:
                case ArticleWithdrawn() | ArticleErased() as event:
                    passed.withdrawn[article_id] = (partition, event)
                case ArticleEnriched(version=version) if version > enriched.version:
                    passed.enriched.pop(article_id, None)
                case _:
                    pass


async def _read(
    log: EventLog, channel: Channel, after: Mapping[int, int], boundary: datetime, ancestors: Ancestors
) -> Passed:
    """The entries below the boundary; a channel of seconds stops as soon as its digest is full."""
    passed, articles = Passed(dict(after)), set[str]()
    async with aclosing(_merged(log, after, boundary)) as entries:
        async for page in _pages(entries):
            counted = await _counted(log, channel, page, ancestors)
            for recorded_at, partition, entry in page:
                passed.through[partition] = entry.position
                passed.take(partition, entry)
                if article_id := counted.get((partition, entry.position)):
                    articles.add(article_id)
                    if len(articles) >= channel.max_items:
                        passed.full_at = recorded_at
                        return passed
    return passed


async def _pages(entries: AsyncIterator[Placed]) -> AsyncGenerator[list[Placed], None]:
    page: list[Placed] = []
    async for one in entries:
        page.append(one)
        if len(page) == PAGE_COUNT:
            yield page
            page = []
    yield page


async def _counted(
    log: EventLog, channel: Channel, page: Sequence[Placed], ancestors: Ancestors
) -> dict[tuple[int, int], str]:
    """The articles that fill the digest of a channel of seconds, by where their enrichments stand."""
    found = {
        (partition, entry.position): entry.event
        for _, partition, entry in page
        if isinstance(entry.event, ArticleEnriched)
    }
    if channel.is_calendar:
        return {}
    if channel.is_unrestricted:
        return {place: event.article_id for place, event in found.items()}
    named = {str(place): (place[0], event) for place, event in found.items()}
    return {
        (one.partition, one.position): one.article_id
        for one in await load_candidates(log, named)
        if why(channel, one, ancestors) is not None
    }


async def _merged(
    log: EventLog, after: Mapping[int, int], boundary: datetime
) -> AsyncGenerator[Placed, None]:
    """The readable entries of all partitions below the boundary, by time of record, then by partition."""
    async with AsyncExitStack() as stack:
        readers = {p: _below(log, p, position, boundary) for p, position in after.items()}
        for reader in readers.values():
            await stack.enter_async_context(aclosing(reader))
        heap: list[tuple[datetime, int, int, Entry]] = []

        async def push(partition: int) -> None:
            async for recorded_at, entry in readers[partition]:
                heapq.heappush(heap, (recorded_at, partition, entry.position, entry))
                break

        for partition in readers:
            await push(partition)
        while heap:
            recorded_at, partition, _, entry = heapq.heappop(heap)
            yield recorded_at, partition, entry
            await push(partition)


async def _below(
    log: EventLog, partition: int, after: int, boundary: datetime
) -> AsyncGenerator[tuple[datetime, Entry], None]:
    """The readable entries of a partition recorded before the boundary, each with its time.

    When an unreadable one was recorded nobody can tell: it belongs to the window of the readable one
    behind it, whenever that is read.
    """
    unreadable: list[tuple[int, str]] = []
    async with aclosing(log.read(partition, after=after)) as entries:
        async for entry in entries:
            if isinstance(entry.event, EventUnreadable):
                unreadable.append((entry.position, entry.event.detail))
                continue
            recorded_at = entry.event.recorded_at
            assert recorded_at is not None
            if recorded_at >= boundary:
                return
            for position, detail in unreadable:
                logs.get_logger().warning(
                    "publish.entry_unreadable", partition=partition, position=position, detail=detail
                )
            unreadable.clear()
            yield recorded_at, entry
