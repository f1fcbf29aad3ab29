"""A way to Redis on which replies get lost: the server has done its work, and nobody is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class CuttingProxy:
    """Passes everything on, but cuts the connection instead of answering every other script.

    So each script that a client repeats after a lost reply is executed twice.
    """

    server: Path
    socket: Path
    scripts: int = 0
    cuts: int = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"unix://{self.socket}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves or is cut off."""
        answers, orders = await asyncio.open_unix_connection(str(self.server))
        cut = asyncio.Event()
        ways = [self._up(reader, orders, cut), self._down(answers, writer, cut)]
        tasks = [asyncio.create_task(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        orders.close()
        writer.close()

    async def _up(
        self, reader: asyncio.StreamReader, orders: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            if b"EVALSHA" in data:
                self.scripts += 1
                if self.scripts % 2:
                    cut.set()
            orders.write(data)
            await orders.drain()

    async def _down(
        self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, cut: asyncio.Event
    ) -> None:
        while data := await answers.read(CHUNK_BYTES):
            if cut.is_set():
                self.cuts += 1
                return
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def cutting_proxy(server: Path, folder: Path) -> AsyncIterator[CuttingProxy]:
    """A proxy before the server's socket, listening in a folder."""
    proxy = CuttingProxy(server, folder / "cut.sock")
    listener = await asyncio.start_unix_server(proxy.serve, str(proxy.socket))
    try:
        yield proxy
    finally:
        listener.close()
        await listener.wait_closed()
