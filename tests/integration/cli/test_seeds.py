"""`newsfeed seeds` and `newsfeed plan`: what became of every file, and what would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.testing.answers import Ask
from services.ingest.ledger import Ledger
from services.ingest.reader import SeedReader
from tests.integration.ingest.desk import BROKEN, Desk, story

pytestmark = pytest.mark.by_turns


@pytest.fixture
async def desk(
    log: EventLog, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    """A folder with one seed of each kind, and the log of it."""
    assert environment
    root = tmp_path / "seeds"
    root.mkdir()
    monkeypatch.setenv("NEWSFEED_SEEDS", str(root))
    async with SeedReader() as reader:
        desk = Desk(log, root, reader)
        until = (desk.hands.clock.now() + timedelta(hours=1)).isoformat()
        desk.save("a.txt", story("Ferry"))
        desk.save("copy.txt", story("Ferry"))
        desk.save("town/held.md", f"---\nembargo: {until}\n---\n# Budget\n\nThe budget was passed at noon.\n")
        desk.save("town/b.xml", BROKEN)
        await desk.ingest()
        yield desk


async def test_every_seed_is_listed_with_its_state(desk: Desk, ask: Ask) -> None:
    """An editor finds the one that is missing in the digest."""
    desk.save("new.txt", story("Tram"))
    (desk.root / "copy.txt").unlink()
    found = {seed["path"]: seed for seed in (await ask("seeds", "list", "--json")).json}

    assert {path: seed["state"] for path, seed in found.items()} == {
        "a.txt": "ingested",
        "copy.txt": "duplicate",
        "new.txt": "waiting",
        "town/b.xml": "rejected",
        "town/held.md": "held",
    }
    assert [path for path, seed in found.items() if not seed["present"]] == ["copy.txt"]
    assert found["town/b.xml"]["code"] == "corrupt"
    assert found["town/held.md"]["held_until"]
    assert len(found["a.txt"]["article_ids"]) == 1
    assert found["a.txt"]["size_bytes"] == found["a.txt"]["look"][0] == len(story("Ferry"))


async def test_seeds_can_be_chosen_by_source_and_state(desk: Desk, ask: Ask) -> None:
    """A folder holds many."""
    assert desk.root.exists()
    by_source = await ask("seeds", "list", "--source", "town", "--json")
    by_state = await ask("seeds", "list", "--state", "rejected")

    assert [seed["path"] for seed in by_source.json] == ["town/b.xml", "town/held.md"]
    assert "town/b.xml" in by_state.out
    assert "a.txt" not in by_state.out


async def test_another_try_is_asked_for_by_path_or_for_all(desk: Desk, ask: Ask) -> None:
    """And only for what was rejected."""
    by_path = await ask("seeds", "retry", "town/b.xml")
    asked = await desk.log.redis.smembers(streams.SEEDS_RETRY)
    wrong = await ask("seeds", "retry", "a.txt")
    neither = await ask("seeds", "retry")
    every = await ask("seeds", "retry", "--all")

    assert (by_path.status, wrong.status, neither.status, every.status) == (0, 1, 2, 0)
    assert asked == {b"town/b.xml"}
    assert "a.txt was not rejected" in wrong.err


async def test_there_is_nothing_to_accept_when_nothing_vanished(desk: Desk, ask: Ask) -> None:
    """The command says so instead of promising anything."""
    nothing = await ask("seeds", "accept-deletions")
    await desk.log.redis.sadd(streams.SEEDS_VANISHED, "a.txt")
    accepted = await ask("seeds", "accept-deletions")

    assert (nothing.status, accepted.status) == (1, 0)
    assert "a.txt" in accepted.out
    assert await desk.log.redis.smembers(streams.SEEDS_ACCEPTED) == {b"a.txt"}


async def test_a_plan_tells_of_every_file_and_writes_nothing(desk: Desk, ask: Ask) -> None:
    """Each action once, with its reason."""
    (desk.root / "a.txt").rename(desk.root / "renamed.txt")
    desk.save("new.txt", story("Tram"))
    desk.save("coast/_source.toml", 'ready_marker = "{name}.done"')
    desk.save("coast/unready.txt", story("Market"))
    desk.save("coast/ready.txt", story("Fair"))
    desk.save("coast/ready.txt.done", "")
    desk.save("broken/_source.toml", "on_delete = 'erase'")
    desk.save("broken/a.txt", story("Bridge"))
    before = await _ledger(desk), desk.below(".")

    steps = {step["path"]: step for step in (await ask("plan", str(desk.root), "--json")).json}

    assert {path: step["action"] for path, step in steps.items()} == {
        "broken/a.txt": "wait",
        "coast/ready.txt": "ingest",
        "coast/ready.txt.done": "skip",
        "coast/unready.txt": "wait",
        "copy.txt": "nothing",
        "new.txt": "ingest",
        "renamed.txt": "move",
        "town/b.xml": "nothing",
        "town/held.md": "hold",
    }
    assert steps["town/held.md"]["held_until"]
    assert all(step["why"] for step in steps.values())
    assert before == (await _ledger(desk), desk.below("."))


async def _ledger(desk: Desk) -> dict[str, str]:
    ledger = Ledger(desk.log)
    await ledger.load()
    return {path: entry.model_dump_json() for path, entry in ledger.entries()}
