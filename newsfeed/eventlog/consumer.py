"""One partition of the log, served in order by one owner.

New entries come through a FastStream batch subscriber; entries that were read before but never
committed (after a crash, a failed attempt, a requeue) come from the group's own pending list. Both
ways share one path: react to each event, then one commit that acknowledges, appends and
dead-letters together.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from faststream import AckPolicy
from faststream.redis import RedisBroker, StreamSub
from faststream.redis.message import BatchStreamMessage, RedisBatchStreamMessage

from newsfeed import logs, streams
from newsfeed.errors import LogBehind, Poisonous
from newsfeed.eventlog.commits import MAX_BATCH, Append
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.entries import Entry, entry_id, position_of, read_entry
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import EventLog
from newsfeed.events import LogEvent

FIRST_RETRY_SECONDS = 0.1
"""Back-off after the first failed attempt; it doubles with every other, up to LAST_RETRY_SECONDS."""
LAST_RETRY_SECONDS = 5.0


React = Callable[[int, Sequence[LogEvent]], Awaitable[Sequence[Sequence[Append]]]]
"""A batch handler: a partition and events of the wanted types in; what each derives out.

It may raise for the whole batch: then it is asked again with each event alone, so that one bad
event is found and the others go on. :class:`~newsfeed.errors.Poisonous` means "never again".
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """Code that reacts to some types of events for one group; all others it acknowledges."""

    group: str
    types: frozenset[str]
    react: React


@dataclass(slots=True)
class _Outcome:
    """What one commit will do about a batch."""

    acks: list[int] = field(default_factory=list)
    appends: list[Append] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    failure: Exception | None = None


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
        self._consumer = streams.consumer(lease.partition, handler.group)
        self._key = streams.log(lease.partition)
        self._lock = asyncio.Lock()
        self._subscriber: Any = None
        self._held: list[Entry] = []
        self._exhausted: set[int] = set()
        self._backlog = True
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
        if self._subscriber is not None:
            await self._subscriber.stop()
        async with self._lock:
            return

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
        """Process what is pending, oldest first, until nothing is or an attempt must wait."""
        async with self._lock:
            if time.monotonic() < self._retry_at:
                return
            while not self.fatal and (entries := self._held or await self._pending()):
                if not await self._guarded(entries):
                    return
            self._backlog = False

    async def tick(self, idle_seconds: float) -> None:
        """Recover what has been pending for so long that nobody works on it: a requeue, a zombie's read."""
        if self._lock.locked():
            return
        if not self._backlog:
            idle_ms = round(idle_seconds * 1000)
            idle = await self._log.redis.xpending_range(
                self._key, self._handler.group, "-", "+", 1, idle=idle_ms
            )
            self._backlog = bool(idle)
        if self._backlog:
            await self.recover()

    async def _pending(self) -> list[Entry]:
        """The oldest own pending entries; one alone if it was tried before, so that only a culprit ages."""
        oldest = await self._log.redis.xpending_range(self._key, self._handler.group, "-", "+", 1)
        if not oldest:
            return []
        times = int(oldest[0]["times_delivered"])
        if times >= self._max_attempts:  # It never came to an answer: it takes the process down.
            self._exhausted.add(position_of(cast("bytes", oldest[0]["message_id"])))
        count = 1 if times > 1 else MAX_BATCH
        reply = await self._log.redis.xreadgroup(
            self._handler.group, self._consumer, {self._key: "0"}, count=count
        )
        return [read_entry(raw) for _, page in cast("list[Any]", reply) for raw in page]

    async def _guarded(self, entries: list[Entry]) -> bool:
        """Process a batch; False when it has to be tried again later."""
        self._held = []
        try:
            failure = await self._process(entries)
        except LogBehind:
            self._backlog = True
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

    async def _process(self, entries: list[Entry]) -> Exception | None:
        """Commit as much of the batch as could be processed; the error of the entry that must wait."""
        reactions = await self._reactions(entries)
        outcome = _Outcome()
        for entry in entries:
            outcome.failure = await self._settle(entry, reactions.get(entry.position, ()), outcome)
            if outcome.failure:
                break
        if outcome.acks:
            await self._log.commit(
                self.lease.partition, outcome.appends, lease=self.lease, acks=outcome.acks, dead=outcome.dead
            )
        return outcome.failure

    async def _reactions(self, entries: list[Entry]) -> dict[int, Sequence[Append] | Exception]:
        wanted = {
            entry.position: entry.event
            for entry in entries
            if not isinstance(entry.event, Exception)
            and entry.event.type in self._handler.types
            and entry.position not in self._exhausted
        }
        if not wanted:
            return {}
        try:
            results = await self._handler.react(self.lease.partition, list(wanted.values()))
            return dict(zip(wanted, results, strict=True))
        except PASSING_ERRORS:
            raise
        except Exception:  # noqa: BLE001 whichever event it was is found by asking for each alone
            return {position: await self._alone(event) for position, event in wanted.items()}

    async def _alone(self, event: LogEvent) -> Sequence[Append] | Exception:
        try:
            return (await self._handler.react(self.lease.partition, [event]))[0]
        except PASSING_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 it is retried, then dead-lettered with its reason
            return error

    async def _settle(
        self, entry: Entry, reaction: Sequence[Append] | Exception, outcome: _Outcome
    ) -> Exception | None:
        """Write into ``outcome`` what becomes of an entry; the error when it is to be tried again."""
        error = entry.event if isinstance(entry.event, Exception) else reaction
        if entry.position in self._exhausted:
            self._exhausted.remove(entry.position)
            error = Poisonous("process_died", "every attempt ended before an answer")
        if isinstance(error, Exception):
            attempts = await self._attempts(entry.position)
            if not isinstance(error, Poisonous) and attempts < self._max_attempts:
                return error
            letter = DeadLetter.of(entry, error, self._handler.group, self.lease.partition, attempts)
            logs.get_logger().error(
                f"{self._handler.group}.event_dead_lettered", **letter.model_dump(mode="json")
            )
            outcome.dead.append(letter)
        else:
            outcome.appends += error
        outcome.acks.append(entry.position)
        return None

    async def _attempts(self, position: int) -> int:
        """How often an entry was delivered, by the server's count."""
        where = entry_id(position)
        found = await self._log.redis.xpending_range(self._key, self._handler.group, where, where, 1)
        return int(found[0]["times_delivered"]) if found else 1


async def _decode(message: RedisBatchStreamMessage, original: object) -> list[Entry]:
    del original  # A result per entry: one that cannot be read must not sink its batch.
    raw = message.raw_message
    return [read_entry(pair) for pair in zip(raw["message_ids"], raw["data"], strict=True)]
