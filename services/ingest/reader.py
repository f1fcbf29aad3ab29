"""Reading seeds in child processes that can be killed: no file, however hostile, stops its neighbours.

A child has its parsers loaded before its first seed, reads one seed at a time, and is replaced
after an overrun, a crash or a cancellation. It leaves by itself when its parent is gone.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import IncompleteReadError
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from signal import SIGALRM
from typing import Self

import orjson

from newsfeed.errors import Fatal
from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.frames import GOING_ON, framed, receive_frame

DEADLINE_SECONDS = 10.0
MEMORY_BYTES = 512 * 1024 * 1024
_START_SECONDS = 60.0
_DEADLINES, _DEADLINES_PER_MEBIBYTE = 6, 1
"""How many deadlines a seed of many articles may take in all: at least, and for its size."""

_MEBIBYTE = 1024 * 1024


class ReaderBroken(Fatal):
    """A parse child does not start: the installation is damaged, no seed is to blame."""


@dataclass(frozen=True)
class Child:
    """A running parse child that is warm."""

    process: Process
    formats: frozenset[str] = frozenset()

    @classmethod
    async def start(cls, memory_bytes: int) -> Child:
        """A child that said it is ready; raises :class:`ReaderBroken`."""
        command = (sys.executable, "-m", "services.ingest.reading_child", "--memory-bytes", str(memory_bytes))
        process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        child = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                formats = orjson.loads(await child.receive())
        except (IncompleteReadError, TimeoutError) as error:
            await child.kill()
            raise ReaderBroken("the parse child does not start") from error
        except BaseException:
            await child.kill()
            raise
        return cls(process, frozenset(formats))

    async def ask(self, header: bytes, data: bytes, deadline_seconds: float) -> bytes:
        """The answer to one task.

        Raises ``TimeoutError`` when it gets no further for so long, and
        ``asyncio.IncompleteReadError`` or ``OSError`` when it dies.
        """
        assert self.process.stdin is not None
        async with asyncio.timeout(deadline_seconds):
            self.process.stdin.write(framed(header) + framed(data))
            await self.process.stdin.drain()
            reply = await self.receive()
        while reply == GOING_ON:
            async with asyncio.timeout(deadline_seconds):
                reply = await self.receive()
        return reply

    async def receive(self) -> bytes:
        """The next frame from the child."""
        assert self.process.stdout is not None
        return await receive_frame(self.process.stdout)

    async def kill(self) -> int:
        """End it at once and wait until it is gone; its exit status, negative for a signal."""
        with suppress(ProcessLookupError):
            self.process.kill()
        return await self.process.wait()


class Slot:
    """The place of one child; a new child is being started while nobody waits for it."""

    def __init__(self, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._starting = self._start()

    async def child(self) -> Child:
        """The warm child of this place; one that could not start is tried once more."""
        if self._starting.done() and not self._starting.cancelled() and self._starting.exception():
            self._starting = self._start()
        return await asyncio.shield(self._starting)

    def replace(self) -> None:
        """Begin to start another child; the old one is the caller's to kill."""
        self._starting = self._start()

    async def close(self) -> None:
        """Kill the child, running or just starting."""
        self._starting.cancel()
        with suppress(asyncio.CancelledError, ReaderBroken):
            await (await self._starting).kill()

    def _start(self) -> asyncio.Task[Child]:
        return asyncio.create_task(Child.start(self._memory_bytes), name="ingest.parse_child")


class SeedReader:
    """A pool of parse children.

    ``deadline_seconds`` bounds one seed from the moment a warm child has it; ``memory_bytes``
    bounds the child's address space beyond what it has when warm. As context manager it starts
    and closes the pool.
    """

    def __init__(
        self,
        *,
        children: int = 1,
        deadline_seconds: float = DEADLINE_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self.children = children
        self._deadline_seconds = deadline_seconds
        self._memory_bytes = memory_bytes
        self.formats: frozenset[str] = frozenset()
        """The names of all formats, once it has started."""
        self._slots: list[Slot] = []
        self._idle: asyncio.LifoQueue[Slot] = asyncio.LifoQueue()

    async def start(self) -> None:
        """Start every child and wait until all are warm; raises :class:`ReaderBroken`."""
        self._slots = [Slot(self._memory_bytes) for _ in range(self.children)]
        try:
            children = await asyncio.gather(*(slot.child() for slot in self._slots))
        except BaseException:
            await self.close()
            raise
        self.formats = children[0].formats
        for slot in self._slots:
            self._idle.put_nowait(slot)

    async def close(self) -> None:
        """Kill every child; a seed that is being read is lost to its caller."""
        slots, self._slots, self._idle = self._slots, [], asyncio.LifoQueue()
        await asyncio.gather(*(slot.close() for slot in slots))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def read(self, data: bytes, hint: ReadingHint) -> Reading:
        """All articles of a seed.

        Raises :class:`services.ingest.article.Rejection`, among others with the codes ``timeout``,
        ``memory``, ``parser_crashed`` and ``parser_failed``.
        """
        if not self._slots:
            raise ReaderBroken("the reader is closed")
        idle = self._idle
        slot = await idle.get()
        try:
            reply = await self._ask(slot, data, hint)
        finally:
            idle.put_nowait(slot)
        if reply.startswith(b'{"reason":'):
            raise Rejection(**orjson.loads(reply))
        return Reading.model_validate_json(reply)

    def longest_seconds(self, size_bytes: int) -> float:
        """How long a seed of this size may take, however steadily it is read."""
        return self._deadline_seconds * (_DEADLINES + _DEADLINES_PER_MEBIBYTE * size_bytes / _MEBIBYTE)

    async def _ask(self, slot: Slot, data: bytes, hint: ReadingHint) -> bytes:
        child = await self._child(slot)
        header = orjson.dumps({"hint": hint.model_dump(), "deadline_seconds": self._deadline_seconds})
        healthy, longest_seconds = False, self.longest_seconds(len(data))
        try:
            async with asyncio.timeout(longest_seconds) as whole:
                reply = await child.ask(header, data, self._deadline_seconds)
            healthy = not reply.startswith(b'{"reason":"memory"')
        except TimeoutError:
            seconds = longest_seconds if whole.expired() else self._deadline_seconds
            told = "not read within" if whole.expired() else "no further within"
            raise Rejection("timeout", f"{told} {seconds:g} seconds") from None
        except (IncompleteReadError, OSError):
            raise _epitaph(await child.process.wait()) from None
        finally:
            if not healthy:
                await self._bury(slot, child)
        return reply

    async def _child(self, slot: Slot) -> Child:
        if slot not in self._slots:
            raise ReaderBroken("the reader is closed")
        child = await slot.child()
        if child.process.returncode is None:
            return child
        slot.replace()
        return await slot.child()

    async def _bury(self, slot: Slot, child: Child) -> None:
        """Kill a child that is not to be trusted any more and begin to start its successor."""
        if slot in self._slots:
            slot.replace()
        await child.kill()


def _epitaph(status: int) -> Rejection:
    if status == -SIGALRM:
        return Rejection("timeout", "the parse child outlived its deadline")
    return Rejection("parser_crashed", f"the parse child ended with status {status}")
