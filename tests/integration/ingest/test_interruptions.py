"""Whatever ends ingest, and wherever: no article is lost, and none is there twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import pytest

from newsfeed import streams
from newsfeed.errors import LogConflict
from newsfeed.eventlog import Append
from newsfeed.eventlog.checkpoints import checkpoint
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.log import EventLog
from services.ingest.handlers import Intake
from services.ingest.ledger import Ledger, SeedEvent
from services.ingest.ledger_entry import LedgerEntry
from tests.integration.ingest.desk import BROKEN, DUPLICATED, INGESTED, REJECTED, REVISED, Desk, feed, story

pytestmark = pytest.mark.asyncio(loop_scope="session")

FEED = feed(*((str(number), f"Thing {number} happened.") for number in range(250)))


class Crash(Exception):
    """The process ends here, as far as anybody can tell."""


class LedgerThatCrashes(Ledger):
    """Ends the process after the log was written and before the ledger is."""

    async def write(self, entries: Mapping[str, LedgerEntry | None], positions: Mapping[int, int]) -> None:
        if positions:
            raise Crash
        await super().write(entries, positions)


def crash_at_commit(monkeypatch: pytest.MonkeyPatch, number: int, crash: type[Exception] = Crash) -> None:
    """End the process before the commit of this number, from 0."""
    commits = iter(range(1000))
    commit = EventLog.commit

    async def commit_or_crash(
        self: EventLog, partition: int, appends: Sequence[Append], *, lease: Lease | None = None
    ) -> list[int]:
        if next(commits) == number:
            raise crash
        return await commit(self, partition, appends, lease=lease)

    monkeypatch.setattr(EventLog, "commit", commit_or_crash)


async def crash_after_the_log(desk: Desk) -> None:
    async with desk.intake(ledger_type=LedgerThatCrashes) as intake:
        with pytest.raises(Crash):
            await intake.take(desk.due())


def save_one_of_each(desk: Desk) -> list[tuple[str, str]]:
    """Seeds that lead to every kind of fact; returns the facts."""
    desk.save("a.txt", story("Ferry"))
    desk.save("copy-of-a.txt", story("Ferry"))
    desk.save("b.xml", feed(("1", "One happened."), ("2", "Two happened.")))
    desk.save("c.xml", BROKEN)
    return [
        (DUPLICATED, "copy-of-a.txt"),
        (INGESTED, "a.txt"),
        (INGESTED, "b.xml"),
        (INGESTED, "b.xml"),
        (REJECTED, "c.xml"),
    ]


async def test_a_restart_with_the_same_files_adds_nothing(desk: Desk) -> None:
    """Nor does it read them."""
    told = save_one_of_each(desk)
    await desk.ingest()
    before = await desk.log.redis.hgetall(streams.SEEDS)

    await desk.ingest()

    assert await desk.told() == told
    assert before == await desk.log.redis.hgetall(streams.SEEDS)


async def test_a_lost_ledger_adds_nothing(desk: Desk) -> None:
    """The log knows all that was in it; a second loss neither."""
    told = save_one_of_each(desk)
    for _ in range(3):
        await desk.ingest()
        await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)

    assert await desk.told() == told


async def test_a_lost_ledger_brings_no_old_text_back(desk: Desk) -> None:
    """A file that was overtaken by another must not be taken for a newer version."""
    desk.save("a.xml", feed(("1", "The old text.")))
    await desk.ingest()
    desk.save("b.xml", feed(("1", "The new text.")))
    await desk.ingest()
    await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)

    await desk.ingest()

    assert await desk.texts() == {"a.xml": ["The old text.", "The new text."]}


async def test_a_lost_ledger_knows_a_copy_of_bytes_that_were_edited_since(desk: Desk) -> None:
    """The copy was reported; it is no article now that its original has other bytes."""
    for name in ("a.txt", "b.txt"):
        desk.save(name, story("Ferry"))
    await desk.ingest()
    desk.save("a.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()
    told = await desk.told()
    await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)

    await desk.ingest()

    assert told == await desk.told() == [(DUPLICATED, "b.txt"), (INGESTED, "a.txt"), (REVISED, "a.txt")]


@pytest.mark.parametrize("rounds", [1, 3])
async def test_a_crash_between_log_and_ledger_repeats_nothing(desk: Desk, rounds: int) -> None:
    """However often it comes; copies and rejections included."""
    told = save_one_of_each(desk)
    for _ in range(rounds):
        await crash_after_the_log(desk)

    await desk.ingest()

    assert await desk.told() == told
    assert desk.reason("c.xml")["code"] == "corrupt"


async def test_a_crash_between_log_and_ledger_repeats_no_revision(desk: Desk) -> None:
    """The version before must not come back either."""
    for body in ("One text. It is short.", "Two texts. They are longer."):
        desk.save("a.txt", story("Ferry", body))
        await crash_after_the_log(desk)

    await desk.ingest()

    assert await desk.texts() == {"a.txt": ["One text. It is short.", "Two texts. They are longer."]}


@pytest.mark.parametrize("number", range(5))
async def test_a_crash_in_the_middle_of_a_feed_loses_no_article(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A feed takes several commits; that its hash is in the log does not say that all of it is."""
    desk.save("feed.xml", FEED)
    desk.save("z.txt", story("Ferry"))
    with monkeypatch.context() as patched:
        crash_at_commit(patched, number)
        async with desk.intake() as intake:
            with suppress(Crash):
                await intake.take(desk.due())

    await desk.ingest()

    assert await desk.told() == [(INGESTED, "feed.xml")] * 250 + [(INGESTED, "z.txt")]
    assert len({event.subject for event in await desk.events()}) == 251


async def test_a_conflict_in_the_middle_of_a_batch_loses_no_article(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part of the batch is in the log then, and the ledger does not know it."""
    told = save_one_of_each(desk)
    async with desk.intake() as intake:
        with monkeypatch.context() as patched:
            crash_at_commit(patched, 1, _Conflict)
            with pytest.raises(LogConflict):
                await intake.take(desk.due())
        await intake.take(desk.due())

    await desk.ingest()

    assert await desk.told() == told


class _Conflict(LogConflict):
    def __init__(self) -> None:
        super().__init__(0, 0)


async def test_the_checkpoint_never_goes_back(desk: Desk) -> None:
    """An event that was there already answers with its old position."""
    desk.save("a.txt", BROKEN)
    await desk.ingest()
    for number in range(20):
        desk.save(f"{number}.txt", story(f"Story {number}"))
    await desk.ingest()
    before = await desk.log.redis.hgetall(streams.SEEDS_CHECKPOINT)
    desk.save("a.txt", story("Mended"))
    await desk.ingest()
    desk.save("a.txt", BROKEN)
    await desk.ingest()

    after = await desk.log.redis.hgetall(streams.SEEDS_CHECKPOINT)

    assert [p for p in before if int(after[p]) < int(before[p])] == []


async def test_the_trim_is_told_how_far_the_ledger_is(desk: Desk) -> None:
    """A ledger that is lost reads on from its checkpoint: what stands behind it is better kept at hand.

    A stop may come between the two writes, so the trim may know less, and never more.
    """
    save_one_of_each(desk)
    await desk.ingest()

    known = await desk.log.redis.hgetall(streams.SEEDS_CHECKPOINT)
    partitions = range(desk.log.manifest.partitions)
    told = [await checkpoint(desk.log.redis, streams.SEEDS_READER, partition) for partition in partitions]

    assert max(told) > 0
    assert all(told[partition] <= int(known.get(b"%d" % partition, 0)) for partition in partitions)


async def test_a_planted_ledger_before_the_log_loses_an_article(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order of the two is what the tests above are about: turned around, they would fail."""

    class Careless(Intake):
        async def _append(self, batch: Sequence[object]) -> dict[int, int]:
            entries = {taken.due.path: taken.ledger_entry() for taken in batch}  # type: ignore[attr-defined]
            await self.ledger.write(entries, {})
            return await super()._append(batch)  # type: ignore[arg-type]

    desk.save("a.txt", story("Ferry"))
    with monkeypatch.context() as patched:
        crash_at_commit(patched, 0)
        async with desk.intake(intake_type=Careless) as intake:
            with pytest.raises(Crash):
                await intake.take(desk.due())

    await desk.ingest()

    assert await desk.told() == []


async def test_a_planted_forgotten_beginning_loses_half_a_feed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the note that a seed was begun, and with trust in the log, its hash passes for all of it."""
    desk.save("feed.xml", FEED)
    with monkeypatch.context() as patched:
        crash_at_commit(patched, 1)
        async with desk.intake(ledger_type=_Forgetful) as intake:
            with pytest.raises(Crash):
                await intake.take(desk.due())

    learn = Ledger._learn

    def trusting(self: Ledger, event: SeedEvent) -> None:
        learn(self, event)
        if known := self.entry(event.seed.path):
            self._remember(event.seed.path, known.model_copy(update={"learned_at": None}))

    monkeypatch.setattr(Ledger, "_learn", trusting)
    await desk.ingest()

    assert len(await desk.told()) == 100


class _Forgetful(Ledger):
    async def write(self, entries: Mapping[str, LedgerEntry | None], positions: Mapping[int, int]) -> None:
        kept = {path: entry for path, entry in entries.items() if entry and entry.outcome != "begun"}
        await super().write(kept, positions)
