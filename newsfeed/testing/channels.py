"""Windows of a channel as publish would close them, without a publisher."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from newsfeed import streams
from newsfeed.envelope import derive_id
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import Cursor
from newsfeed.events import DigestPublished, VersionEvent, WindowSkipped
from newsfeed.testing.facts import NOON
from newsfeed.values import DigestReference, ItemPublished, NoticePublished, Range, Window

CHANNEL_VERSION = "0" * 64


def item(event: VersionEvent) -> ItemPublished:
    """A version of an article in a digest."""
    sha256 = getattr(event, "content_sha256", "")
    return ItemPublished(article_id=event.article_id, version=event.version, content_sha256=sha256)


def notice(event: VersionEvent, digest: int, version: int) -> NoticePublished:
    """What a later version says of the one that an earlier digest carried."""
    sha256 = getattr(event, "content_sha256", None)
    return NoticePublished(
        kind="correction" if sha256 else "retraction",
        article_id=event.article_id,
        version=event.version,
        content_sha256=sha256,
        corrects=DigestReference(digest=digest, version=version),
    )


async def bring_out(
    log: EventLog, channel: str, items: Sequence[ItemPublished], notices: Sequence[NoticePublished] = ()
) -> DigestPublished:
    """Close a window up to the tails with a digest; windows close a minute apart, the first at NOON."""
    facts = ChannelLog(log.redis, channel)
    cursor = await facts.cursor()
    window = await _window(log, cursor)
    window_id, number = cursor.next_id(window.closed_at), cursor.number + 1
    bodies = _bodies(channel, number, window_id, window)
    fact = DigestPublished(
        event_id=derive_id("digest", channel, window_id),
        occurred_at=window.closed_at,
        correlation_id=derive_id("digest", channel, window_id),
        channel=channel,
        channel_version=CHANNEL_VERSION,
        number=number,
        window=window,
        items=tuple(items),
        notices=tuple(notices),
        bodies={name: hashlib.sha256(body).hexdigest() for name, body in bodies.items()},
    )
    await facts.write_bodies({fact.bodies[name]: body for name, body in bodies.items()})
    await facts.close(window_id, cursor, fact, number, bodies["json"])
    return fact


async def skip(log: EventLog, channel: str) -> WindowSkipped:
    """Close a window up to the tails without a digest."""
    facts = ChannelLog(log.redis, channel)
    cursor = await facts.cursor()
    window = await _window(log, cursor)
    window_id = cursor.next_id(window.closed_at)
    fact = WindowSkipped(
        event_id=derive_id("skipped", channel, window_id),
        occurred_at=window.closed_at,
        correlation_id=derive_id("skipped", channel, window_id),
        channel=channel,
        channel_version=CHANNEL_VERSION,
        window=window,
    )
    await facts.close(window_id, cursor, fact, cursor.number)
    return fact


async def digests(redis: Client, channel: str) -> list[Any]:
    """The digests of a channel as its subscribers read them, oldest first."""
    return [orjson.loads(one.data) async for one in ChannelLog(redis, channel).public()]


async def kept(redis: Client, channel: str) -> dict[bytes, object]:
    """All that Redis holds of a channel, by key: two channels with the same history keep the same."""
    public = streams.digests(channel)
    keys = [public.encode(), *[key async for key in redis.scan_iter(match=f"*{{{public}}}*", count=1000)]]
    return {key: await _value(redis, key) for key in sorted(keys)}


async def forget(redis: Client, channel: str) -> None:
    """Remove a channel as if no publisher ever saw it; the article log stays."""
    if held := await kept(redis, channel):
        await redis.delete(*held)


async def _value(redis: Client, key: bytes) -> object:
    match await redis.type(key):
        case b"stream":
            return await redis.xrange(key)
        case b"hash":
            return await redis.hgetall(key)
        case b"zset":
            return await redis.zrange(key, 0, -1, withscores=True)
        case _:
            return await redis.get(key)


async def _window(log: EventLog, cursor: Cursor) -> Window:
    opened_at: datetime | None = cursor.closed_at
    return Window(
        opened_at=opened_at,
        closed_at=opened_at + timedelta(minutes=1) if opened_at else NOON,
        ranges=tuple(
            Range(partition=partition, after=cursor.positions.get(partition, 0), through=tail)
            for partition, tail in enumerate(await log.tails())
        ),
    )


def _bodies(channel: str, number: int, window_id: str, window: Window) -> dict[str, bytes]:
    shown = {
        "channel": channel,
        "channel_title": channel.title(),
        "number": number,
        "stream_id": window_id,
        "published_at": window.closed_at,
        "window": window.model_dump(mode="json"),
        "sha256": hashlib.sha256(window_id.encode()).hexdigest(),
    }
    return {
        "json": orjson.dumps(shown),
        "text": f"Digest {number} of {channel}\n".encode(),
        "html": f"<h1>Digest {number} of {channel}</h1>\n".encode(),
    }
