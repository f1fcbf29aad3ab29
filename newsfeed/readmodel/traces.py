"""From the file to every delivery, by cause: what happened to an article and because of what."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from uuid import UUID

from pydantic import AwareDatetime

from newsfeed.envelope import Frozen
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import (
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    DigestPublished,
    LogEvent,
    VersionEvent,
)
from newsfeed.readmodel.receipts import Receipt, receipts
from newsfeed.values import DigestReference, ItemPublished, NoticePublished, Seed


class Cause(Frozen):
    """The event that another one names as its cause; type and position are null when it is not in the log."""

    event_id: UUID
    type: str | None = None
    position: int | None = None


class Step(Frozen):
    """One event of the article."""

    event_id: UUID
    type: str
    position: int
    recorded_at: AwareDatetime | None
    correlation_id: UUID
    caused_by: Cause | None


class Delivery(Frozen):
    """What a channel told its readers; ``kind`` is ``item``, ``correction`` or ``retraction``.

    ``receipts`` are its deliveries to subscriptions, as they stand.
    """

    channel: str
    number: int
    stream_id: str
    kind: str
    version: int
    published_at: AwareDatetime
    corrects: DigestReference | None = None
    receipts: tuple[Receipt, ...] = ()


class VersionTrace(Step):
    """One version: the file it came from, what enrichment made of it, and where it went."""

    version: int
    seed: Seed
    enrichments: tuple[Step, ...]
    deliveries: tuple[Delivery, ...]


class ErasureTrace(Step):
    """Its texts were taken down; ``deliveries`` are the notices that told so."""

    version: int
    reason: str
    deliveries: tuple[Delivery, ...]


class DuplicateTrace(Step):
    """A second file with the same bytes."""

    seed: Seed


class Trace(Frozen):
    """Everything that happened to an article. ``correlation_id`` is that of its newest version."""

    article_id: str
    correlation_id: UUID | None
    partition: int
    versions: tuple[VersionTrace, ...]
    erasures: tuple[ErasureTrace, ...]
    duplicates: tuple[DuplicateTrace, ...]


async def trace(log: EventLog, article_ids: Sequence[str], channels: Iterable[str]) -> list[Trace]:
    """Follow articles from their files to every digest; each channel is read once."""
    wanted = set(article_ids)
    deliveries: dict[str, list[Delivery]] = {article_id: [] for article_id in article_ids}
    for channel in channels:
        async with aclosing(_deliveries(ChannelLog(log.redis, channel), wanted)) as found:
            told = [one async for one in found]
        sent = await _receipts(log, channel, {delivery.number for _, delivery in told})
        for article_id, delivery in told:
            update = {"receipts": tuple(sent.get(delivery.number, ()))}
            deliveries[article_id].append(delivery.model_copy(update=update))
    return [
        composed(article_id, log.partition_of(article_id), await log.history(article_id), told)
        for article_id, told in deliveries.items()
    ]


async def _receipts(log: EventLog, channel: str, numbers: set[int]) -> dict[int, list[Receipt]]:
    """The deliveries of some digests, by number."""
    found: dict[int, list[Receipt]] = {}
    for one in await receipts(log.redis, channel, lambda fact: fact.number in numbers) if numbers else ():
        found.setdefault(one.number, []).append(one)
    return found


def composed(
    article_id: str, partition: int, history: Sequence[Entry], deliveries: Sequence[Delivery]
) -> Trace:
    """Order an article's events by cause. Pure."""
    events = [entry.event for entry in history if not isinstance(entry.event, Exception)]
    known = {event.event_id: event for event in events}
    versions = tuple(
        _version(event, events, known, deliveries)
        for event in events
        if isinstance(event, VersionEvent) and not isinstance(event, ArticleErased)
    )
    return Trace(
        article_id=article_id,
        correlation_id=versions[-1].correlation_id if versions else None,
        partition=partition,
        versions=versions,
        erasures=tuple(
            ErasureTrace(
                **dict(_step(event, known)),
                version=event.version,
                reason=event.reason,
                deliveries=_of_version(deliveries, event.version),
            )
            for event in events
            if isinstance(event, ArticleErased)
        ),
        duplicates=tuple(
            DuplicateTrace(**dict(_step(event, known)), seed=event.seed)
            for event in events
            if isinstance(event, ArticleDuplicated)
        ),
    )


def _version(
    event: ArticleIngested | ArticleRevised | ArticleWithdrawn,
    events: Sequence[LogEvent],
    known: Mapping[UUID, LogEvent],
    deliveries: Sequence[Delivery],
) -> VersionTrace:
    return VersionTrace(
        **dict(_step(event, known)),
        version=event.version,
        seed=event.seed,
        enrichments=tuple(
            _step(found, known)
            for found in events
            if isinstance(found, ArticleEnriched) and found.of_position == event.position
        ),
        deliveries=_of_version(deliveries, event.version),
    )


def _of_version(deliveries: Sequence[Delivery], version: int) -> tuple[Delivery, ...]:
    return tuple(told for told in deliveries if told.version == version)


def _step(event: LogEvent, known: Mapping[UUID, LogEvent]) -> Step:
    cause = None
    if event.causation_id:
        before = known.get(event.causation_id)
        cause = Cause(
            event_id=event.causation_id,
            type=before.type if before else None,
            position=before.position if before else None,
        )
    return Step(
        event_id=event.event_id,
        type=event.type,
        position=event.position or 0,
        recorded_at=event.recorded_at,
        correlation_id=event.correlation_id,
        caused_by=cause,
    )


async def _deliveries(
    channel_log: ChannelLog, wanted: set[str]
) -> AsyncGenerator[tuple[str, Delivery], None]:
    async with aclosing(channel_log.facts()) as facts:
        async for stream_id, fact in facts:
            if isinstance(fact, DigestPublished):
                everything: tuple[ItemPublished | NoticePublished, ...] = (*fact.items, *fact.notices)
                for said in everything:
                    if said.article_id in wanted:
                        yield said.article_id, _delivery(stream_id, fact, said)


def _delivery(stream_id: str, fact: DigestPublished, said: ItemPublished | NoticePublished) -> Delivery:
    notice = said if isinstance(said, NoticePublished) else None
    return Delivery(
        channel=fact.channel,
        number=fact.number,
        stream_id=stream_id,
        kind=notice.kind if notice else "item",
        version=said.version,
        published_at=fact.window.closed_at,
        corrects=notice.corrects if notice else None,
    )
