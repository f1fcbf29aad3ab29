"""Another try: for what was refused, at an operator's word, and for what could not be opened, at a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.events import SeedRejected
from services.ingest import orders, rounds
from services.ingest.looks import Look
from services.ingest.opening import read_seed
from tests.integration.ingest.desk import BROKEN, INGESTED, REJECTED, Desk, story

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def retried(desk: Desk, *paths: str) -> None:
    """Tried again, and done with."""
    await orders.ask_again(desk.log.redis, paths)
    async with desk.ingesting() as running:
        await desk.rounds(running)
        await desk.done()


@pytest.mark.parametrize("on_done", ["keep", "move"])
async def test_a_seed_that_succeeds_at_another_try_is_news_and_its_reason_goes(
    desk: Desk, on_done: str
) -> None:
    """A limit was raised, or a program mended; where done seeds move it comes back from quarantine."""
    desk.set(on_done=on_done)
    desk.set(max_seed_bytes=10)
    desk.save("town/a.txt", story("Ferry"))
    await desk.look()
    assert (await desk.told(), desk.reason("town/a.txt")["code"]) == ([(REJECTED, "town/a.txt")], "too_large")

    desk.set(max_seed_bytes=1000)
    await retried(desk, "town/a.txt")

    assert await desk.told() == [(INGESTED, "town/a.txt"), (REJECTED, "town/a.txt")]
    assert desk.below(".quarantine") == []
    assert await desk.log.redis.exists(streams.SEEDS_RETRY) == 0


async def test_a_seed_that_fails_again_is_no_second_fact(desk: Desk) -> None:
    """Nothing happened that the log does not know."""
    desk.save("a.xml", BROKEN)
    await desk.ingest()
    await retried(desk, "a.xml")

    assert await desk.told() == [(REJECTED, "a.xml")]
    assert desk.reason("a.xml")["code"] == "corrupt"


async def test_what_was_not_rejected_is_not_read_again(desk: Desk) -> None:
    """An order may come late, or name anything."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    before = await desk.log.redis.hgetall(streams.SEEDS)
    await retried(desk, "a.txt", "never-seen.txt")

    assert before == await desk.log.redis.hgetall(streams.SEEDS)


async def test_a_seed_that_could_not_be_opened_is_tried_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody touched it, but the program may be another now."""

    def refuse(path: Path, look: Look, max_bytes: int) -> bytes:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return read_seed(path, look, max_bytes)

    monkeypatch.setattr(rounds, "RETRY_SECONDS", (0.01,))
    desk.save("a.txt", story("Ferry"))
    with monkeypatch.context() as patched:
        patched.setattr("services.ingest.handlers.read_seed", refuse)
        await desk.ingest()
        await desk.look()
    assert [event.code for event in await desk.events() if isinstance(event, SeedRejected)] == ["unreadable"]

    await desk.look()

    assert await desk.told() == [(INGESTED, "a.txt"), (REJECTED, "a.txt")]
    assert desk.below(".quarantine") == []
