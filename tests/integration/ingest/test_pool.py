"""Reading side by side: slow seeds, order, and a reader that waits for those who come after it."""

from __future__ import annotations

import os

import pytest

from newsfeed import streams
from newsfeed.eventlog.groups import ensure_group
from newsfeed.events import ArticleIngested
from services.ingest import rounds
from services.ingest.handlers import Intake
from services.ingest.reader import SeedReader
from services.ingest.taken import Batch
from tests.integration.ingest.desk import DUPLICATED, INGESTED, REJECTED, REVISED, Desk, feed, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

ENDLESS = "<html " + " ".join(f"a{number}=1" for number in range(100_000)) + "><body><p>Ferry"


async def test_others_are_read_while_a_slow_seed_is(desk: Desk) -> None:
    """With one child it would cost them its deadline; the order of their facts is kept."""
    os.utime(desk.save("0.html", ENDLESS), (1, 1))
    for number in range(1, 40):
        os.utime(desk.save(f"{number}.txt", story(f"Story {number}")), (1 + number, 1 + number))
    async with SeedReader(children=2, deadline_seconds=2.0) as pair:
        desk.reader = pair
        await desk.ingest()

    told = await desk.told()
    assert (len(told), told[-1]) == (40, (REJECTED, "0.html"))
    for partition in range(2):
        events = [entry.readable() async for entry in desk.log.read(partition)]
        saved = [event.seed.modified_at for event in events if isinstance(event, ArticleIngested)]
        assert saved == sorted(saved)


def save_copies(desk: Desk) -> list[tuple[str, str]]:
    """The same bytes six times; returns the facts."""
    for second in range(6):
        os.utime(desk.save(f"copy-{second}.txt", story("Ferry")), (second, second))
    return [*((DUPLICATED, f"copy-{second}.txt") for second in range(1, 6)), (INGESTED, "copy-0.txt")]


async def test_what_depends_on_a_seed_before_it_is_read_anew(desk: Desk) -> None:
    """It was read before the log knew the other one."""
    copies = save_copies(desk)
    for second in range(6):
        os.utime(desk.save(f"feed-{second}.xml", feed(("1", f"Text {second}."))), (second, second))
    await desk.ingest()

    versions = [(REVISED, f"feed-{second}.xml") for second in range(1, 6)]
    assert await desk.told() == sorted([*copies, (INGESTED, "feed-0.xml"), *versions])
    assert (await desk.texts())["feed-0.xml"] == [f"Text {second}." for second in range(6)]


async def test_a_planted_trust_in_what_was_read_ahead_makes_copies_articles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the test above is about."""
    monkeypatch.setattr(Batch, "outdates", lambda *_: False)
    copies = save_copies(desk)
    async with desk.intake() as intake:
        await intake.take(desk.due())

    assert copies != await desk.told()


async def test_reading_waits_for_enrich(desk: Desk) -> None:
    """A million files at once must not fill Redis long before anybody can read them."""
    desk.set(max_backlog=3)
    await ensure_group(desk.log, streams.ENRICH)
    for number in range(5):
        desk.save(f"{number}.txt", story(f"Story {number}"))
    async with desk.ingesting() as running:
        await desk.done()
        desk.save("late.txt", story("Late"))
        await desk.until(lambda: running.runtime.details.get("paused") is True)
        await desk.rounds(running)
        assert running.runtime.details["enrich_backlog_count"] == 5
        assert len(await desk.told()) == 5

        for partition in range(2):
            tail = await desk.log.tail(partition)
            await desk.log.redis.xgroup_setid(streams.log(partition), streams.ENRICH, f"0-{tail}")
        await desk.done()

    assert (INGESTED, "late.txt") in await desk.told()
    assert running.runtime.details["paused"] is False


async def test_batches_are_bounded_by_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts of a batch are in memory until they are committed."""
    sizes = list[int]()
    take = Intake.take

    async def counted(self: Intake, seeds: list[object]) -> dict[str, OSError]:
        sizes.append(len(seeds))
        return await take(self, seeds)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds, "BATCH_BYTES", 150)
    monkeypatch.setattr(Intake, "take", counted)
    for number in range(6):
        desk.save(f"{number}.txt", story("Story", "x" * 60 + str(number)))
    await desk.ingest()

    assert max(sizes) == 2
    assert len(await desk.told()) == 6


async def test_the_heartbeat_tells_what_was_done(desk: Desk) -> None:
    """An operator sees at a glance what comes in, what is refused and what waits."""
    desk.save("a.txt", story("Ferry"))
    desk.save("b.txt", story("Ferry"))
    desk.save("c.xml", "<?xml version='1.0'?><rss")
    async with desk.ingesting() as running:
        await desk.done()
        desk.save("a.txt", story("Ferry", "Another text. It is longer than it was."))
        await desk.done()
        await desk.rounds(running)
        details = running.runtime.details

    metrics = details["metrics"]
    assert isinstance(metrics, dict)
    counted = {name: metrics[name] for name in ("settled", "ingested", "revised", "duplicate", "move_failed")}
    assert counted == {"settled": 4, "ingested": 1, "revised": 1, "duplicate": 1, "move_failed": 0}
    assert metrics["seen"] >= 3
    assert metrics["rejected"] == {"corrupt": 1}
    assert metrics["bytes"] > 0
    assert set(metrics["parse_seconds"]) == {"text", "rejected"}
    assert (details["waiting_count"], details["oldest_waiting_seconds"]) == (0, 0.0)
    assert details["announced"] is True
