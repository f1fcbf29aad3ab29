"""Only one process ingests: who has the lease, who waits for it, and who lost it."""

from __future__ import annotations

import asyncio

import pytest

from newsfeed import streams
from newsfeed.errors import LeaseLost
from newsfeed.eventlog.leases import SoleOwner
from services.ingest.ledger import Ledger
from tests.integration.ingest.desk import INGESTED, MOVED, Desk, story

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_second_watcher_stands_by_and_takes_over(desk: Desk) -> None:
    """Two of them at work would each ingest everything."""
    async with desk.ingesting() as first:
        desk.save("a.txt", story("Ferry"))
        await desk.done()
        async with desk.ingesting() as second:
            await desk.until(lambda: second.runtime.details.get("standby") is True)
            desk.save("b.txt", story("Bridge"))
            await desk.done()
            assert second.runtime.details == {"standby": True}

            first.end()
            await desk.until(lambda: second.runtime.details.get("standby") is False)
            desk.save("c.txt", story("Tram"))
            await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt"), (INGESTED, "b.txt"), (INGESTED, "c.txt")]


async def test_two_watchers_that_start_together_ingest_once(desk: Desk) -> None:
    """Whoever wins."""
    for number in range(30):
        desk.save(f"{number:02}.txt", story(f"Story {number}"))

    async with desk.ingesting(), desk.ingesting():
        await desk.done()

    assert await desk.told() == [(INGESTED, f"{number:02}.txt") for number in range(30)]


async def test_who_lost_the_lease_cannot_append(desk: Desk) -> None:
    """A process that slept through its lease wakes up with a batch in hand."""
    desk.save("a.txt", story("Ferry"))
    async with desk.intake() as sleeper:
        for partition in range(2):
            await desk.log.redis.delete(streams.lease(partition, streams.INGEST))
        other = SoleOwner(desk.log.redis, streams.INGEST, "other", 60, 2)
        assert await other.acquire()

        with pytest.raises(LeaseLost):
            await sleeper.take(desk.due())

        assert await desk.events() == []
        await other.release()

    await desk.ingest()

    assert await desk.told() == [(INGESTED, "a.txt")]


async def test_a_watcher_that_lost_its_lease_waits_for_it(desk: Desk) -> None:
    """And goes on when the other one is gone."""
    async with desk.ingesting() as running:
        await desk.until(lambda: "scan_count" in running.runtime.details)
        for partition in range(2):
            await desk.log.redis.set(streams.lease(partition, streams.INGEST), "other|0")
        await desk.until(lambda: running.runtime.details["standby"] is True)
        desk.save("a.txt", story("Ferry"))
        for partition in range(2):
            await desk.log.redis.delete(streams.lease(partition, streams.INGEST))
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt")]


async def test_a_ledger_that_loads_slowly_does_not_cost_the_lease(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be lost at every start anew, and nothing ever ingested."""
    load = Ledger.load
    renewals = list[bool]()
    renew = SoleOwner.renew

    async def counted(self: SoleOwner) -> bool:
        renewals.append(await renew(self))
        return renewals[-1]

    async def slowly(self: Ledger) -> None:
        await load(self)
        while len(renewals) < 6:
            await asyncio.sleep(0.01)

    monkeypatch.setattr(SoleOwner, "renew", counted)
    monkeypatch.setattr(Ledger, "load", slowly)
    desk.save("a.txt", story("Ferry"))

    await desk.ingest()

    assert all(renewals)
    assert await desk.told() == [(INGESTED, "a.txt")]


async def test_a_lease_that_is_lost_again_and_again_lets_work_go_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that is too busy: what settled has settled, and the ledger is not loaded each time.

    Only when a write to it was cut off by the loss, which cannot be told from here, it has to be.
    """
    loads = list[Ledger]()
    load = Ledger.load

    async def counted(self: Ledger) -> None:
        loads.append(self)
        await load(self)

    monkeypatch.setattr(Ledger, "load", counted)
    desk.save("a.txt", story("Ferry"))
    async with desk.ingesting() as running:
        await desk.done()
        for number in range(5):
            for partition in range(2):
                await desk.log.redis.delete(streams.lease(partition, streams.INGEST))
            before = running.runtime.details["scan_count"]
            await desk.until(lambda seen=before: running.runtime.details["scan_count"] != seen)  # type: ignore[misc]
            desk.save(f"{number}.txt", story(f"Story {number}"))
        await desk.done()

    assert len(await desk.told()) == 6
    assert len(loads) < 1 + 5


async def test_a_ledger_that_another_process_may_have_written_is_loaded_anew(desk: Desk) -> None:
    """It took something in meanwhile: to take it in again would make it a copy of itself."""
    async with desk.ingesting() as first:
        desk.save("a.txt", story("Ferry"))
        await desk.done()
        for partition in range(2):
            await desk.log.redis.delete(streams.lease(partition, streams.INGEST))
        async with desk.intake() as other:
            await desk.until(lambda: first.runtime.details["standby"] is True)
            desk.save("b.txt", story("Bridge"))
            await other.take(desk.due())
        (desk.root / "b.txt").rename(desk.root / "c.txt")
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt"), (INGESTED, "b.txt"), (MOVED, "c.txt")]
