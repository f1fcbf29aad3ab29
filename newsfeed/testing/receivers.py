"""A real HTTP receiver that misbehaves as the test says, on a free port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """What came in; the names of ``headers`` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Manner = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
"""How a request is answered; the connection is closed after it."""


def answer(status: int = 200, body: bytes = b"", **headers: str) -> Manner:
    """A well-formed answer; underscores in the names of headers stand for hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def manner(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()

    return manner


def raw(data: bytes) -> Manner:
    """Some bytes and then the end, whatever they are."""

    async def manner(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return manner


async def silent(_: Request, __: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.Event().wait()


def dripping(first: bytes, drop: bytes = b"x", seconds: float = 0.01) -> Manner:
    """An answer that never ends, a byte at a time."""

    async def manner(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(seconds)

    return manner


def endless(first: bytes, chunk: bytes = b"x" * 65_536) -> Manner:
    """An answer that never ends, as fast as it is taken."""
    return dripping(first, chunk, 0)


@dataclass(slots=True)
class Receiver:
    """What it got, and how it answers: by the path, else as ``manner`` says."""

    url: str = ""
    manner: Manner = field(default_factory=answer)
    paths: dict[str, Manner] = field(default_factory=dict)
    got: list[Request] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def count(self, wanted: int) -> None:
        """Return as soon as it has got so many requests."""
        while len(self.got) < wanted:
            self._news.clear()
            await self._news.wait()

    def posts(self) -> list[Request]:
        """The requests that were no handshake."""
        return [one for one in self.got if one.method == "POST"]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                request = await _read(reader)
                self.got.append(request)
                self._news.set()
                await self.paths.get(request.target, self.manner)(request, writer)
        finally:
            writer.close()


@asynccontextmanager
async def receiver(manner: Manner | None = None) -> AsyncIterator[Receiver]:
    """A receiver for as long as the block lasts."""
    one = Receiver(manner=manner or answer())
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(one.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    one.url = f"http://{host}:{port}"
    try:
        yield one
    finally:
        server.close()
        for task in [*tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines if ": " in line)
    headers = {name.lower(): value for name, value in pairs}
    return Request(method, target, headers, await reader.readexactly(int(headers.get("content-length", 0))))
