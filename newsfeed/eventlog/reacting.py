"""What becomes of a batch: every entry is reacted to, acknowledged, parked or dead-lettered; one may wait.

An article whose event is a dead letter is parked: its later events become dead letters, too, and keep
their order until a requeue. No order is lost by a requeue or a drop in another process meanwhile,
whichever side of the question "who is parked?" and of the commit it falls on:

* Only the holder of the lease makes dead letters, and it does one batch after the other. So between its
  question and its commit letters can vanish, but none can appear.
* A requeue makes what it takes pending in the same step. A letter that vanished so is older than whatever
  this batch meant to park behind it or to react to after it, and a commit that acknowledges something
  younger than a pending entry is refused (BEHIND). The batch is then done again, after the requeued.
* A requeue in several steps takes the oldest first. What it has not taken yet still parks everything
  younger; what it has taken stands at or below the oldest letter left, and such entries are processed.
  Its last step takes all there is at that moment, so nothing stays parked behind a letter that is gone.
* A drop makes nothing pending: what this batch parks behind the dropped letter becomes a dead letter
  itself, and parks what follows. It waits in order, and an operator sees it, until it is requeued.

What was handed to the handler and then refused has had no effect: effects are what is committed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsfeed import logs, streams
from newsfeed.errors import Poisonous
from newsfeed.eventlog.commits import Append
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.entries import Entry, entry_id
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.parking import Parking
from newsfeed.events import LogEvent

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
class _Batch:
    """What one commit will do, and from which position on each article is parked."""

    barriers: dict[str, int]
    acks: list[int] = field(default_factory=list)
    appends: list[Append] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)

    def done(self, entry: Entry, derived: Sequence[Append]) -> None:
        """Acknowledge an entry and append what derives from it."""
        self.acks.append(entry.position)
        self.appends += derived

    def bury(self, entry: Entry, letter: DeadLetter) -> None:
        """Acknowledge an entry as a dead letter."""
        self.acks.append(entry.position)
        self.dead.append(letter)

    def bar(self, subject: str | None, position: int) -> None:
        """Park what follows a position."""
        if subject is not None:
            self.barriers[subject] = min(position, self.barriers.get(subject, position))


class Reactor:
    """Does batch after batch of one partition for one group, each in one commit; one at a time."""

    def __init__(self, log: EventLog, handler: Handler, lease: Lease, *, max_attempts: int) -> None:
        self.exhausted: set[int] = set()
        """Positions whose every attempt took the process down: they are not handed out again."""
        self._log = log
        self._handler = handler
        self._lease = lease
        self._max_attempts = max_attempts
        self._parking = Parking(log.redis, handler.group, lease.partition)

    async def process(self, entries: Sequence[Entry]) -> Exception | None:
        """Commit as much of the batch as could be processed; the error of the entry that must wait."""
        named = [await self._named(entry) if entry.nameless else entry for entry in entries]
        batch = _Batch(
            await self._parking.lowest(event.subject for event in map(self._wanted, named) if event)
        )
        for entry in named:
            if isinstance(entry.event, Exception) or entry.position in self.exhausted:
                batch.bar(entry.subject, entry.position)
        reactions = await self._together(named, batch)
        failure = None
        for entry in named:
            known = reactions.get(entry.position)
            if known is not None:  # What was handed out together waits behind nobody.
                batch.done(entry, known)
            elif failure := await self._settle(entry, batch):
                break
        if batch.acks:
            await self._commit(batch)
        return failure

    async def _commit(self, batch: _Batch) -> None:
        if batch.dead:  # Before it is tried: an answer may be lost on its way.
            self._parking.nobody = False
        await self._log.commit(
            self._lease.partition, batch.appends, lease=self._lease, acks=batch.acks, dead=batch.dead
        )
        self.exhausted.difference_update(batch.acks)
        for letter in batch.dead:
            logs.get_logger().error(
                f"{self._handler.group}.event_dead_lettered", **letter.model_dump(mode="json")
            )

    async def _named(self, entry: Entry) -> Entry:
        """The entry with the subject of its chain, as far as any earlier entry of it tells."""
        before: Entry | None = entry
        while before and before.nameless and before.previous:
            before = await self._log.entry(self._lease.partition, before.previous)
        return replace(entry, article_id=before.subject) if before else entry

    def _wanted(self, entry: Entry) -> LogEvent | None:
        event = entry.event
        return None if isinstance(event, Exception) or event.type not in self._handler.types else event

    def _barrier(self, entry: Entry, batch: _Batch) -> int:
        """The position behind which a wanted event must wait, or 0."""
        if not batch.barriers or not (event := self._wanted(entry)):
            return 0
        barrier = batch.barriers.get(event.subject, 0)
        return barrier if barrier < entry.position else 0

    async def _together(self, entries: Sequence[Entry], batch: _Batch) -> Mapping[int, Sequence[Append]]:
        """What the handler makes of all events at once; empty when it must be asked for each alone."""
        wanted = {
            entry.position: event
            for entry in entries
            if (event := self._wanted(entry))
            and entry.position not in self.exhausted
            and not self._barrier(entry, batch)
        }
        if not wanted:
            return {}
        try:
            results = await self._handler.react(self._lease.partition, list(wanted.values()))
            return dict(zip(wanted, results, strict=True))
        except PASSING_ERRORS:
            raise
        except Exception:  # noqa: BLE001 whichever event it was is found by asking for each alone
            return {}

    async def _alone(self, event: LogEvent) -> Sequence[Append] | Exception:
        try:
            return (await self._handler.react(self._lease.partition, [event]))[0]
        except PASSING_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001 it is retried, then dead-lettered with its reason
            return error

    async def _reaction(self, entry: Entry) -> Sequence[Append] | Exception:
        if isinstance(entry.event, Exception):
            return entry.event
        if entry.position in self.exhausted:
            return Poisonous("process_died", "every attempt ended before an answer")
        return await self._alone(entry.event) if self._wanted(entry) else ()

    async def _settle(self, entry: Entry, batch: _Batch) -> Exception | None:
        """Decide what becomes of an entry by itself; the error when it is to be tried again."""
        if barrier := self._barrier(entry, batch):
            error = Poisonous("article_parked", f"behind position {barrier}")
            batch.bury(entry, self._letter(entry, error, attempts=0))
        elif isinstance(reaction := await self._reaction(entry), Exception):
            attempts = await self._attempts(entry.position)
            if not isinstance(reaction, Poisonous) and attempts < self._max_attempts:
                return reaction
            batch.bury(entry, self._letter(entry, reaction, attempts))
            batch.bar(entry.subject, entry.position)
        else:
            batch.done(entry, reaction)
        return None

    def _letter(self, entry: Entry, error: Exception, attempts: int) -> DeadLetter:
        return DeadLetter.of(entry, error, self._handler.group, self._lease.partition, attempts)

    async def _attempts(self, position: int) -> int:
        """How often an entry was delivered, by the server's count."""
        where, key = entry_id(position), streams.log(self._lease.partition)
        found = await self._log.redis.xpending_range(key, self._handler.group, where, where, 1)
        return int(found[0]["times_delivered"]) if found else 1
