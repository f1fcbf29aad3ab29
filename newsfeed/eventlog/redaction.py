"""Taking an article out of digests that came out: what the readers of old digests get from now on.

The fact of a digest stands: it says which articles it held, and the hashes of its renderings. The
renderings themselves are blanked, and the public JSON is replaced by one that says of the article
only that it was there. Its ``sha256`` is that of the new content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

import orjson

from newsfeed import streams
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.scripts import script
from newsfeed.events import DigestPublished

PAGE = 100
"""Digests that are copied together."""

TEXT_OF_ITEM: dict[str, object] = {
    "title": None,
    "summary": None,
    "url": None,
    "byline": None,
    "entities": [],
    "topics": [],
}
"""What an item says in the words of its article, and what is left of that."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A digest that an article was taken out of."""

    channel: str
    number: int


async def redact(redis: Client, channel: str, article_ids: Collection[str]) -> list[Redacted]:
    """Take articles out of every digest of a channel that is not free of them yet; may be repeated.

    A crash in between leaves the old digests, or the new ones, and the rest to the next call.
    """
    facts, sha256s = await _naming(redis, channel, article_ids)
    bodies = [streams.body(channel, sha256) for sha256 in sha256s]
    rendered = [key for key in bodies if await redis.strlen(key)]
    shown = await _shows(redis, channel, facts, article_ids)
    if shown:
        await _rewrite(redis, channel, facts, article_ids)
    for key in rendered:
        await redis.set(key, ERASED, xx=True)
    return [Redacted(channel, fact.number) for fact in facts.values()] if shown or rendered else []


async def _naming(
    redis: Client, channel: str, article_ids: Collection[str]
) -> tuple[dict[str, DigestPublished], list[str]]:
    """The digests that speak of any of the articles, by id, and the bodies of theirs and their revisions."""
    naming: dict[str, DigestPublished] = {}
    numbers: set[int] = set()
    sha256s: dict[str, None] = {}
    async with aclosing(ChannelLog(redis, channel).facts()) as facts:
        async for window_id, fact in facts:
            if not isinstance(fact, DigestPublished):
                continue
            if not fact.article_ids.isdisjoint(article_ids):
                naming[window_id] = fact
                numbers.add(fact.number)
                sha256s |= dict.fromkeys(fact.bodies.values())
            for revised in fact.revises:
                if revised.number in numbers:
                    sha256s |= dict.fromkeys(revised.bodies.values())
    return naming, list(sha256s)


async def _shows(
    redis: Client, channel: str, window_ids: Collection[str], article_ids: Collection[str]
) -> bool:
    """Whether a public digest still holds words of the articles."""
    for window_id in window_ids:
        for _, fields in await _page(redis, streams.digests(channel), window_id, window_id):
            data = fields.get(FIELD_DATA, b"")
            if redacted(data, article_ids) != data:
                return True
    return False


async def _rewrite(
    redis: Client, channel: str, window_ids: Collection[str], article_ids: Collection[str]
) -> None:
    """Copy the public stream without the words, and put the copy in its place."""
    stream, copy = streams.digests(channel), streams.redacting(channel)
    swap = script(redis, "swap")
    await redis.unlink(copy)
    last, swapped = "0-0", 0
    while not swapped:
        newest = (await redis.xinfo_stream(stream))["last-generated-id"]
        page = await _page(redis, stream, f"({last}", "+")
        pipeline = redis.pipeline(transaction=False)
        for stream_id, fields in page:
            last = stream_id.decode()
            data = fields.get(FIELD_DATA, b"")
            kept = {**fields, FIELD_DATA: redacted(data, article_ids) if last in window_ids else data}
            pipeline.xadd(copy, cast("dict[Any, Any]", kept), last)
        await pipeline.execute()
        swapped = 0 if page else await swap(keys=[stream, copy], args=[newest])


async def _page(redis: Client, stream: str, first: str, last: str) -> list[tuple[bytes, dict[bytes, bytes]]]:
    page = await redis.xrange(stream, first, last, count=PAGE)
    return cast("list[tuple[bytes, dict[bytes, bytes]]]", page or [])


def redacted(digest: bytes, article_ids: Collection[str]) -> bytes:
    """The JSON of a digest without the words of some articles; the same bytes when it has none. Pure."""
    try:
        content: dict[str, Any] = orjson.loads(digest)
    except orjson.JSONDecodeError:
        return digest
    before = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    for item in content.get("items", ()):
        for one in (item, *item.get("also", ())):
            if one.get("article_id") in article_ids:
                _blank(one)
    for notice in content.get("notices", ()):
        if notice.get("article_id") in article_ids and "title" in notice:
            notice["title"] = None
    if orjson.dumps(content, option=orjson.OPT_SORT_KEYS) == before:
        return digest
    del content["sha256"]
    sha256 = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return orjson.dumps({**content, "sha256": sha256}, option=orjson.OPT_SORT_KEYS)


def _blank(item: dict[str, Any]) -> None:
    """Take the words of its article out of an item, or out of what stands under one."""
    item |= {name: left for name, left in TEXT_OF_ITEM.items() if name in item}
    for reason in item.get("why", ()):
        reason |= {"name": None, "mentions": []}
