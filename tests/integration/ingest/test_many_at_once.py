"""Many seeds at once: the program does not wait until all are in before it looks at the folder again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.ingest import rounds
from services.ingest.handlers import Intake
from services.ingest.taken import DueSeed
from tests.integration.ingest.desk import INGESTED, Desk, Running, story

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT = 6


def counted(running: Running, name: str) -> int:
    """What the program has counted by its last listing."""
    metrics = running.runtime.details.get("metrics", {})
    return int(metrics.get(name, 0)) if isinstance(metrics, dict) else 0


async def listings_by_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the folder had been listed when each of some batches was taken in, one a minute."""
    listings: list[int] = []
    take = Intake.take
    for number in range(COUNT):
        desk.save(f"{number}.txt", story(f"Story {number}"))
    async with desk.ingesting() as running:

        async def slowly(self: Intake, seeds: Sequence[DueSeed]) -> dict[str, OSError]:
            listings.append(int(str(running.runtime.details["scan_count"])))
            desk.hands.turn(60)
            return await take(self, seeds)

        monkeypatch.setattr(rounds, "BATCH", 1)
        monkeypatch.setattr(Intake, "take", slowly)
        await desk.done()
        await desk.until(lambda: counted(running, "settled") == counted(running, "ingested") == COUNT)
    assert await desk.told() == [(INGESTED, f"{number}.txt") for number in range(COUNT)]
    return listings


async def test_the_folder_is_listed_again_while_many_are_taken_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,000 of them take minutes, and an urgent one may come in between."""
    listings = await listings_by_batch(desk, monkeypatch)

    assert len(set(listings)) == COUNT


async def test_a_planted_patience_lets_all_be_taken_in_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug that the test above would find."""
    monkeypatch.setattr(rounds, "REST", 10**9)

    listings = await listings_by_batch(desk, monkeypatch)

    assert len(set(listings)) == 1
