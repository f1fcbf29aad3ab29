"""Is a channel what it was? Its windows, digests, bodies, cursor and ledger, against its facts."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from newsfeed import streams
from newsfeed.errors import EventUnreadable
from newsfeed.eventlog.channel_log import LEDGER_BUCKETS, ChannelLog, recorded_channels
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.cursor import NO_WINDOW, Delivered, ledger_changes, order_of, window_milliseconds
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.retention import retained_from
from newsfeed.eventlog.verify import Problem, Problems, wrong_with
from newsfeed.events import ChannelEvent, DigestPublished, parse_channel_event
from newsfeed.values import Range

BUCKETS_AT_ONCE = 64


@dataclass(slots=True)
class ChannelFold:
    """What was seen of a channel's facts; :meth:`problems` takes them in order. Pure."""

    channel: str
    window_id: str = NO_WINDOW
    number: int = 0
    positions: dict[int, int] = field(default_factory=dict)
    ledger: dict[str, Delivered] = field(default_factory=dict)
    regular_id: str = NO_WINDOW
    digest_ids: set[str] = field(default_factory=set)
    superseded: set[int] = field(default_factory=set)

    def problems(self, window_id: str, fact: ChannelEvent) -> Iterator[Problem]:
        """What is wrong with the next window."""
        self.window_id = window_id
        if fact.channel != self.channel:
            yield self.problem("channel_wrong", window_id, f"the fact is of the channel {fact.channel}")
        for one in fact.window.ranges:
            yield from self._range(window_id, one)
        closed_ms = window_milliseconds(fact.window.closed_at)
        if int(window_id.partition("-")[0]) != closed_ms:
            yield self.problem("window_id_wrong", window_id, f"the window closed at {closed_ms} ms")
        if isinstance(fact, DigestPublished):
            if fact.number != self.number + 1:
                detail = f"digest {fact.number} follows digest {self.number}"
                yield self.problem("number_wrong", window_id, detail)
            self.number = fact.number
            self.digest_ids.add(window_id)
            yield from self._supersedes(window_id, fact)
        if not getattr(fact, "extra", False):
            self.regular_id = window_id
        self.ledger |= ledger_changes(fact)

    def _supersedes(self, window_id: str, fact: DigestPublished) -> Iterator[Problem]:
        number = fact.supersedes
        if number is not None and (not 0 < number < fact.number or number in self.superseded):
            detail = f"digest {fact.number} replaces digest {number}, which cannot be"
            yield self.problem("supersedes_wrong", window_id, detail)
        self.superseded |= {number} if number else set()

    def _range(self, window_id: str, one: Range) -> Iterator[Problem]:
        before = self.positions.get(one.partition, 0)
        if one.after != before or one.through < one.after:
            detail = f"it covers ({one.after}, {one.through}], the window before ended at {before}"
            yield Problem("window_hole", detail, one.partition, before, self.channel, window_id)
        self.positions[one.partition] = one.through

    def problem(self, code: str, stream_id: str | None, detail: str) -> Problem:
        """A problem of this channel."""
        return Problem(code, detail, channel=self.channel, stream_id=stream_id)


async def verify_channels(log: EventLog) -> Problems:
    """Everything that is wrong with any channel that ever closed a window."""
    for channel in await recorded_channels(log.redis):
        async with aclosing(_verify_channel(log, channel)) as problems:
            async for problem in problems:
                yield problem


async def _verify_channel(log: EventLog, channel: str) -> Problems:
    fold = ChannelFold(channel)
    cursor, newest = await _ends(log, channel)
    checks = (
        _windows(log, fold, newest),
        _foreign_digests(log, fold),
        _ledger(log, fold, complete=bool(cursor)),
    )
    for check in checks:
        async with aclosing(check) as problems:
            async for problem in problems:
                yield problem
    for problem in cursor_problems(fold, cursor):
        yield problem


async def _windows(log: EventLog, fold: ChannelFold, newest: str) -> Problems:
    """Fold every fact up to the newest, and look at what each digest left that is still kept."""
    kept_from = order_of(await retained_from(log.redis, fold.channel))
    async with aclosing(_facts(log, fold.channel, newest)) as facts:
        async for window_id, fact in facts:
            if isinstance(fact, EventUnreadable):
                yield fold.problem("event_unreadable", window_id, fact.detail)
                continue
            for problem in fold.problems(window_id, fact):
                yield problem
            if isinstance(fact, DigestPublished) and order_of(window_id) >= kept_from:
                for problem in await _digest_problems(log, fold, window_id, fact):
                    yield problem


async def _ends(log: EventLog, channel: str) -> tuple[dict[bytes, bytes], str]:
    """The cursor and the id of the newest window, at one moment; what comes later is left out."""
    pipeline = log.redis.pipeline(transaction=True)
    pipeline.hgetall(streams.cursor(channel))
    pipeline.xrevrange(streams.windows(channel), count=1)
    cursor, page = await pipeline.execute()
    return cursor, cast("bytes", page[0][0]).decode() if page else NO_WINDOW


async def _facts(
    log: EventLog, channel: str, newest: str
) -> AsyncGenerator[tuple[str, ChannelEvent | EventUnreadable], None]:
    start = "-"
    while page := await log.redis.xrange(streams.windows(channel), start, newest, count=100):
        for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
            start = f"({stream_id.decode()}"
            try:
                yield stream_id.decode(), parse_channel_event(fields.get(FIELD_DATA, b""))
            except EventUnreadable as error:
                yield stream_id.decode(), error


async def _digest_problems(
    log: EventLog, fold: ChannelFold, window_id: str, fact: DigestPublished
) -> list[Problem]:
    """The rendered bytes must be what the fact says, and the public stream must carry the JSON of them."""
    found: list[Problem] = []
    redacted = False
    for name, sha256 in fact.bodies.items():
        stored = await log.redis.get(streams.body(fold.channel, sha256))
        redacted = redacted or stored == ERASED
        what = wrong_with(sha256, cast("bytes | None", stored))
        if what:
            found.append(fold.problem(f"body_{what}", window_id, f"{name} body of digest {fact.number}"))
    for revised in fact.revises:
        for name, sha256 in revised.bodies.items():
            stored = await log.redis.get(streams.body(fold.channel, sha256))
            if what := wrong_with(sha256, cast("bytes | None", stored)):
                detail = f"{name} body of revision {revised.revision} of digest {revised.number}"
                found.append(fold.problem(f"body_{what}", window_id, detail))
    page = await log.redis.xrange(streams.digests(fold.channel), window_id, window_id)
    if not page:
        return [*found, fold.problem("digest_missing", window_id, f"digest {fact.number} is not public")]
    fields = cast("dict[bytes, bytes]", page[0][1])
    public_sha256 = hashlib.sha256(fields.get(FIELD_DATA, b"")).hexdigest()
    number = fields.get(b"number", b"").decode(errors="replace")
    is_frozen = redacted or fact.bodies.get("json", public_sha256) == public_sha256
    if number != str(fact.number) or not is_frozen:
        detail = f"the public digest is not the JSON of digest {fact.number}"
        found.append(fold.problem("digest_wrong", window_id, detail))
    return found


async def _foreign_digests(log: EventLog, fold: ChannelFold) -> Problems:
    """Behind every public digest stands a fact; for one that came out meanwhile it is looked up."""
    channel_log = ChannelLog(log.redis, fold.channel)
    async with aclosing(channel_log.public()) as public:
        async for digest in public:
            if digest.stream_id not in fold.digest_ids and await channel_log.fact(digest.stream_id) is None:
                yield fold.problem("digest_foreign", digest.stream_id, "no fact stands behind it")


def cursor_problems(fold: ChannelFold, cursor: Mapping[bytes, bytes]) -> Iterator[Problem]:
    """The cursor must be the end of the fold; one that was dropped is made anew when it is needed. Pure."""
    if b"id" not in cursor:
        return
    expected = {"id": fold.window_id, "number": str(fold.number)}
    if b"regular" in cursor:  # Cursors written before there were extra digests have none.
        expected["regular"] = fold.regular_id
    expected |= {f"p{partition}": str(position) for partition, position in fold.positions.items()}
    stored = {name.decode(): value.decode(errors="replace") for name, value in cursor.items()}
    for name in sorted(expected.keys() | stored.keys()):
        if expected.get(name) != stored.get(name):
            detail = f"{name} of the cursor is {stored.get(name)}, the facts say {expected.get(name)}"
            yield fold.problem("cursor_wrong", fold.window_id, detail)


async def _ledger(log: EventLog, fold: ChannelFold, *, complete: bool) -> Problems:
    """The ledger must hold what the facts say, unless a digest came out meanwhile."""
    left = dict(fold.ledger)
    for start in range(0, LEDGER_BUCKETS, BUCKETS_AT_ONCE):
        pipeline = log.redis.pipeline(transaction=False)
        for bucket in range(start, start + BUCKETS_AT_ONCE):
            pipeline.hgetall(streams.delivered(fold.channel, bucket))
        answers: list[dict[bytes, bytes]] = await pipeline.execute()
        for bucket_held in answers:
            for article_id, stored in bucket_held.items():
                expected = left.pop(article_id.decode(), None)
                if not _agrees(stored, expected, fold.number):
                    said = stored.decode(errors="replace")
                    detail = f"of {article_id.decode()} it holds {said}, the facts say {expected}"
                    yield fold.problem("ledger_wrong", None, detail)
    for lost in left if complete else ():
        yield fold.problem("ledger_missing", None, f"it does not hold {lost}")


def _agrees(stored: bytes, expected: Delivered | None, newest: int) -> bool:
    try:
        held = Delivered.parse(stored)
    except ValueError:
        return False
    return held.digest > newest or held == expected
