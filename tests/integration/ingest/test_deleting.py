"""Seeds that are deleted: what is withdrawn with them, and when rather not."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from newsfeed import streams
from newsfeed.events import ArticleRevised, ArticleWithdrawn
from services.ingest import absences, orders
from services.ingest.ledger import Ledger
from services.ingest.withdrawing import withdraw
from tests.integration.ingest.desk import (
    DUPLICATED,
    INGESTED,
    MOVED,
    REVISED,
    WITHDRAWN,
    Desk,
    Running,
    feed,
    story,
)
from tests.integration.ingest.test_interruptions import Crash, crash_at_commit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]


@pytest.fixture
def strict(desk: Desk) -> Desk:
    """A desk with a source in which deleting withdraws."""
    desk.save("town/_source.toml", 'on_delete = "withdraw"')
    return desk


def fill(desk: Desk, count: int, source: str = "town") -> None:
    for number in range(count):
        desk.save(f"{source}/{number:02}.txt", story(f"Story {number} of {source}"))


def delete(desk: Desk, count: int) -> None:
    for number in range(count):
        (desk.root / f"town/{number:02}.txt").unlink()


async def minutes_pass(desk: Desk, running: Running, minutes: int = 2) -> None:
    """Each with a few listings."""
    for _ in range(minutes):
        await desk.rounds(running, 4)
        desk.hands.turn(60)
    await desk.rounds(running, 4)


@asynccontextmanager
async def after(desk: Desk) -> AsyncIterator[Running]:
    """A program that has seen all that is there."""
    async with desk.ingesting() as running:
        await desk.rounds(running, 4)
        await desk.done()
        yield running


async def withdrawn(desk: Desk) -> list[str]:
    return sorted(one.seed.path for one in await desk.events() if isinstance(one, ArticleWithdrawn))


async def test_a_deleted_seed_withdraws_its_articles(strict: Desk) -> None:
    """All that are in it; after a minute and no sooner."""
    strict.save("town/a.xml", feed(("1", "One happened."), ("2", "Two happened.")))
    fill(strict, 5)
    async with after(strict) as running:
        (strict.root / "town/a.xml").unlink()
        await strict.rounds(running, 6)
        assert await withdrawn(strict) == []
        await minutes_pass(strict, running)

    assert await withdrawn(strict) == ["town/a.xml", "town/a.xml"]
    assert {one.reason for one in await strict.events() if isinstance(one, ArticleWithdrawn)} == {
        "seed_deleted"
    }


async def test_nothing_is_withdrawn_where_nobody_asked_for_it(strict: Desk) -> None:
    """Most editors tidy up."""
    fill(strict, 5, "coast")
    async with after(strict) as running:
        (strict.root / "coast/00.txt").unlink()
        await minutes_pass(strict, running)

    assert await withdrawn(strict) == []


async def test_a_deleted_seed_that_comes_back_is_an_article_again(strict: Desk) -> None:
    """With the text that it had."""
    fill(strict, 5)
    async with after(strict) as running:
        delete(strict, 1)
        await minutes_pass(strict, running)
        fill(strict, 1)
        await strict.done()

    (back,) = [event for event in await strict.events() if isinstance(event, ArticleRevised)]
    assert (back.version, back.seed.path) == (3, "town/00.txt")


async def test_a_renamed_seed_is_not_deleted(strict: Desk) -> None:
    """Within its source, or out of it."""
    fill(strict, 5)
    async with after(strict) as running:
        (strict.root / "town/00.txt").rename(strict.root / "town/new.txt")
        (strict.root / "town/01.txt").rename(strict.root / "out.txt")
        await strict.done()
        await minutes_pass(strict, running)

    assert await withdrawn(strict) == []
    assert (MOVED, "town/new.txt") in await strict.told()


async def test_a_deleted_seed_of_which_there_is_a_copy_is_moved_there(strict: Desk) -> None:
    """Its bytes are still in the folder: the article stands."""
    strict.save("town/a.txt", story("Ferry"))
    strict.save("town/b.txt", story("Ferry"))
    async with after(strict) as running:
        (strict.root / "town/a.txt").unlink()
        await minutes_pass(strict, running)
        strict.save("town/b.txt", story("Ferry", "Another text. It is longer than it was."))
        await strict.done()

    told = [
        (DUPLICATED, "town/b.txt"),
        (INGESTED, "town/a.txt"),
        (REVISED, "town/b.txt"),
        (MOVED, "town/b.txt"),
    ]
    assert sorted(told) == await strict.told()


async def test_an_article_that_stands_in_another_seed_is_not_withdrawn(strict: Desk) -> None:
    """Feeds overlap."""
    strict.save("town/a.xml", feed(("1", "One happened."), ("2", "Two happened.")))
    strict.save("town/b.xml", feed(("2", "Two happened."), ("3", "Three happened.")))
    async with after(strict) as running:
        (strict.root / "town/a.xml").unlink()
        await minutes_pass(strict, running)

    assert len(await withdrawn(strict)) == 1


async def test_many_that_vanish_at_once_are_an_alarm_until_somebody_says_so(strict: Desk) -> None:
    """Over a restart, too; the command is what an operator gives it with."""
    fill(strict, 30)
    async with after(strict) as running:
        delete(strict, 20)
        await minutes_pass(strict, running, 3)
        assert "20 seeds vanished" in running.runtime.troubles["vanished"]
    async with after(strict) as running:
        fill(strict, 90, "town/more")
        await strict.done()
        await minutes_pass(strict, running, 3)
        assert running.runtime.details["vanished_count"] == 20
        assert await withdrawn(strict) == []

        assert len(await orders.accept_deletions(strict.log.redis)) == 20
        await strict.until(lambda: not running.runtime.troubles)
        await strict.rounds(running, 3)

    assert len(await withdrawn(strict)) == 20
    assert await strict.log.redis.exists(streams.SEEDS_ACCEPTED, streams.SEEDS_VANISHED) == 0


async def test_an_alarm_ends_when_the_seeds_are_back(strict: Desk) -> None:
    """With other times and inodes: a backup was restored."""
    fill(strict, 30)
    async with after(strict) as running:
        shutil.copytree(strict.root / "town", strict.root.with_name("backup"))
        delete(strict, 20)
        await strict.until(lambda: "vanished" in running.runtime.troubles)
        shutil.copytree(strict.root.with_name("backup"), strict.root / "town", dirs_exist_ok=True)
        await strict.until(lambda: not running.runtime.troubles)
        await strict.done()

    assert {kind for kind, _ in await strict.told()} == {INGESTED}


async def test_a_root_that_is_away_for_five_minutes_withdraws_nothing(strict: Desk) -> None:
    """An unmounted disk: nothing is withdrawn, and nothing ingested again when it is back."""
    fill(strict, 12)
    async with after(strict) as running:
        away = strict.root.rename(strict.root.with_name("away"))
        await strict.until(lambda: "folder" in running.runtime.troubles)
        await minutes_pass(strict, running, 5)
        away.rename(strict.root)
        await strict.until(lambda: not running.runtime.troubles)
        await minutes_pass(strict, running)

    assert {kind for kind, _ in await strict.told()} == {INGESTED}
    assert len(await strict.told()) == 12


async def test_a_source_that_is_away_withdraws_nothing(strict: Desk) -> None:
    """Its own disk was unmounted: an empty folder is left, without what it says of itself."""
    fill(strict, 5)
    fill(strict, 5, "coast")
    async with after(strict) as running:
        (strict.root / "town").rename(strict.root.with_name("away"))
        (strict.root / "town").mkdir()
        await minutes_pass(strict, running, 5)

    assert await withdrawn(strict) == []


async def test_a_source_that_is_gone_as_a_whole_withdraws_nothing(strict: Desk) -> None:
    """What it said of itself is gone with it; also when it comes back with less."""
    fill(strict, 5)
    async with after(strict) as running:
        away = (strict.root / "town").rename(strict.root.with_name("away"))
        await minutes_pass(strict, running, 3)
        away.rename(strict.root / "town")
        await strict.rounds(running)

    assert await withdrawn(strict) == []


async def test_another_device_withdraws_nothing(strict: Desk) -> None:
    """It is another disk that is mounted there, however few files were on the first."""
    fill(strict, 5)
    await strict.look()
    await strict.log.redis.hset(streams.SEEDS_DEVICES, "town", "-1")
    delete(strict, 2)
    async with strict.ingesting() as running:
        await strict.until(lambda: "vanished" in running.runtime.troubles)
        await minutes_pass(strict, running, 3)

    assert await withdrawn(strict) == []


async def test_done_seeds_that_moved_away_are_not_deleted(strict: Desk) -> None:
    """It was ingest that took them out of the folder."""
    strict.save("town/_source.toml", 'on_delete = "withdraw"\non_done = "move"')
    fill(strict, 5)
    async with strict.ingesting() as running:
        await strict.until(lambda: not [seed for seed in strict.due() if seed.path.startswith("town")])
        await minutes_pass(strict, running, 3)

    assert {kind for kind, _ in await strict.told()} == {INGESTED}


@pytest.mark.parametrize("number", range(3))
async def test_a_crash_while_a_feed_is_withdrawn_is_made_good(
    strict: Desk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Each of its articles is withdrawn, once."""
    fill(strict, 5)
    strict.save("town/a.xml", feed(*((str(number), f"Thing {number} happened.") for number in range(250))))
    await strict.look()
    (strict.root / "town/a.xml").unlink()
    present = {seed.path: seed.look for seed in strict.due()}
    with monkeypatch.context() as patched:
        crash_at_commit(patched, number)
        async with strict.intake() as intake:
            with suppress(Crash):
                await withdraw(intake, ["town/a.xml"], present)

    async with after(strict) as running:
        await minutes_pass(strict, running)

    assert await withdrawn(strict) == ["town/a.xml"] * 250
    assert len({one.subject for one in await strict.events() if one.type == WITHDRAWN}) == 250


async def test_a_ledger_made_anew_knows_what_was_deleted(strict: Desk) -> None:
    """Else the same bytes would not come back as an article."""
    fill(strict, 5)
    async with after(strict) as running:
        delete(strict, 1)
        await minutes_pass(strict, running)
    await strict.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)
    ledger = Ledger(strict.log)
    await ledger.load()

    entry = ledger.entry("town/00.txt")
    assert entry is not None
    assert entry.outcome == "deleted"


async def test_a_planted_haste_withdraws_what_is_only_away(
    strict: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the guard is for: without it, half of a source goes with its disk."""
    monkeypatch.setattr(absences, "MANY", 1_000_000)
    fill(strict, 30)
    async with after(strict) as running:
        delete(strict, 20)
        await minutes_pass(strict, running)

    assert len(await withdrawn(strict)) == 20
