"""A kill of an article that waits: it stays killed, whoever forgets it."""

from __future__ import annotations

import pytest

from newsfeed import streams
from newsfeed.events import ArticleWithdrawn
from services.ingest.ledger import Ledger
from tests.integration.ingest.desk import INGESTED, REVISED, WITHDRAWN, Desk
from tests.integration.ingest.test_embargoes import HOUR, held, wire

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]


@pytest.mark.parametrize("loses", [False, True])
async def test_a_kill_before_its_time_ends_an_embargo(desk: Desk, loses: bool) -> None:
    """It must never come out, not even when the kill was deleted and only the log remembers it."""
    held(desk)
    await desk.ingest()
    desk.save("b.json", wire(desk, "x", pubstatus="canceled"))
    await desk.ingest()
    if loses:
        (desk.root / "b.json").unlink()
        await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)
        await desk.ingest()
    desk.hands.turn(2 * HOUR)
    await desk.look()

    (killed,) = await desk.events()
    assert isinstance(killed, ArticleWithdrawn)
    assert (killed.version, killed.reason) == (1, "wire_canceled")
    assert [key async for key in desk.log.redis.scan_iter("*content*")] == []


async def test_a_killed_article_comes_back_in_a_newer_file(desk: Desk) -> None:
    """The desk has thought better of it: held, killed, sent again."""
    held(desk)
    await desk.ingest()
    desk.save("b.json", wire(desk, "x", pubstatus="canceled"))
    await desk.ingest()
    desk.save("c.json", wire(desk, "The budget was passed after all."))
    await desk.ingest()

    assert await desk.told() == [(REVISED, "c.json"), (WITHDRAWN, "b.json")]


async def test_a_planted_silence_about_kills_of_held_articles_lets_one_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: the log is not told of the kill, and the ledger alone is not enough."""
    monkeypatch.setattr(Ledger, "held_ids", lambda _: frozenset())

    with pytest.raises(AssertionError):
        await test_a_kill_before_its_time_ends_an_embargo(desk, loses=True)
    assert (INGESTED, "a.json") in await desk.told()
