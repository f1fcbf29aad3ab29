"""Bringing a version of a read model up with the log: each event exactly once, whoever dies or helps.

A batch is folded from what is stored, and written together with the checkpoint only if that is still
where the batch began. So a second projector is refused instead of doubling anything; a lease only
saves work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from newsfeed import logs
from newsfeed.errors import Fatal, LogDamaged, LogLost, Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.eventlog.entries import Entry
from newsfeed.readmodel.chains import first_of, named_before
from newsfeed.readmodel.parking import ParkedArticle, unknown
from newsfeed.readmodel.projection import Placed, Projection
from newsfeed.readmodel.store import ModelStore

S = TypeVar("S")


class ProjectionHalted(Fatal):
    """A rebuild met an event that it cannot fold; nothing of its batch was written."""

    def __init__(self, group: str, partition: int, position: int, error: Exception) -> None:
        why = str(error) if isinstance(error, Poisonous) else f"the fold raised {type(error).__name__}"
        super().__init__(f"{group} halted in partition {partition} at position {position}: {why}")
        self.partition = partition
        self.position = position


@dataclass(slots=True)
class Batch(Generic[S]):
    """What some entries make of the states and the parked articles that they touch. Pure.

    ``begun_at`` names, of subjects without a state whose chain began earlier, what stands for them if its
    beginning could not be read.
    """

    projection: Projection[S]
    group: str
    partition: int
    strict: bool
    stored: Mapping[str, bytes]
    parked: dict[str, ParkedArticle]
    begun_at: Mapping[str, str] = field(default_factory=dict)
    states: dict[str, Placed[S]] = field(default_factory=dict)
    changed: dict[str, ParkedArticle | None] = field(default_factory=dict)

    def fold(self, subject: str, entry: Entry) -> None:
        """Take an entry in: into the state of its subject, or behind the event that stopped it."""
        letter = self._letter(subject)
        if letter is not None:
            self._park(subject, letter.behind(entry.position))
            return
        try:
            after = self.projection.after(self._before(subject), entry)
        except Exception as error:
            if self.strict:
                raise ProjectionHalted(self.group, self.partition, entry.position, error) from error
            self._park(subject, ParkedArticle.at(entry, error, self.group, self.partition, subject))
            return
        if after is not None:
            self.states[subject] = after

    def _before(self, subject: str) -> Placed[S] | None:
        if subject not in self.states and subject in self.stored:
            return self.projection.unpacked(self.stored[subject])
        return self.states.get(subject)

    def _letter(self, subject: str) -> ParkedArticle | None:
        """Why a subject is parked; it takes over what was parked before anybody knew whose it was."""
        stands_for = self.begun_at.get(subject, "")
        if subject not in self.parked and stands_for in self.parked:
            self.changed[stands_for] = None
            self.parked[subject] = self.parked.pop(stands_for).model_copy(update={"subject": subject})
        return self.parked.get(subject)

    def _park(self, subject: str, letter: ParkedArticle) -> None:
        self.parked[subject] = self.changed[subject] = letter


class Projector(Generic[S]):
    """Projects one version. ``strict`` halts at what cannot be folded; otherwise its article is parked.

    ``batch`` is how many events are folded at most between two writes.
    """

    def __init__(
        self, log: EventLog, store: ModelStore[S], *, strict: bool = False, batch: int = MAX_BATCH
    ) -> None:
        self._log = log
        self._store = store
        self._strict = strict
        self._most = batch

    async def step(self, partition: int) -> int:
        """Fold a batch of events; how many, 0 when there are none.

        Raises :class:`LogDamaged` at a gap, :class:`LogLost` when the log is shorter than the read
        model, :class:`ProjectionHalted`, and ``VersionGone`` when the version was dropped.
        """
        while True:
            checkpoint = await self._store.checkpoint(partition)
            tail = await self._log.tail(partition)
            if tail < checkpoint:
                raise LogLost(f"partition {partition} ends at {tail}, {self._store.reader} read {checkpoint}")
            if tail == checkpoint:
                return 0
            entries = await self._page(partition, checkpoint, tail)
            if await self._project(partition, checkpoint, entries):
                return len(entries)

    async def _page(self, partition: int, after: int, tail: int) -> list[Entry]:
        through = min(tail, after + self._most)
        async with aclosing(self._log.read(partition, after=after, through=through)) as reader:
            entries = [entry async for entry in reader]
        if len(entries) != through - after:
            raise LogDamaged(f"partition {partition}: position {after + len(entries) + 1} is missing")
        return entries

    async def _project(self, partition: int, checkpoint: int, entries: Sequence[Entry]) -> bool:
        """Whether the batch was written; if not, somebody else moved on first."""
        subjects = await self._subjects(partition, entries)
        batch, seen = await self._batch(partition, entries, subjects)
        for entry in entries:
            if entry.position in subjects:
                batch.fold(subjects[entry.position], entry)
        through = entries[-1].position
        guarded = {subject: seen[subject] for subject in batch.changed if subject in seen}
        done = await self._store.commit(
            partition, (checkpoint, through), batch.states, batch.changed, guarded
        )
        if done:
            _tell(batch, seen)
        return done

    async def _subjects(self, partition: int, entries: Sequence[Entry]) -> dict[int, str]:
        """The subject of each entry that matters, by position; what stands for it if nobody can tell."""
        at_hand = {entry.position: entry for entry in entries}
        subjects: dict[int, str] = {}
        for entry in entries:
            if not self._store.projection.wants(entry):
                continue
            named = await named_before(self._log, partition, entry, at_hand)
            if self._store.projection.wants(named):
                subjects[entry.position] = named.subject or unknown(named.position)
        return subjects

    async def _batch(
        self, partition: int, entries: Sequence[Entry], subjects: Mapping[int, str]
    ) -> tuple[Batch[S], dict[str, bytes]]:
        """An empty batch that knows what is stored, and what stands there of those that are parked."""
        wanted = list(dict.fromkeys(subjects.values()))
        found = await self._store.stored(partition, wanted, wanted)
        states, seen = dict(found.states), dict(found.parked)
        begun_at = (
            {} if self._strict else await self._begun_at(partition, entries, subjects, {*states, *seen})
        )
        if begun_at:
            found = await self._store.stored(partition, begun_at, {*begun_at, *begun_at.values()})
            states |= found.states
            seen |= found.parked
        parked = {subject: ParkedArticle.model_validate_json(letter) for subject, letter in seen.items()}
        store = self._store
        batch = Batch(store.projection, store.group, partition, self._strict, states, parked, begun_at)
        return batch, seen

    async def _begun_at(
        self, partition: int, entries: Sequence[Entry], subjects: Mapping[int, str], known: set[str]
    ) -> dict[str, str]:
        """Subjects of which nothing is kept though they are not new, and what may stand for them."""
        at_hand = {entry.position: entry for entry in entries}
        begun: dict[str, str] = {}
        for position, subject in subjects.items():
            if subject not in known and at_hand[position].previous:
                first = await first_of(self._log, partition, at_hand[position], at_hand)
                begun[subject] = unknown(first.position)
            known.add(subject)
        return begun


def _tell(batch: Batch[S], seen: Mapping[str, bytes]) -> None:
    for subject, letter in batch.changed.items():
        if letter is not None and subject not in seen:
            logs.get_logger().error("readmodel.article_parked", **letter.model_dump(mode="json"))
