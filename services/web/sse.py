"""Server-sent events: the very bytes of every digest, each once and in order, from any place on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import orjson
from starlette.types import Receive, Scope, Send

from newsfeed import logs
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.cursor import NO_WINDOW, order_of
from newsfeed.sse import KEEP_ALIVE, encode
from services.web.live import Live, LiveChannel
from services.web.settings import WebSettings

EARLIEST = "earliest"
"""The cursor before the oldest digest that is kept."""

RETRY_MS = 2000
"""How long a client is asked to wait before it connects again."""

LEAVING_SECONDS = 0.5
"""How long the end of an answer may take."""

PIECE_BYTES = 32_768
"""What is handed to the connection at once: so much more than its own limit a stalled client can hold."""

STREAM_ID = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")

Lost = Literal["unknown", "evicted"]


@dataclass(frozen=True, slots=True)
class Start:
    """Where a listener begins; ``lost`` says why that is not where it wanted, ``oldest`` what there is."""

    after: str
    lost: Lost | None = None
    oldest: str = NO_WINDOW


async def start_of(channel: ChannelLog, cursor: str | None) -> Start:
    """Where to begin for a cursor: only what comes for none, all for ``earliest``.

    One that names no digest that is kept means that something may be lost: then all there is is sent.
    """
    if cursor is None:
        newest = await channel.newest_public()
        return Start(newest.stream_id if newest else NO_WINDOW)
    if cursor in {EARLIEST, NO_WINDOW}:
        return Start(NO_WINDOW)
    if STREAM_ID.fullmatch(cursor) and await channel.has_public(cursor):
        return Start(cursor)
    page = await channel.public_page(NO_WINDOW, 1)
    oldest = page[0].stream_id if page else NO_WINDOW
    is_old = bool(STREAM_ID.fullmatch(cursor)) and order_of(cursor) < order_of(oldest)
    return Start(NO_WINDOW, "evicted" if is_old else "unknown", oldest)


@dataclass(frozen=True, slots=True)
class EventStream:
    """The answer to one listener: an ASGI application that ends when either side goes.

    ``abort`` drops the connection: a close would wait for a client that does not read.
    """

    live: Live
    name: str
    start: Start
    settings: WebSettings
    closing: asyncio.Event
    abort: Callable[[], None]

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client, or this program, goes away, or the client stops reading."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_gone(receive))
        closing = asyncio.create_task(self.closing.wait())
        try:
            await asyncio.wait({sending, leaving, closing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(sending, leaving, closing)
        self._judge(sending)
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(LEAVING_SECONDS):
                await self._leave(sending, receive, send)

    def _judge(self, sending: asyncio.Task[None]) -> None:
        """Say of a client that was dropped why it was; raise what nobody reckoned with."""
        error = None if sending.cancelled() else sending.exception()
        if isinstance(error, TimeoutError):
            logs.get_logger().info("web.listener_dropped", channel=self.name, reason="stalled")
        elif error and not isinstance(error, PASSING_ERRORS):
            raise error

    async def _leave(self, sending: asyncio.Task[None], receive: Receive, send: Send) -> None:
        """End the answer if this program ends; else let go of the connection at once."""
        if self.closing.is_set() and sending.cancelled():
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            self.abort()
            await _gone(receive)

    async def _send_all(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers()})
        await self._write(send, b"retry: %d\n\n" % RETRY_MS)
        if self.start.lost:
            told = orjson.dumps({"reason": self.start.lost, "oldest": self.start.oldest})
            await self._write(send, encode(told, "reset", NO_WINDOW))
        async with self.live.channel(self.name) as channel:
            await self._send_digests(channel, send)

    async def _send_digests(self, channel: LiveChannel, send: Send) -> None:
        last_id = self.start.after
        while True:
            change = channel.change()
            page = await channel.after(last_id)
            for digest in page:
                await self._write(send, encode(digest.data, "digest", digest.stream_id))
                last_id = digest.stream_id
            if not page:
                await self._wait(change, send)

    async def _wait(self, change: asyncio.Event, send: Send) -> None:
        try:
            async with asyncio.timeout(self.settings.keep_alive_seconds):
                await change.wait()
        except TimeoutError:
            await self._write(send, KEEP_ALIVE)

    async def _write(self, send: Send, body: bytes) -> None:
        for start in range(0, len(body), PIECE_BYTES):
            piece = body[start : start + PIECE_BYTES]
            async with asyncio.timeout(self.settings.stalled_seconds):
                await send({"type": "http.response.body", "body": piece, "more_body": True})

    def _headers(self) -> list[tuple[bytes, bytes]]:
        headers = {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            "x-accel-buffering": "no",
            "access-control-allow-origin": "*",
            "last-event-id": EARLIEST if self.start.after == NO_WINDOW else self.start.after,
        }
        if self.start.lost:
            headers["newsfeed-reset"] = self.start.oldest
        return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
