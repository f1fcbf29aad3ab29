"""News that came before its time, and versions that came after theirs."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from structlog.testing import capture_logs

from newsfeed import streams
from newsfeed.events import ArticleRevised, ArticleWithdrawn
from newsfeed.runtime import Runtime
from services.ingest import intake
from services.ingest.announcements import Announcements
from services.ingest.ledger import Ledger
from services.ingest.rounds import Rounds
from services.ingest.settling import Settling
from tests.integration.ingest.desk import (
    DUPLICATED,
    INGESTED,
    REVISED,
    WITHDRAWN,
    Desk,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

HOUR = 3600


def wire(desk: Desk, body: str, uri: str = "urn:a", embargo_hours: int = 0, **fields: object) -> str:
    """A ninjs item; with an embargo that ends so many hours from now."""
    item: dict[str, object] = {"uri": uri, "type": "text", "headline": "Budget", "body_text": body, **fields}
    if embargo_hours:
        item["embargoed"] = (desk.hands.clock.now() + timedelta(hours=embargo_hours)).isoformat()
    return orjson.dumps(item).decode()


def held(desk: Desk, name: str = "a.json") -> None:
    desk.save(name, wire(desk, "The budget was passed.", embargo_hours=1))


@pytest.mark.parametrize("loses", [False, True])
async def test_an_embargoed_article_waits_for_its_time(desk: Desk, loses: bool) -> None:
    """Through restarts, and when the ledger is lost; nothing of it is in the log before."""
    held(desk)
    for _ in range(2):
        await desk.ingest()
        if loses:
            await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)
    assert await desk.events() == []
    assert [key async for key in desk.log.redis.scan_iter("*content*")] == []

    async with desk.ingesting() as running:
        await desk.until(lambda: running.runtime.details.get("held_count") == 1)
        desk.hands.turn(HOUR)
        await desk.until(lambda: running.runtime.details.get("held_count") == 0)

    assert await desk.told() == [(INGESTED, "a.json")]
    assert await desk.texts() == {"a.json": ["The budget was passed."]}


async def test_a_held_seed_stays_where_it_is_until_it_is_released(desk: Desk) -> None:
    """The folder is what keeps it: moved away, it would be lost."""
    desk.set(on_done="move")
    held(desk)
    async with desk.ingesting() as running:
        await desk.until(lambda: running.runtime.details.get("held_count") == 1)
        assert [seed.path for seed in desk.due()] == ["a.json"]
        desk.hands.turn(HOUR)
        await desk.until(lambda: not desk.due())

    assert await desk.told() == [(INGESTED, "a.json")]


async def test_a_kill_before_its_time_ends_the_embargo_of_copies(desk: Desk) -> None:
    """The same bytes under another name are the same news."""
    held(desk)
    await desk.ingest()
    held_bytes = (desk.root / "a.json").read_bytes()
    desk.save("copy.json", held_bytes)
    await desk.ingest()
    desk.save("b.json", wire(desk, "x", pubstatus="canceled"))
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert await desk.told() == [(WITHDRAWN, "b.json")]


async def test_a_later_version_without_embargo_takes_its_place(desk: Desk) -> None:
    """And the held one, which is older, does not come back over it."""
    held(desk)
    await desk.ingest()
    desk.save("b.json", wire(desk, "The budget was passed at noon."))
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert await desk.texts() == {"b.json": ["The budget was passed at noon."]}


async def test_a_later_version_with_another_embargo_takes_its_place(desk: Desk) -> None:
    """The agency corrected it before anybody could read it, and put it off."""
    held(desk)
    await desk.ingest()
    desk.save("b.json", wire(desk, "The budget was passed at noon.", embargo_hours=3))
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()
    assert await desk.events() == []

    desk.hands.turn(2 * HOUR)
    async with desk.ingesting() as running:
        await desk.until(lambda: running.runtime.details.get("held_count") == 0)

    assert await desk.texts() == {"b.json": ["The budget was passed at noon."]}


async def test_a_crash_after_the_later_version_does_not_bring_the_held_one_back(desk: Desk) -> None:
    """What the log has learnt is followed when the program starts: the ledger did not hear of it."""
    held(desk)
    await desk.ingest()
    before = await desk.log.redis.hget(streams.SEEDS, "a.json")
    assert before is not None
    desk.save("b.json", wire(desk, "The budget was passed at noon."))
    await desk.ingest()
    await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)
    await desk.log.redis.hset(streams.SEEDS, "a.json", before)

    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert await desk.texts() == {"b.json": ["The budget was passed at noon."]}


async def test_an_embargoed_revision_leaves_the_version_before_as_it_is(desk: Desk) -> None:
    """Until its time."""
    desk.save("a.json", wire(desk, "The budget is debated."))
    await desk.ingest()
    held(desk)
    await desk.ingest()
    assert await desk.told() == [(INGESTED, "a.json")]

    desk.hands.turn(HOUR)
    await desk.look()

    assert await desk.texts() == {"a.json": ["The budget is debated.", "The budget was passed."]}


async def test_copies_of_a_held_seed_are_copies_when_it_is_released(desk: Desk) -> None:
    """One article, as always."""
    desk.save("a.md", _embargoed_note(desk))
    desk.save("b.md", _embargoed_note(desk))
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    async with desk.ingesting() as running:
        await desk.until(lambda: running.runtime.details.get("held_count") == 0)
        await desk.done()

    assert [kind for kind, _ in await desk.told()] in ([INGESTED], [DUPLICATED, INGESTED])
    assert len({event.subject for event in await desk.events()}) == 1


def _embargoed_note(desk: Desk) -> str:
    return wire(desk, "The budget was passed.", uri="urn:note", embargo_hours=1)


async def test_a_held_seed_may_be_renamed(desk: Desk) -> None:
    """It waits on under its new name, and is one article."""
    held(desk)
    await desk.ingest()
    (desk.root / "a.json").rename(desk.root / "b.json")
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert await desk.told() == [(INGESTED, "b.json")]


async def test_a_held_seed_that_is_deleted_never_comes_out(desk: Desk) -> None:
    """Its editor took it back in time."""
    held(desk)
    await desk.ingest()
    (desk.root / "a.json").unlink()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert await desk.events() == []


async def test_a_held_seed_that_is_gone_wakes_nobody(desk: Desk) -> None:
    """Once its time had come, the folder was listed without any rest, for ever."""
    held(desk)
    await desk.ingest()
    (desk.root / "a.json").unlink()
    desk.hands.turn(2 * HOUR)
    async with desk.intake() as intake:
        runtime = Runtime(desk.settings, desk.log.redis, desk.log)
        rounds = Rounds(runtime, intake, Announcements(), Settling(1, 1))

        assert rounds._seconds_until_due() == float("inf")


async def test_a_planted_forgetfulness_about_kills_lets_an_article_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests of kills are about."""
    monkeypatch.setattr(Ledger, "superseded", lambda *_: {})
    monkeypatch.setattr(Ledger, "held_ids", lambda _: frozenset())
    held(desk)
    await desk.ingest()
    desk.save("b.json", wire(desk, "x", pubstatus="canceled"))
    await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    assert (INGESTED, "a.json") in await desk.told()


async def test_a_canceled_wire_item_withdraws(desk: Desk) -> None:
    """All of the article, whatever version the kill names."""
    for version, body in ((1, "The budget is debated."), (2, "The budget was passed.")):
        desk.save(f"{version}.json", wire(desk, body, version=str(version)))
        await desk.ingest()
    desk.save("kill.json", wire(desk, "x", pubstatus="canceled", version="3"))
    await desk.ingest()

    assert await desk.told() == [(INGESTED, "1.json"), (REVISED, "2.json"), (WITHDRAWN, "kill.json")]
    (killed,) = [event for event in await desk.events() if isinstance(event, ArticleWithdrawn)]
    assert (killed.reason, killed.version, killed.source_version) == ("wire_canceled", 3, "3")


@pytest.mark.parametrize("loses", [False, True])
async def test_a_document_older_than_the_log_is_left_out(desk: Desk, loses: bool) -> None:
    """Wires deliver out of order; by its own number, and when the ledger is lost, too."""
    desk.save("2.json", wire(desk, "The budget was passed.", version="10"))
    await desk.ingest()
    if loses:
        await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)
    desk.save("1.json", wire(desk, "The budget is debated.", version="9"))
    with capture_logs() as told:
        await desk.look()

    assert await desk.texts() == {"2.json": ["The budget was passed."]}
    assert [one["path"] for one in told if one["event"] == "ingest.version_stale"] == ["1.json"]


async def test_a_document_is_older_by_its_own_time(desk: Desk) -> None:
    """Where it gives no number."""
    desk.save("2.json", wire(desk, "The budget was passed.", versioncreated="2026-03-02T12:00:00Z"))
    await desk.ingest()
    desk.save("1.json", wire(desk, "The budget is debated.", versioncreated="2026-03-02T11:00:00Z"))
    await desk.ingest()

    assert await desk.texts() == {"2.json": ["The budget was passed."]}


async def test_an_old_version_does_not_bring_a_killed_article_back(desk: Desk) -> None:
    """It overtook the kill on the wire; a newer one may."""
    desk.save("1.json", wire(desk, "The budget is debated.", version="1"))
    await desk.ingest()
    desk.save("kill.json", wire(desk, "x", pubstatus="canceled", version="3"))
    await desk.ingest()
    desk.save("2.json", wire(desk, "The budget was passed.", version="2"))
    await desk.ingest()
    assert [kind for kind, _ in await desk.told()] == [INGESTED, WITHDRAWN]

    desk.save("4.json", wire(desk, "The budget was passed after all.", version="4"))
    await desk.ingest()

    (back,) = [event for event in await desk.events() if isinstance(event, ArticleRevised)]
    assert back.version == 3


async def test_a_planted_indifference_to_age_brings_old_texts_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tests above are about."""
    monkeypatch.setattr(intake, "is_stale", lambda *_: False)
    desk.save("2.json", wire(desk, "The budget was passed.", version="10"))
    await desk.ingest()
    desk.save("1.json", wire(desk, "The budget is debated.", version="9"))
    await desk.ingest()

    assert await desk.texts() == {"2.json": ["The budget was passed.", "The budget is debated."]}
