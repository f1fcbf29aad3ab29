"""The facts of one channel: its windows in order, its digests as readers get them, and who holds what.

The stream of facts is the truth; the public stream, the cursor and the ledger of delivered articles
are projections that the same call keeps in step, and that can be made anew from it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import uuid4

from newsfeed import streams
from newsfeed.errors import LogDamaged, Poisonous, Retryable
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import pack, unpack
from newsfeed.eventlog.cursor import Cursor, Delivered, ledger_changes, revised_key, superseded_key
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.numbered import Raw, find_numbered, number_of
from newsfeed.eventlog.scripts import script
from newsfeed.events import ChannelEvent, DigestPublished, parse_channel_event
from newsfeed.values import DigestRevised

LEDGER_BUCKETS = 1024
"""Buckets of a channel's ledger: up to 512 articles each a hash keeps its compact form."""

RESTORE_COUNT = 1000
"""Articles of one write of a rebuild: about 1 ms of the server's time."""


class WindowClosed(Retryable):
    """Another publisher closed this window first; read the cursor again."""


class DigestsForeign(Poisonous):
    """Somebody else wrote to a stream of the channel: this window cannot be closed, a later one may be."""


@dataclass(frozen=True, slots=True)
class PublicDigest:
    """A digest as its subscribers get it: the id in the stream, its number, and the JSON."""

    stream_id: str
    number: int
    data: bytes


class ChannelLog:
    """One channel on one Redis."""

    def __init__(self, redis: Client, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._freeze = script(redis, "freeze")
        self._restore = script(redis, "restore")

    async def cursor(self) -> Cursor:
        """The end of the newest window; made anew from the facts when it was dropped."""
        stored = await self._stored_cursor()
        if not stored:
            await self._rebuild()
            stored = await self._stored_cursor()
        if not stored:
            return Cursor()
        positions = {int(name[1:]): int(value) for name, value in stored.items() if name.startswith(b"p")}
        window_id = stored[b"id"].decode()
        regular_id = stored.get(b"regular", stored[b"id"]).decode()
        return Cursor(window_id, int(stored[b"number"]), positions, regular_id)

    async def _stored_cursor(self) -> dict[bytes, bytes]:
        """Its fields; none while it is being made anew."""
        stored = cast("dict[bytes, bytes]", await self._redis.hgetall(streams.cursor(self._channel)))
        return stored if b"id" in stored else {}

    async def delivered(self, article_ids: Iterable[str]) -> dict[str, Delivered]:
        """What readers hold of some articles; those they never got are left out."""
        wanted = list(dict.fromkeys(article_ids))
        pipeline = self._redis.pipeline(transaction=False)
        for article_id in wanted:
            pipeline.hget(self._bucket(article_id), article_id)
        answers = await pipeline.execute() if wanted else []
        return {a: Delivered.parse(stored) for a, stored in zip(wanted, answers, strict=True) if stored}

    async def write_bodies(self, bodies: Mapping[str, bytes]) -> None:
        """Store rendered bytes under their sha256, before the fact that names them."""
        pipeline = self._redis.pipeline(transaction=False)
        for sha256, body in bodies.items():
            pipeline.set(streams.body(self._channel, sha256), pack(body), nx=True)
        await pipeline.execute()

    async def body(self, sha256: str) -> bytes | None:
        """Rendered bytes; None when they were erased or never stood there."""
        stored = await self._redis.get(streams.body(self._channel, sha256))
        return unpack(cast("bytes", stored)) if stored else None

    async def close(
        self, window_id: str, cursor: Cursor, fact: ChannelEvent, number: int, public: bytes = b""
    ) -> None:
        """Append a window's fact and, unless it was skipped, bring its digest out.

        Raises :class:`WindowClosed` when another publisher was first, or the cursor is gone, and
        :class:`DigestsForeign`; then nothing was written.
        """
        keys = [streams.windows(self._channel), streams.digests(self._channel), streams.cursor(self._channel)]
        ledger = ledger_changes(fact)
        arguments: list[str | int | bytes] = [
            window_id,
            cursor.window_id,
            fact.model_dump_json(exclude_none=True),
            public,
            number,
            streams.digests(self._channel),
            len(fact.window.ranges) + 1,
            "regular",
            cursor.after(window_id, fact).regular_id,
        ]
        for window_range in fact.window.ranges:
            arguments += [f"p{window_range.partition}", window_range.through]
        arguments.append(len(ledger))
        for article_id, delivered in ledger.items():
            bucket = self._bucket(article_id)
            if bucket not in keys:
                keys.append(bucket)
            arguments += [keys.index(bucket) + 1, article_id, delivered.stored()]
        reply = await self._freeze(keys=keys, args=arguments)
        if reply[0] == b"STALE":
            raise WindowClosed(f"the newest window of {self._channel} is {reply[1].decode()}")
        if reply[0] != b"OK":
            raise DigestsForeign("digests_foreign", f"{self._channel} goes on to {reply[1].decode()}")

    async def facts(self, after: str = "-") -> AsyncGenerator[tuple[str, ChannelEvent], None]:
        """The windows of the channel after an id, oldest first, each with its id."""
        start = after if after == "-" else f"({after}"
        while page := await self._redis.xrange(streams.windows(self._channel), start, count=100):
            for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
                yield stream_id.decode(), parse_channel_event(fields[FIELD_DATA])
                start = f"({stream_id.decode()}"

    async def newest(self) -> tuple[str, ChannelEvent] | None:
        """The newest window with its id; None before the first."""
        page = await self._redis.xrevrange(streams.windows(self._channel), count=1)
        for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
            return stream_id.decode(), parse_channel_event(fields[FIELD_DATA])
        return None

    async def newest_public(self) -> PublicDigest | None:
        """The digest that came out last; None before the first."""
        page = await self._redis.xrevrange(streams.digests(self._channel), count=1)
        return _public(page[0]) if page else None

    async def public(self, after: str = "-") -> AsyncGenerator[PublicDigest, None]:
        """The digests after a stream id, as subscribers get them, oldest first."""
        start = after if after == "-" else f"({after}"
        while page := await self._redis.xrange(streams.digests(self._channel), start, count=100):
            for raw in page:
                digest = _public(raw)
                start = f"({digest.stream_id}"
                yield digest

    async def public_page(self, after: str, count: int) -> list[PublicDigest]:
        """So many entries of the public stream after an id, oldest first; foreign ones have number 0."""
        page = await self._redis.xrange(streams.digests(self._channel), f"({after}", count=count)
        return [_public(raw) for raw in page or ()]

    async def newest_page(self, count: int, before: str = "+") -> list[PublicDigest]:
        """So many digests before an id, newest first."""
        end = before if before == "+" else f"({before}"
        page = await self._redis.xrevrange(streams.digests(self._channel), end, count=count)
        return [digest for digest in map(_public, page or ()) if digest.number]

    async def has_public(self, stream_id: str) -> bool:
        """Whether the public stream has an entry of this id."""
        return bool(await self._redis.xrange(streams.digests(self._channel), stream_id, stream_id))

    async def number_at(self, milliseconds: int) -> int:
        """The number of the newest digest that came out up to a time; 0 before the first."""
        page = await self._redis.xrevrange(streams.digests(self._channel), str(milliseconds), count=1)
        return number_of(cast("Raw", page[0])) if page else 0

    async def public_id(self, number: int) -> str | None:
        """The id of a digest in its stream; None for one that is not there, or not any more."""
        found = await find_numbered(self._redis, self._channel, number)
        return found[0].decode() if found else None

    async def public_body(self, number: int) -> bytes | None:
        """The JSON of a digest as its subscribers get it now; another than at first if it was redacted."""
        found = await find_numbered(self._redis, self._channel, number)
        return _public(found).data if found else None

    async def fact(self, window_id: str) -> ChannelEvent | None:
        """The fact of one window."""
        page = await self._redis.xrange(streams.windows(self._channel), window_id, window_id)
        for _, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
            return parse_channel_event(fields[FIELD_DATA])
        return None

    async def digest(self, number: int) -> DigestPublished | None:
        """The fact of one digest."""
        window_id = await self.public_id(number)
        fact = await self.fact(window_id) if window_id else None
        return fact if isinstance(fact, DigestPublished) else None

    async def revision(self, number: int) -> DigestRevised | None:
        """The newest revision of a digest; None if it still is what came out."""
        held = (await self.delivered([revised_key(number)])).get(revised_key(number))
        fact = await self.digest(held.digest) if held else None
        return next((one for one in fact.revises if one.number == number), None) if fact else None

    async def superseded_by(self, number: int) -> int | None:
        """The digest that replaced another one; None for one that still goes out."""
        held = (await self.delivered([superseded_key(number)])).get(superseded_key(number))
        return held.digest if held else None

    async def current_bodies(self, number: int) -> dict[str, bytes]:
        """What a digest reads like now, by format, its newest revision first; erased bodies are left out."""
        fact, revision = await self.digest(number), await self.revision(number)
        named = {**(fact.bodies if fact else {}), **(revision.bodies if revision else {})}
        found = {name: await self.body(sha256) for name, sha256 in named.items()}
        return {name: body for name, body in found.items() if body}

    def _bucket(self, article_id: str) -> str:
        return streams.delivered(self._channel, streams.bucket_of(article_id, 1, LEDGER_BUCKETS))

    async def _rebuild(self) -> None:
        """Make cursor and ledger anew from the facts; the same facts give the same bytes.

        Only what readers hold in the end is written, and only while no window is closed: somebody
        who is done already may publish. The cursor comes last: a rebuild that dies leaves none. Until
        then it holds a mark, which all share who rebuild: what is dropped meanwhile is begun again.
        """
        key, written = streams.cursor(self._channel), False
        while not written and not await self._stored_cursor() and await self.newest():
            await self._redis.hsetnx(key, "rebuilding", uuid4().hex)
            mark = cast("bytes | None", await self._redis.hget(key, "rebuilding")) or b""
            cursor, ledger = Cursor(), dict[str, str]()
            async for window_id, fact in self.facts():
                cursor = self.after(cursor, window_id, fact)
                ledger |= {article: held.stored() for article, held in ledger_changes(fact).items()}
            held = [(self._bucket(article), article, stored) for article, stored in ledger.items()]
            ends = [(key, name, value) for name, value in cursor.stored().items()]
            pages = [held[start : start + RESTORE_COUNT] for start in range(0, len(held), RESTORE_COUNT)]
            for page in (*pages, ends):
                written = await self._written(cursor.window_id, mark, page, is_last=page is ends)
                if not written:
                    break

    async def _written(
        self, window_id: str, mark: bytes, fields: Sequence[tuple[str, str, str]], *, is_last: bool
    ) -> bool:
        """Write (key, field, value) of some hashes, if window and mark still are those; whether they were."""
        cursor = streams.cursor(self._channel)
        keys = [streams.windows(self._channel), cursor]
        keys += [key for key in dict.fromkeys(key for key, _, _ in fields) if key != cursor]
        numbers = {key: number for number, key in enumerate(keys, start=1)}
        arguments: list[str | int | bytes] = [window_id, mark, int(is_last)]
        for key, field_, value in fields:
            arguments += [numbers[key], field_, value]
        return bool(await self._restore(keys=keys, args=arguments))

    def after(self, cursor: Cursor, window_id: str, fact: ChannelEvent) -> Cursor:
        """The cursor after one window more; raises :class:`LogDamaged` when a digest is missing."""
        if isinstance(fact, DigestPublished) and fact.number != cursor.number + 1:
            raise LogDamaged(f"digest {cursor.number + 1} of {self._channel} is missing")
        return cursor.after(window_id, fact)


async def recorded_channels(redis: Client) -> list[str]:
    """The channels that ever closed a window, by name; looks through all keys."""
    before, _, behind = streams.windows("*").partition("*")
    keys = [key async for key in redis.scan_iter(match=streams.windows("*"), count=1000, _type="stream")]
    return sorted(key.decode().removeprefix(before).removesuffix(behind) for key in keys)


def _public(raw: object) -> PublicDigest:
    stream_id, fields = cast("Raw", raw)
    return PublicDigest(stream_id.decode(), number_of((stream_id, fields)), fields.get(FIELD_DATA, b""))
