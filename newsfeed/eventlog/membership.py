"""Which partitions this process serves for a group: a fair share of them, each by lease."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass

from faststream.redis import RedisBroker

from newsfeed import logs
from newsfeed.errors import LeaseLost
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.consumer import Handler, PartitionConsumer
from newsfeed.eventlog.groups import backlog, ensure_group
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.log import EventLog
from newsfeed.settings import Settings


@dataclass(slots=True)
class _Served:
    """A partition that we hold, and the task that serves it."""

    consumer: PartitionConsumer
    task: asyncio.Task[None]


class Membership:
    """One process's part in a consumer group. ``owner`` must be new for every start of a process."""

    def __init__(
        self, broker: RedisBroker, log: EventLog, handler: Handler, settings: Settings, owner: str
    ) -> None:
        self._broker = broker
        self._log = log
        self._handler = handler
        self._settings = settings
        self._leases = Leases(log.redis, handler.group, owner, settings.lease_seconds)
        self._served: dict[int, _Served] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._progress: dict[int, tuple[int, float]] = {}
        self._ensured = False
        self._balanced = False

    @property
    def partitions(self) -> list[int]:
        """The partitions that this process serves now."""
        return sorted(self._served)

    async def run(self) -> None:
        """Hold a fair share of the partitions until cancelled; raises what a consumer cannot survive."""
        try:
            while True:
                with suppress(*PASSING_ERRORS):
                    await self._tick()
                await rest(self._settings.renew_seconds)
        finally:
            await self._leave()

    async def troubles(self) -> list[str]:
        """Why this member is not doing its work now; empty when all is well."""
        if not self._balanced:
            return [f"{self._handler.group} has not taken its partitions yet"]
        return [trouble for partition in self.partitions if (trouble := await self._trouble(partition))]

    async def _trouble(self, partition: int) -> str | None:
        """Entries wait and none is read: an idle reader looks the same to Redis as a dead one."""
        found = await backlog(self._log, self._handler.group, partition)
        if found is None:
            return f"partition {partition}: the group {self._handler.group} is gone"
        served = self._served.get(partition)
        if served is None:
            return None
        delivered, since = self._progress.get(partition, (-1, 0.0))
        if delivered != found.delivered or not found.lag or served.consumer.busy:
            self._progress[partition] = (found.delivered, time.monotonic())
            return None
        waited_seconds = time.monotonic() - since
        limit_seconds = 3 * self._settings.polling_seconds + self._settings.lease_seconds
        return (
            f"partition {partition}: {found.lag} events wait unread"
            if waited_seconds > limit_seconds
            else None
        )

    async def _tick(self) -> None:
        if not self._ensured:
            await ensure_group(self._log, self._handler.group)
            self._ensured = True
        share = await self._leases.fair_share(self._log.manifest.partitions)
        for partition, served in list(self._served.items()):
            await self._keep(partition, served)
        for partition in self.partitions[share:]:
            self._leaving.add(asyncio.create_task(self._give_back(partition, self._served.pop(partition))))
        for task in [task for task in self._leaving if task.done()]:
            self._leaving.discard(task)
            task.result()
        for partition in range(self._log.manifest.partitions):
            if len(self._served) < share and partition not in self._served:
                await self._take(partition)
        self._balanced = True

    async def _keep(self, partition: int, served: _Served) -> None:
        fatal: BaseException | None = served.consumer.fatal
        if served.task.done() and fatal is None:
            fatal = served.task.exception()
        if fatal is not None and not isinstance(fatal, LeaseLost):
            raise fatal
        if fatal is not None or not await self._leases.renew(served.consumer.lease):
            logs.get_logger().warning(f"{self._handler.group}.partition_lost", partition=partition)
            await _stop(self._served.pop(partition))

    async def _take(self, partition: int) -> None:
        lease = await self._leases.acquire(partition)
        if lease:
            consumer = PartitionConsumer(
                self._broker, self._log, self._handler, lease, max_attempts=self._settings.max_attempts
            )
            task = asyncio.create_task(self._serve(consumer), name=f"{self._handler.group}-p{partition}")
            self._served[partition] = _Served(consumer, task)
            logs.get_logger().info(f"{self._handler.group}.partition_taken", partition=partition)

    async def _serve(self, consumer: PartitionConsumer) -> None:
        started = False
        while consumer.fatal is None:
            with suppress(*PASSING_ERRORS, TimeoutError):
                if not started:
                    await consumer.start(self._settings.polling_seconds)
                    started = True
                await consumer.tick(2 * self._settings.lease_seconds)
            await rest(self._settings.renew_seconds)

    async def _give_back(self, partition: int, served: _Served) -> None:
        """Let a partition go; while its batch in hand is finished, nobody else may have it."""
        stopping = asyncio.create_task(_stop(served))
        while not (await asyncio.wait({stopping}, timeout=self._settings.renew_seconds))[0]:
            with suppress(*PASSING_ERRORS):
                await self._leases.renew(served.consumer.lease)
        with suppress(*PASSING_ERRORS):
            await stopping
            await self._leases.release(served.consumer.lease)
        logs.get_logger().info(f"{self._handler.group}.partition_released", partition=partition)

    async def _leave(self) -> None:
        giving = [self._give_back(partition, served) for partition, served in self._served.items()]
        self._served = {}
        await asyncio.gather(*giving, *self._leaving, return_exceptions=True)
        with suppress(*PASSING_ERRORS):
            await self._leases.leave()


async def _stop(served: _Served) -> None:
    """Stop serving; only then may the lease be given back."""
    served.task.cancel()
    await asyncio.gather(served.task, return_exceptions=True)  # What it died of was told by _keep.
    await served.consumer.stop()
