"""A fair share of the partitions for work that needs no consumer group: each by lease, each in a task."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.leases import Lease, Leases

Serve = Callable[[int], Coroutine[Any, Any, None]]
"""Works on a partition until cancelled; what it leaves half-done must do no harm."""


class Shares:
    """The partitions that one process serves. A lease saves work here; what is written is guarded itself."""

    def __init__(self, leases: Leases, partitions: int, serve: Serve) -> None:
        self._leases = leases
        self._partitions = partitions
        self._serve = serve
        self._held: dict[int, tuple[Lease, asyncio.Task[None]]] = {}

    @property
    def partitions(self) -> list[int]:
        """The partitions that this process serves now."""
        return sorted(self._held)

    async def run(self, renew_seconds: float, after_each: Callable[[], Awaitable[None]]) -> None:
        """Hold a fair share until cancelled, and call ``after_each`` round; raises what a task raised."""
        try:
            while True:
                await self._tick()
                await after_each()
                await rest(renew_seconds)
        finally:
            await self._leave()

    async def _tick(self) -> None:
        share = await self._leases.fair_share(self._partitions)
        for partition, (lease, task) in list(self._held.items()):
            if task.done() or not await self._leases.renew(lease):
                await self._give_back(partition)
        for partition in self.partitions[share:]:
            await self._give_back(partition)
        for partition in range(self._partitions):
            if len(self._held) < share and partition not in self._held:
                await self._take(partition)

    async def _take(self, partition: int) -> None:
        lease = await self._leases.acquire(partition)
        if lease:
            self._held[partition] = (lease, asyncio.create_task(self._serve(partition)))

    async def _give_back(self, partition: int) -> None:
        """Stop serving; only then may the lease be given back. Raises what the task died of."""
        lease, task = self._held.pop(partition)
        await end(task)
        await self._leases.release(lease)
        if not task.cancelled():
            task.result()

    async def _leave(self) -> None:
        await end(*(task for _, task in self._held.values()))
        with suppress(*PASSING_ERRORS):
            for lease, _ in self._held.values():
                await self._leases.release(lease)
            await self._leases.leave()
        self._held = {}
