"""One partition of the log, served in order by one owner.

New entries come through a FastStream batch subscriber; entries that were read before but never
committed (after a crash, a failed attempt, a requeue) come from the group's own pending list. Both
ways share one path, :mod:`newsfeed.eventlog.reacting`.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any, cast

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import BatchStreamMessage, RedisBatchStreamMessage

from newsfeed import logs, streams
from newsfeed.errors import LogBehind
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.entries import Entry, entry_id, position_of, read_entry
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.reacting import Handler, Reactor

__all__ = ["Handler", "PartitionConsumer"]

FIRST_RETRY_SECONDS = 0.1
"""Back-off after the first failed attempt; it doubles with every other, up to LAST_RETRY_SECONDS."""
LAST_RETRY_SECONDS = 5.0


class PartitionConsumer:
    """Serves one partition for one group while its lease is held.

    What it cannot survive (a lost lease, a damaged log) stands in ``fatal``; the owner looks there.
    """

    def __init__(
        self, broker: RedisBroker, log: EventLog, handler: Handler, lease: Lease, *, max_attempts: int
    ) -> None:
        self.lease = lease
        self.fatal: Exception | None = None
        self._broker = broker
        self._log = log
        self._handler = handler
        self._max_attempts = max_attempts
        self._reactor = Reactor(log, handler, lease, max_attempts=max_attempts)
        self._consumer = streams.consumer(lease.partition, handler.group)
        self._key = streams.log(lease.partition)
        self._lock = asyncio.Lock()
        self._subscriber: Any = None
        self._held: list[Entry] = []
        self._backlog = True
        self._stopping = False
        self._retry_at = 0.0
        self._failures = 0

    @property
    def busy(self) -> bool:
        """Whether a batch is in hand."""
        return self._lock.locked()

    @property
    def running(self) -> bool:
        """Whether new entries are being read."""
        return self._subscriber is not None and bool(self._subscriber.running)

    async def start(self, polling_seconds: float) -> None:
        """Finish what an earlier owner left behind, then read new entries."""
        await self.recover()
        self._subscriber = self._broker.subscriber(
            stream=StreamSub(
                self._key,
                group=self._handler.group,
                consumer=self._consumer,
                batch=True,
                max_records=MAX_BATCH,
                polling_interval=round(polling_seconds * 1000),
            ),
            parser=self._parse,
            decoder=_decode,
            ack_policy=AckPolicy.MANUAL,
            persistent=False,
        )
        self._subscriber(self._on_batch)
        await self._subscriber.start()

    async def stop(self) -> None:
        """Stop reading; the batch in hand is finished first."""
        self._stopping = True
        reading: list[asyncio.Task[Any]] = []
        if self._subscriber is not None:
            reading += self._subscriber.tasks
            await self._subscriber.stop()
        async with self._lock:
            pass
        await end(*reading)  # FastStream cancels them once and forgets them.

    async def _parse(self, message: BatchStreamMessage, original: object) -> RedisBatchStreamMessage:
        del original  # FastStream's own parser would copy and parse every entry once more.
        newest = message["message_ids"][-1].decode()
        return RedisBatchStreamMessage(
            raw_message=message,
            body=b"",
            consumer=cast("Any", self._log.redis),
            group=self._handler.group,
            message_id=newest,
            correlation_id=f"{self._consumer}:{newest}",
            batch_headers=[],
        )

    async def _on_batch(self, entries: list[Any]) -> None:
        async with self._lock:
            if not self._backlog and not self.fatal:
                await self._guarded(cast("list[Entry]", entries))
        if self._backlog:  # Older entries are pending: recovery reads these again, after them.
            await self.recover()

    async def recover(self) -> None:
        """Process what is pending, oldest first and in pages, until nothing is or an attempt must wait."""
        async with self._lock:
            if time.monotonic() < self._retry_at:
                return
            while not self.fatal and (entries := self._held or await self._pending()):
                if self._stopping or not await self._guarded(entries):
                    return
            self._backlog = False

    async def tick(self, idle_seconds: float) -> None:
        """Recover what nobody works on: what was requeued, and what has been pending for so long."""
        if self._lock.locked():
            return
        if not self._backlog:
            oldest = await self._log.redis.xpending_range(self._key, self._handler.group, "-", "+", 1)
            self._backlog = bool(oldest) and (
                int(oldest[0]["times_delivered"]) == 0  # Only a requeue leaves an entry like this.
                or int(oldest[0]["time_since_delivered"]) >= 1000 * idle_seconds
            )
        if self._backlog:
            await self.recover()

    async def _pending(self) -> list[Entry]:
        """The oldest own pending entries; one alone if it was tried before, so that only a culprit ages."""
        oldest = await self._log.redis.xpending_range(self._key, self._handler.group, "-", "+", 1)
        if not oldest:
            return []
        times = int(oldest[0]["times_delivered"])
        if times >= self._max_attempts:  # It never came to an answer: it takes the process down.
            self._reactor.exhausted.add(position_of(cast("bytes", oldest[0]["message_id"])))
        count = 1 if times > 1 else MAX_BATCH
        reply = await self._log.redis.xreadgroup(
            self._handler.group, self._consumer, {self._key: "0"}, count=count
        )
        return [read_entry(raw) for _, page in cast("list[Any]", reply) for raw in page]

    async def _guarded(self, entries: list[Entry]) -> bool:
        """Process a batch; False when it has to be tried again later."""
        self._held = []
        try:
            failure = await self._reactor.process(entries)
        except LogBehind:
            self._backlog = True
            await self._discount(entries)
            return True
        except PASSING_ERRORS as error:
            self._held = entries  # Read again, it would look like another attempt.
            failure = error
        except Exception as error:  # noqa: BLE001 the owner looks at it and stops or drops the partition
            self.fatal = error
            return False
        if failure:
            self._postpone(failure)
            return False
        self._failures = 0
        return True

    async def _discount(self, entries: list[Entry]) -> None:
        """Forget how often entries were delivered: a batch that was refused has not been tried."""
        where: Any = [entry_id(entry.position) for entry in entries]
        with suppress(*PASSING_ERRORS):
            await self._log.redis.xclaim(
                self._key, self._handler.group, self._consumer, 0, where, retrycount=1, justid=True
            )

    def _postpone(self, failure: Exception) -> None:
        wait_seconds = min(LAST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2**self._failures)
        self._failures += 1
        self._backlog = True
        self._retry_at = time.monotonic() + wait_seconds
        logs.get_logger().warning(
            f"{self._handler.group}.batch_postponed",
            partition=self.lease.partition,
            error=type(failure).__name__,
            wait_seconds=wait_seconds,
        )


async def _decode(message: RedisBatchStreamMessage, original: object) -> list[Entry]:
    del original  # A result per entry: one that cannot be read must not sink its batch.
    raw = message.raw_message
    return [read_entry(pair) for pair in zip(raw["message_ids"], raw["data"], strict=True)]
