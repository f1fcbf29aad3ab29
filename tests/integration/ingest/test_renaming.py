"""Seeds that get another name: the article stays what it is, and is found under the new one."""

from __future__ import annotations

import asyncio

import pytest

from newsfeed import streams
from newsfeed.events import ArticleRevised, SeedMoved
from services.ingest.handlers import Intake
from services.ingest.ledger import Ledger
from services.ingest.ledger_entry import LedgerEntry
from tests.integration.ingest.desk import DUPLICATED, INGESTED, MOVED, REVISED, Desk, feed, story
from tests.integration.ingest.test_interruptions import crash_at_commit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]


async def ledger_of(desk: Desk) -> dict[str, LedgerEntry]:
    """The ledger as a program reads it when it starts, without looks, and whatever order articles have."""
    ledger = Ledger(desk.log)
    await ledger.load()
    return {
        path: entry.model_copy(
            update={"look": None, "learned_at": None, "article_ids": tuple(sorted(entry.article_ids))}
        )
        for path, entry in ledger.entries()
    }


async def lose_the_ledger(desk: Desk) -> None:
    await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)


async def move(desk: Desk, name: str, new_name: str) -> None:
    """Rename a seed and let ingest take note."""
    (desk.root / new_name).parent.mkdir(exist_ok=True)
    (desk.root / name).rename(desk.root / new_name)
    await desk.ingest()


async def test_a_renamed_seed_is_no_article_and_no_copy(desk: Desk) -> None:
    """Only its path is another; who asks for the article is told where its file lies now."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()

    await move(desk, "a.txt", "town/b.txt")

    assert await desk.told() == [(INGESTED, "a.txt"), (MOVED, "town/b.txt")]
    (event,) = [event for event in await desk.events() if isinstance(event, SeedMoved)]
    assert (event.from_path, event.version) == ("a.txt", 1)
    assert list(await ledger_of(desk)) == ["town/b.txt"]


@pytest.mark.parametrize("loses", [False, True])
async def test_a_renamed_seed_that_is_edited_revises_its_article(desk: Desk, loses: bool) -> None:
    """Else an editor who sorts files into folders would make each of them new to its readers."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    for name, new_name in (("a.txt", "b.txt"), ("b.txt", "town/c.txt")):
        await move(desk, name, new_name)
    if loses:
        await lose_the_ledger(desk)

    desk.save("town/c.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    events = await desk.events()
    assert [event.type for event in events] == [INGESTED, MOVED, MOVED, REVISED]
    assert len({event.subject for event in events}) == 1


async def test_the_ledger_is_the_same_when_it_is_made_anew(desk: Desk) -> None:
    """It is a projection of the log: what it knows of moves must stand there."""
    desk.save("a.xml", feed(*((str(number), f"Thing {number} happened.") for number in range(5))))
    desk.save("b.txt", story("Ferry"))
    await desk.ingest()
    await move(desk, "a.xml", "town/a.xml")
    await move(desk, "b.txt", "c.txt")
    desk.save("b.txt", story("Bridge"))
    await desk.ingest()
    await move(desk, "c.txt", "d.txt")
    before = await ledger_of(desk)

    await lose_the_ledger(desk)

    assert before == await ledger_of(desk)


@pytest.mark.parametrize("loses", [False, True])
async def test_a_new_seed_under_the_old_name_is_a_new_article(desk: Desk, loses: bool) -> None:
    """`today.txt` becomes `monday.txt`, and the next one is written: it must not revise Monday's."""
    desk.save("today.txt", story("Monday"))
    await desk.ingest()
    await move(desk, "today.txt", "monday.txt")
    if loses:
        await lose_the_ledger(desk)
    desk.save("today.txt", story("Tuesday"))
    await desk.ingest()
    desk.save("today.txt", story("Tuesday", "It rained all day. The fair was called off."))
    await desk.ingest()
    desk.save("monday.txt", story("Monday", "It was dry all day. The fair was full."))
    await desk.ingest()

    subjects: dict[str, set[str]] = {}
    for event in await desk.events():
        subjects.setdefault(event.subject, set()).add(event.type)
    assert sorted(map(sorted, subjects.values())) == [[INGESTED, REVISED], [INGESTED, REVISED, MOVED]]


async def test_a_rotation_within_one_listing_keeps_the_articles_apart(desk: Desk) -> None:
    """The old one is renamed and the new one saved before ingest looks; whichever is older."""
    desk.save("today.txt", story("Monday"))
    await desk.ingest()
    (desk.root / "today.txt").rename(desk.root / "monday.txt")
    desk.save("today.txt", story("Tuesday"))

    await desk.ingest()

    told = [(INGESTED, "today.txt"), (INGESTED, "today.txt"), (MOVED, "monday.txt")]
    assert await desk.told() == told


async def test_a_seed_that_comes_back_to_its_name_is_the_same(desk: Desk) -> None:
    """There and back again, twice: each move is a fact, and the article is one."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    for _ in range(2):
        await move(desk, "a.txt", "b.txt")
        await move(desk, "b.txt", "a.txt")
    await lose_the_ledger(desk)
    desk.save("a.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    assert [event.type for event in await desk.events()] == [INGESTED, MOVED, MOVED, MOVED, MOVED, REVISED]
    assert len({event.subject for event in await desk.events()}) == 1


async def test_a_copy_is_no_move_while_the_first_is_there(desk: Desk) -> None:
    """And becomes none when the first is edited."""
    desk.save("a.txt", story("Ferry"))
    desk.save("b.txt", story("Ferry"))
    await desk.ingest()
    desk.save("a.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    assert await desk.told() == [(DUPLICATED, "b.txt"), (INGESTED, "a.txt"), (REVISED, "a.txt")]


async def test_a_seed_that_is_renamed_over_another_revises_that_one(desk: Desk) -> None:
    """Some editors save that way: what lies at a path is the newest version of what lay there."""
    desk.save("a.txt", story("Ferry"))
    desk.save("a.new.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    await move(desk, "a.new.txt", "a.txt")

    (revised,) = [event for event in await desk.events() if isinstance(event, ArticleRevised)]
    assert revised.seed.path == "a.txt"


@pytest.mark.parametrize("number", range(5))
async def test_a_crash_in_the_middle_of_a_move_is_made_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A feed of 250 takes several commits: each of its articles gets its fact, once."""
    desk.save("a.xml", feed(*((str(number), f"Thing {number} happened.") for number in range(250))))
    await desk.ingest()
    (desk.root / "a.xml").rename(desk.root / "b.xml")
    with monkeypatch.context() as patched:
        crash_at_commit(patched, number)
        async with desk.intake() as intake:
            intake.present = {seed.path: seed.look for seed in desk.due()}
            await asyncio.gather(intake.take(desk.due()), return_exceptions=True)

    await desk.ingest()

    moved = [event for event in await desk.events() if isinstance(event, SeedMoved)]
    assert len({event.article_id for event in moved}) == len(moved) == 250


async def test_nothing_has_moved_while_the_folder_cannot_be_listed(desk: Desk) -> None:
    """Half a listing does not show what is gone."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    (desk.root / "a.txt").rename(desk.root / "b.txt")

    async with desk.intake() as intake:
        await intake.take(desk.due())

    assert await desk.told() == [(DUPLICATED, "b.txt"), (INGESTED, "a.txt")]


async def test_a_planted_blindness_for_what_is_gone_makes_copies_and_new_articles(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests above are about: without a look at the old name, an edit is news to everybody."""
    monkeypatch.setattr(Intake, "_is_gone", lambda *_: False)
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    await move(desk, "a.txt", "b.txt")
    desk.save("b.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    assert await desk.told() == [(DUPLICATED, "b.txt"), (INGESTED, "a.txt"), (INGESTED, "b.txt")]
