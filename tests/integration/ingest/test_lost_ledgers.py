"""A ledger that was dropped: the log does not tell all that is in a seed, and the seed does."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from newsfeed import streams
from newsfeed.events import ArticleWithdrawn
from services.ingest.ledger import Ledger, SeedEvent
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.taken import Taken
from tests.integration.ingest.desk import INGESTED, MOVED, WITHDRAWN, Desk, feed
from tests.integration.ingest.test_deleting import after, fill, minutes_pass

pytestmark = pytest.mark.asyncio(loop_scope="session")

OLD = feed(("1", "One happened."), ("2", "Two happened."))
NEW = feed(("1", "One happened, and more."), ("2", "Two happened."))


async def lose(desk: Desk) -> None:
    await desk.log.redis.delete(streams.SEEDS, streams.SEEDS_CHECKPOINT)


async def change_one_and_lose(desk: Desk, name: str) -> None:
    """A feed of two articles, of which the log tells in its present bytes of one only."""
    for text in (OLD, NEW):
        desk.save(name, text)
        await desk.ingest()
    await lose(desk)


async def entry(desk: Desk, path: str) -> LedgerEntry:
    stored = await desk.log.redis.hget(streams.SEEDS, path)
    return LedgerEntry.model_validate_json(stored or b"")


async def test_it_knows_the_articles_that_did_not_change_again(desk: Desk) -> None:
    """Nothing is told twice for that."""
    await change_one_and_lose(desk, "a.xml")
    before = await desk.told()
    await desk.ingest()

    assert len((await entry(desk, "a.xml")).article_ids) == 2
    assert await desk.told() == before


async def delete_after_loss(desk: Desk) -> list[str]:
    """The articles that are withdrawn when the feed is deleted after the ledger was lost."""
    desk.save("town/_source.toml", 'on_delete = "withdraw"')
    fill(desk, 5)
    await change_one_and_lose(desk, "town/a.xml")
    async with after(desk) as running:
        (desk.root / "town/a.xml").unlink()
        await minutes_pass(desk, running)
    return [one.article_id for one in await desk.events() if isinstance(one, ArticleWithdrawn)]


async def test_deleting_a_seed_withdraws_all_that_is_in_it(desk: Desk) -> None:
    """The article that did not change last stayed for ever."""
    assert len(await delete_after_loss(desk)) == 2


async def test_a_planted_trust_in_the_log_alone_keeps_an_article(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what the log tells of a seed is taken for all of it."""
    learn = Ledger._learn

    def trusting(self: Ledger, event: SeedEvent) -> None:
        learn(self, event)
        if known := self.entry(event.seed.path):
            self._remember(event.seed.path, known.model_copy(update={"learned_at": None}))

    monkeypatch.setattr(Ledger, "_learn", trusting)

    assert len(await delete_after_loss(desk)) == 1


async def test_an_article_that_waits_in_it_comes_out_in_time(desk: Desk) -> None:
    """The log told of its neighbour, and the seed counted as done."""
    until = (desk.hands.clock.now() + timedelta(hours=1)).isoformat()
    items = [
        {"uri": f"urn:{one}", "type": "text", "headline": one, "body_text": f"{one} happened."}
        for one in "ab"
    ]
    desk.save("a.jsonl", b"\n".join([orjson.dumps(items[0]), orjson.dumps({**items[1], "embargoed": until})]))
    await desk.ingest()
    assert await desk.told() == [(INGESTED, "a.jsonl")]

    await lose(desk)
    await desk.ingest()
    desk.hands.turn(2 * 3600)
    await desk.look()

    assert await desk.told() == [(INGESTED, "a.jsonl")] * 2


def item(body: str, uri: str, **fields: str) -> bytes:
    return orjson.dumps({"uri": uri, "type": "text", "headline": uri, "body_text": body, **fields})


async def kill_the_other_and_lose(desk: Desk) -> None:
    """Two articles, of which one is revised and then the other killed; the kill is deleted."""
    for body in ("One.", "One, and more."):
        desk.save("a.jsonl", b"\n".join([item(body, "urn:1"), item("Two.", "urn:2")]))
        await desk.ingest()
    desk.save("kill.json", item("x", "urn:2", pubstatus="canceled"))
    await desk.ingest()
    (desk.root / "kill.json").unlink()
    text = (desk.root / "a.jsonl").read_bytes()
    (desk.root / "a.jsonl").unlink()
    desk.save("a.jsonl", text)
    await lose(desk)
    await desk.ingest()


async def test_what_was_killed_in_it_meanwhile_stays_killed(desk: Desk) -> None:
    """It is read again, though it was saved before, or as here copied back after the kill."""
    await kill_the_other_and_lose(desk)

    assert (await desk.told()).count((WITHDRAWN, "kill.json")) == 1
    assert [kind for kind, _ in await desk.told()].count("article.revised") == 1


async def test_a_planted_second_telling_brings_a_killed_article_back(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: it does not count when the log learned of these bytes."""
    monkeypatch.setattr(Taken, "_is_silent_of", lambda *_: False)
    await kill_the_other_and_lose(desk)

    assert [kind for kind, _ in await desk.told()].count("article.revised") == 2


async def test_a_seed_that_was_renamed_while_it_was_lost_is_read_under_its_new_name(desk: Desk) -> None:
    await change_one_and_lose(desk, "a.xml")
    (desk.root / "a.xml").rename(desk.root / "b.xml")
    await desk.ingest()

    known = await entry(desk, "b.xml")
    assert (len(known.article_ids), known.home) == (2, "a.xml")
    assert [one for one in await desk.told() if one[0] == MOVED] == [(MOVED, "b.xml")]
