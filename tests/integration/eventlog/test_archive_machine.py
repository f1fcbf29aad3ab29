"""Whatever happens in whatever order: nothing vanishes that anybody still needs, and all can be read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar, TypeVar

import orjson
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.archive.archiver import seal_up_to
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.stores import FolderStore, Store
from newsfeed.eventlog.checkpoints import advance
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.dead_letters import Chosen, DeadLetter, DeadLetters
from newsfeed.eventlog.entries import entry_id, position_of
from newsfeed.eventlog.leases import Lease, Leases
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.trimming import trim
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.archives import DyingStore, archive_of
from newsfeed.testing.facts import version_append
from newsfeed.testing.failures import Killed

T = TypeVar("T")

EXAMPLES, STEPS = 25, 40
"""Stories, and deeds of each: the planted bugs are found among the first ten stories."""

PROJECTION = "articles:1"
OTHER = "audit"
"""A group that is not always there."""


@dataclass(slots=True)
class GroupModel:
    """What a group still has to do; it never gets what was trimmed before it was made."""

    lease: Lease
    begun: int
    delivered: int
    pending: list[int] = field(default_factory=list)
    dead: list[int] = field(default_factory=list)

    def needs(self, position: int) -> bool:
        """Whether the group would miss an event."""
        if position <= self.begun:
            return False
        return position > self.delivered or position in self.pending or position in self.dead


class LogMachine(RuleBasedStateMachine):
    """One partition, its groups, a projection and the archive, beside a model of them."""

    url: ClassVar[str]
    trimmed_count: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory(prefix="nf-")
        self.store: Store = FolderStore(Path(self.folder.name))
        self.model: list[str] = []
        self.appends: list[Append] = []
        self.versions: dict[str, int] = {}
        self.groups: dict[str, GroupModel] = {}
        self.projected = 0
        self.vanished: set[int] = set()

    def teardown(self) -> None:
        type(self).trimmed_count += len(self.vanished)
        self.run(self.log.redis.aclose())
        self.runner.close()
        self.folder.cleanup()

    def run(self, work: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await work

        coroutine: Coroutine[Any, Any, T] = awaited()
        return self.runner.run(coroutine)

    @initialize()
    def open(self) -> None:
        self.run(self.opened())

    async def opened(self) -> None:
        redis = connect(self.url)
        await redis.flushall()
        manifest = await open_manifest(redis, 1)
        self.log = EventLog(redis, manifest, Archive(self.store, manifest.log_id))
        await redis.hset(streams.PROJECTIONS, "articles", orjson.dumps({"live": 1, "kept": [1]}))
        await advance(redis, PROJECTION, {0: 0})
        await self.made_group(streams.ENRICH)
        await self.appended("abcd" * 3)

    async def made_group(self, name: str) -> None:
        first = await self.log.reading.first(0)
        await self.log.redis.xgroup_create(streams.log(0), name, id="0", mkstream=True)
        lease = await Leases(self.log.redis, name, "me", 600).acquire(0)
        assert lease
        self.groups[name] = GroupModel(lease, begun=first - 1, delivered=0)

    @rule(subjects=st.lists(st.sampled_from("abcd"), min_size=1, max_size=6))
    def append(self, subjects: list[str]) -> None:
        self.run(self.appended(subjects))

    async def appended(self, subjects: Iterable[str]) -> None:
        batch: list[Append] = []
        for subject in subjects:
            self.versions[subject] = self.versions.get(subject, 0) + 1
            batch.append(version_append(subject, self.versions[subject]))
        expected = [*range(len(self.model) + 1, len(self.model) + 1 + len(batch))]
        assert await self.log.append(0, batch) == expected
        self.appends += batch
        self.model += [str(one.event.event_id) for one in batch]

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def append_again(self, data: st.DataObject) -> None:
        position = data.draw(st.integers(1, len(self.model)))
        assert self.run(self.log.append(0, [self.appends[position - 1]])) == [-position]

    @precondition(lambda self: self.vanished and OTHER not in self.groups)
    @rule()
    def make_group(self) -> None:
        self.run(self.made_group(OTHER))

    @rule(data=st.data(), count=st.integers(1, 5))
    def read(self, data: st.DataObject, count: int) -> None:
        self.run(self.read_on(data.draw(st.sampled_from(sorted(self.groups))), count))

    async def read_on(self, name: str, count: int) -> None:
        consumer, group = streams.consumer(0, name), self.groups[name]
        reply: Any = await self.log.redis.xreadgroup(name, consumer, {streams.log(0): ">"}, count=count)
        positions = [position_of(stream_id) for _, page in reply for stream_id, _ in page]
        first = max(group.delivered, group.begun) + 1
        assert positions == [*range(first, min(first + count, len(self.model) + 1))]
        group.pending += positions
        group.delivered = max([group.delivered, *positions])

    def busy(self) -> list[str]:
        """The groups that have something in hand."""
        return [name for name, group in sorted(self.groups.items()) if group.pending]

    @precondition(lambda self: self.busy())
    @rule(data=st.data(), count=st.integers(1, 5), luck=st.integers(0, 9))
    def acknowledge(self, data: st.DataObject, count: int, luck: int) -> None:
        self.run(self.acknowledged(data.draw(st.sampled_from(self.busy())), count, dies=luck == 0))

    async def acknowledged(self, name: str, count: int, *, dies: bool = False) -> None:
        group = self.groups[name]
        group.pending.sort()
        done, group.pending = group.pending[:count], group.pending[count:]
        dead = [await self.letter(group, position) for position in done[:1] if dies]
        await self.log.commit(0, [], lease=group.lease, acks=done, dead=dead)
        group.dead += [letter.position for letter in dead]

    @rule(
        subjects=st.lists(st.sampled_from("abcd"), min_size=1, max_size=6),
        undone=st.integers(0, 3),
        unarchived=st.integers(0, 3),
    )
    def go_on(self, subjects: list[str], undone: int, unarchived: int) -> None:
        """A day's work: events come, everybody does all but a little, and the log is trimmed."""
        self.run(self.appended(subjects))
        self.run(self.caught_up(undone, unarchived))
        self.run(self.trimmed())

    async def caught_up(self, undone: int, unarchived: int) -> None:
        for name, group in self.groups.items():
            await self.read_on(name, 100)
            if len(group.pending) > undone:
                await self.acknowledged(name, len(group.pending) - undone)
        await self.projected_on(len(self.model))
        await self.sealed(limit=6, leave=unarchived)

    async def letter(self, group: GroupModel, position: int) -> DeadLetter:
        entry = await self.log.entry(0, position)
        assert entry
        return DeadLetter.of(entry, ValueError(), group.lease.group, 0, 5)

    @precondition(lambda self: any(group.dead for group in self.groups.values()))
    @rule(data=st.data())
    def requeue(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([n for n, group in sorted(self.groups.items()) if group.dead]))
        group = self.groups[name]
        position = group.dead.pop()
        self.run(self.requeued(name, position))
        group.pending.append(position)

    async def requeued(self, name: str, position: int) -> None:
        letters = DeadLetters(self.log.redis, 1)
        taken = [one.count async for one in letters.requeue(Chosen.only(name, 0, position))]
        assert sum(taken) == 1

    @rule(count=st.integers(1, 8))
    def project(self, count: int) -> None:
        self.run(self.projected_on(count))

    async def projected_on(self, count: int) -> None:
        through = min(self.projected + count, len(self.model))
        async for entry in self.log.read(0, after=self.projected, through=through):
            assert entry.position == self.projected + 1
            self.projected += 1
        assert self.projected == through
        await advance(self.log.redis, PROJECTION, {0: through})

    @rule(limit=st.integers(1, 6))
    def archive(self, limit: int) -> None:
        self.run(self.sealed(limit))

    async def sealed(self, limit: int, leave: int = 0) -> None:
        through = len(self.model) - leave
        await seal_up_to(self.log, archive_of(self.log), 0, through=through, limit=limit)

    @rule(limit=st.integers(1, 6), dies_at=st.integers(1, 12), done=st.booleans())
    def archive_and_die(self, limit: int, dies_at: int, done: bool) -> None:
        dying = Archive(DyingStore(self.store, dies_at, done=done), self.log.manifest.log_id)
        try:
            self.run(seal_up_to(self.log, dying, 0, through=len(self.model), limit=limit))
        except Killed:
            return

    @rule()
    def trim(self) -> None:
        self.run(self.trimmed())

        self.replay()

    async def trimmed(self) -> None:
        done = await trim(self.log, 0)
        assert done.refused in {None, "checkpoint archive"}

    @rule()
    def replay(self) -> None:
        """Reading from 1 gives all that was ever appended, wherever it is."""
        self.run(self.replayed())

    async def replayed(self) -> None:
        assert [entry.event_id async for entry in self.log.read(0)] == self.model

    @invariant()
    def nothing_that_is_needed_vanishes(self) -> None:
        if hasattr(self, "log"):
            self.run(self.checked())

    async def checked(self) -> None:
        raws = await self.log.redis.xrange(streams.log(0)) or []
        hot = {position_of(raw[0]) for raw in raws}  # type: ignore[arg-type] # redis-py says: or None
        gone = {*range(1, len(self.model) + 1)} - hot - self.vanished
        if gone:
            archived = await Archive(self.store, self.log.manifest.log_id).entries(0, gone)
            assert gone == archived.keys(), "unarchived"
        self.vanished |= gone
        for name, group in self.groups.items():
            assert not [position for position in self.vanished if group.needs(position)], name
        assert max(self.vanished, default=0) <= self.projected, "unprojected"


class Hasty(LogMachine):
    """The planted bug: it trims what every group was given, as if that were done, too."""

    async def trimmed(self) -> None:
        groups = await self.log.redis.xinfo_groups(streams.log(0))
        floor = min(position_of(group["last-delivered-id"]) for group in groups)
        mark = int(await self.log.redis.hget(streams.checkpoints(0), streams.ARCHIVE) or 0)
        floor = min(floor, mark, self.projected)
        await self.log.redis.xtrim(streams.log(0), minid=entry_id(floor + 1), approximate=False)


class Unarchived(LogMachine):
    """Another one: it forgets to wait for the archive."""

    async def trimmed(self) -> None:
        key = streams.checkpoints(0)
        before = await self.log.redis.hget(key, streams.ARCHIVE) or b"0"
        await self.log.redis.hset(key, streams.ARCHIVE, str(len(self.model)))
        await super().trimmed()
        await self.log.redis.hset(key, streams.ARCHIVE, before)


def play(machine: type[LogMachine], server: EmbeddedRedis) -> int:
    """Many random stories, the same each time; how many entries were trimmed in them."""
    machine.url, machine.trimmed_count = server.url, 0
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.generate],  # A story that fails is short enough; making it shorter takes minutes.
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return machine.trimmed_count


@pytest.mark.no_cover
@pytest.mark.timeout(300)
def test_nothing_that_is_unarchived_pending_or_unprojected_ever_vanishes(server: EmbeddedRedis) -> None:
    """Trimming is the one deed that cannot be taken back."""
    trimmed_count = play(LogMachine, server)

    assert trimmed_count > 100  # Where nothing is trimmed, nothing is proved.


@pytest.mark.by_turns
@pytest.mark.no_cover
@pytest.mark.timeout(300)
@pytest.mark.parametrize("bug", [Hasty, Unarchived])
def test_a_hasty_trim_does_not_survive_the_same_stories(server: EmbeddedRedis, bug: type[LogMachine]) -> None:
    """Otherwise the test above would prove nothing."""
    with pytest.raises(AssertionError):
        play(bug, server)
