"""Is the log what it was? Every promise of a partition, checked entry by entry; nothing is written.

Safe beside a running service: what is appended while the check runs is left out of it. Memory holds
one head per article.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from newsfeed import streams, zstd
from newsfeed.errors import LogDamaged
from newsfeed.eventlog.content import ERASED, unpack
from newsfeed.eventlog.entries import Entry, entry_id, position_of
from newsfeed.eventlog.log import EventLog, Head, read_head
from newsfeed.eventlog.verify_archive import damages, lost_positions, pages, shortcomings
from newsfeed.events import (
    ArticleEnriched,
    ArticleErased,
    ArticleEvent,
    ArticleIngested,
    ArticleRevised,
    LogEvent,
    VersionEvent,
)

FOREIGN_SHOWN = 10
"""Foreign entries behind the tail that are named one by one."""

BUCKETS_AT_ONCE = 64
"""Head buckets that are fetched together: about 30 000 articles at most."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Damage of a stable ``code``: where it is, and what is wrong in a sentence without any text of news.

    ``position`` is that in the ``partition``; a channel's problems name ``channel`` and ``stream_id``,
    those of the archive its ``segment``.
    """

    code: str
    detail: str
    partition: int | None = None
    position: int | None = None
    channel: str | None = None
    stream_id: str | None = None
    segment: str | None = None


Problems = AsyncGenerator[Problem, None]


@dataclass(slots=True)
class PartitionFold:
    """What was seen of one partition; :meth:`problems` takes the entries in order. Pure.

    Of ``lost`` positions nothing is known, so nothing that depends on them is wrong.
    """

    partition: int
    lost: Sequence[range] = ()
    position: int = 0
    recorded_at: datetime | None = None
    heads: dict[str, Head] = field(default_factory=dict)

    def problems(self, entry: Entry) -> Iterator[Problem]:
        """What is wrong with the next entry and with what should stand before it."""
        yield from self.missing(entry.position - 1)
        self.position = entry.position
        if isinstance(entry.event, Exception):
            yield self._problem("event_unreadable", entry.position, entry.event.detail)
            return
        event = entry.event
        yield from self._envelope(entry, event)
        yield from self._chain(entry, event)
        before = self.heads.get(event.subject, Head())
        erased = entry.position if isinstance(event, ArticleErased) else before.erased
        self.heads[event.subject] = Head(entry.version, entry.position, erased)

    def missing(self, through: int) -> Iterator[Problem]:
        """What should stand between the entry that was seen last and a position."""
        for missing in range(self.position + 1, through + 1):
            if not self.is_lost(missing):
                yield self._problem("position_missing", missing, "there is no entry")

    def is_lost(self, position: int) -> bool:
        """Whether nothing is known of a position."""
        return any(position in positions for positions in self.lost)

    def _envelope(self, entry: Entry, event: LogEvent) -> Iterator[Problem]:
        if event.position != entry.position:
            yield self._problem("position_wrong", entry.position, f"its event says {event.position}")
        if str(event.event_id) != entry.event_id:
            yield self._problem("event_id_wrong", entry.position, f"its event says {event.event_id}")
        if event.recorded_at is None or (self.recorded_at and event.recorded_at < self.recorded_at):
            yield self._problem("recorded_at_fell", entry.position, f"it says {event.recorded_at}")
        self.recorded_at = event.recorded_at or self.recorded_at

    def _chain(self, entry: Entry, event: LogEvent) -> Iterator[Problem]:
        before = self.heads.get(event.subject, Head())
        if self.is_lost(entry.previous):
            return
        if entry.previous != before.position:
            detail = (
                f"it names {entry.previous} as the entry before of {event.subject}, not {before.position}"
            )
            yield self._problem("chain_broken", entry.position, detail)
        expected = before.version + isinstance(event, VersionEvent)
        said = event.version if isinstance(event, VersionEvent) else entry.version
        if not entry.version == said == expected:
            detail = f"version {said} of {event.subject}, it should be {expected}"
            yield self._problem("version_wrong", entry.position, detail)

    def _problem(self, code: str, position: int, detail: str) -> Problem:
        return Problem(code, detail, self.partition, position)


async def verify_log(log: EventLog) -> Problems:
    """Everything that is wrong with the article log, partition by partition."""
    for partition in range(log.manifest.partitions):
        async with aclosing(_verify_partition(log, partition)) as problems:
            async for problem in problems:
                yield problem


async def _verify_partition(log: EventLog, partition: int) -> Problems:
    tail, newest = await _ends(log, partition)
    damaged = await damages(log, partition)
    for damage in damaged:
        yield Problem("segment_damaged", str(damage), partition, segment=damage.name)
    fold = PartitionFold(partition, lost_positions(damaged))
    async with aclosing(pages(log, partition, tail, fold.lost)) as found_pages:
        async for page in found_pages:
            found = [problem for entry in page for problem in fold.problems(entry)]
            found += await _documents(log, fold, page)
            found += await _children(log, fold, page)
            for problem in found:
                yield problem
    for problem in fold.missing(tail):
        yield problem
    for short in await shortcomings(log, partition, fold.lost):
        yield Problem(short.code, short.detail, partition, short.position, segment=short.segment)
    for problem in await _beyond(log, partition, tail, newest):
        yield problem
    async with aclosing(_heads(log, fold, tail)) as problems:
        async for problem in problems:
            yield problem


async def _ends(log: EventLog, partition: int) -> tuple[int, str]:
    """The tail and the stream's own idea of its end, at one moment."""
    key = streams.log(partition)
    pipeline = log.redis.pipeline(transaction=True)
    pipeline.hget(streams.tail(partition), "n")
    pipeline.exists(key)
    if await log.redis.exists(key):
        pipeline.xinfo_stream(key)
    tail, _, *info = await pipeline.execute()
    newest = cast("bytes", info[0]["last-generated-id"]).decode() if info else entry_id(0)
    return int(tail or 0), newest


async def _beyond(log: EventLog, partition: int, tail: int, newest: str) -> list[Problem]:
    """What stands behind the tail: a log that others wrote to takes no more, so it is still there."""
    if newest == entry_id(tail):
        return []
    detail = f"the stream ends at {newest}, the tail says {entry_id(tail)}"
    page = await log.redis.xrange(streams.log(partition), f"({entry_id(tail)}", count=FOREIGN_SHOWN)
    ids = [cast("bytes", raw[0]) for raw in page or ()]
    return [
        Problem("tail_wrong", detail, partition, tail),
        *(
            Problem(
                "entry_foreign",
                f"entry {stream_id.decode()} stands behind the tail: somebody else wrote it",
                partition,
                _known_position(stream_id),
            )
            for stream_id in ids
        ),
    ]


def _known_position(stream_id: bytes) -> int | None:
    try:
        return position_of(stream_id)
    except LogDamaged:
        return None


async def _documents(log: EventLog, fold: PartitionFold, page: Sequence[Entry]) -> list[Problem]:
    """The texts that a page names must be there, or be marked as erased, and be what their key says.

    What enrichment found in a text that was erased before it was done was never stored.
    """
    partition = fold.partition
    wanted: dict[str, int] = {}
    for entry in page:
        match entry.event:
            case ArticleIngested(content_sha256=sha256) | ArticleRevised(content_sha256=sha256):
                wanted[sha256] = entry.position
            case ArticleEnriched(content_sha256=sha256, enrichment_sha256=found) as event:
                wanted[sha256] = entry.position
                if event.of_position > fold.heads[event.article_id].erased:
                    wanted[found] = entry.position
    if not wanted:
        return []
    stored = await log.redis.mget([streams.content(partition, sha256) for sha256 in wanted])
    return [
        Problem(f"document_{what}", f"document {sha256}", partition, position)
        for (sha256, position), value in zip(wanted.items(), stored, strict=True)
        if (what := wrong_with(sha256, cast("bytes | None", value)))
    ]


def wrong_with(sha256: str, stored: bytes | None) -> str | None:
    """``missing`` or ``damaged``; None for packed bytes of that hash, and for erased ones. Pure."""
    if stored is None:
        return "missing"
    if stored == ERASED:
        return None
    try:
        data = unpack(stored)
    except zstd.ZstdError:
        return "damaged"
    return None if hashlib.sha256(data).hexdigest() == sha256 else "damaged"


async def _children(log: EventLog, fold: PartitionFold, page: Sequence[Entry]) -> list[Problem]:
    """An enrichment must name the place of the very version that it is about."""
    enriched = [entry.event for entry in page if isinstance(entry.event, ArticleEnriched)]
    children = [event for event in enriched if not fold.is_lost(event.of_position)]
    wanted = {
        position
        for event in children
        for position in (event.of_position, event.corrected_through)
        if position
    }
    origins = await log.entries(fold.partition, wanted) if children else {}
    return [
        Problem(
            "of_position_wrong",
            f"version {event.version} of {event.article_id} does not stand at {event.of_position}",
            fold.partition,
            event.position,
        )
        for event in children
        if not is_child(event, origins)
    ]


def is_child(event: ArticleEnriched, origins: Mapping[int, Entry]) -> bool:
    """Whether the version that an enrichment is about, and what corrected it, stand where it says. Pure."""
    origin = origins[event.of_position].event if event.of_position in origins else None
    corrected = origins.get(event.corrected_through or 0)
    correction = corrected.event if corrected else None
    causes = {None, *(one.event_id for one in (origin, correction) if isinstance(one, ArticleEvent))}
    return (
        isinstance(origin, ArticleIngested | ArticleRevised)
        and (origin.article_id, origin.version, origin.content_sha256)
        == (event.article_id, event.version, event.content_sha256)
        and event.causation_id in causes
        and (correction is None or getattr(correction, "article_id", None) == event.article_id)
    )


async def _heads(log: EventLog, fold: PartitionFold, tail: int) -> Problems:
    """Every head must be where the fold ends, unless something was appended meanwhile."""
    left = dict(fold.heads)
    for start in range(0, log.manifest.buckets, BUCKETS_AT_ONCE):
        pipeline = log.redis.pipeline(transaction=False)
        for bucket in range(start, min(start + BUCKETS_AT_ONCE, log.manifest.buckets)):
            pipeline.hgetall(streams.heads(fold.partition, bucket))
        answers: list[dict[bytes, bytes]] = await pipeline.execute()
        for stored in answers:
            for subject, value in stored.items():
                expected = left.pop(subject.decode(), Head())
                if not _agrees(value, expected, fold, tail):
                    said = value.decode(errors="replace")
                    detail = f"the head of {subject.decode()} is {said}, the log says {expected}"
                    yield Problem("head_wrong", detail, fold.partition, expected.position or None)
    for lost, head in left.items():
        yield Problem("head_missing", f"{lost} has no head", fold.partition, head.position)


def _agrees(stored: bytes, expected: Head, fold: PartitionFold, tail: int) -> bool:
    try:
        head = read_head(stored)
    except ValueError:
        return False
    lost = fold.is_lost(head.position) or fold.is_lost(head.erased)
    return head.position > tail or lost or head == expected
