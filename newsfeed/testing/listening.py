"""A client of server-sent events that sees every byte, and can go away at any of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass
class Line:
    """A connection that listens to events: all it needs of HTTP."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]

    async def chunk(self) -> bytes:
        """The next chunk of the body; nothing at its end, however it came."""
        try:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            data = await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        return data

    def stall(self) -> None:
        """Read nothing more, and stay."""
        transport = self.writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()

    def cut(self) -> None:
        """Go away without a word."""
        self.writer.transport.abort()


class Web:
    """A server on this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def listen(self, path: str, cursor: str | None = None, limit: int = 2**16) -> Line:
        """Connect to events; ``limit`` bounds what this side takes in unread."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=limit)
        named = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
        writer.write(f"GET {path} HTTP/1.1\r\nHost: news.example\r\n{named}\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (one.partition(":") for one in head[1:] if one)
        return Line(reader, writer, int(head[0].split()[1]), {n.lower(): v.strip() for n, _, v in pairs})
