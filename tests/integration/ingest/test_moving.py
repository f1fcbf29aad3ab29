"""Seeds that move away when they are done: after the facts, never over each other, and never unread."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence

import pytest
from structlog.testing import capture_logs

from services.ingest import folders
from services.ingest.handlers import Intake
from tests.integration.ingest.desk import (
    BROKEN,
    DUPLICATED,
    INGESTED,
    REJECTED,
    REVISED,
    Desk,
    Running,
    feed,
    story,
)

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]


class Crash(Exception):
    """The process ends here, as far as anybody can tell."""


class IntakeThatCrashes(Intake):
    """Ends the process when everything is recorded and nothing has moved yet."""

    def _move_away(self, _batch: Sequence[object]) -> None:
        raise Crash


@pytest.fixture
def moving(desk: Desk) -> Desk:
    """A desk from which done seeds move away."""
    desk.set(on_done="move")
    return desk


async def emptied(desk: Desk) -> None:
    """Ingest until no seed is left."""
    async with desk.ingesting():
        await desk.until(lambda: not desk.due())


def names_only(desk: Desk) -> list[str]:
    """What lies in the archive, without days and hashes."""
    return sorted(name.rpartition("/")[2].partition("-")[2] for name in desk.below(".processed"))


async def test_done_seeds_move_to_the_archive_and_rejected_ones_to_the_quarantine(moving: Desk) -> None:
    """Copies are done as well."""
    text = story("Ferry")
    moving.save("town/a.txt", text)
    moving.save("copy.txt", text)
    moving.save("town/b.xml", BROKEN)

    await emptied(moving)

    sha8 = hashlib.sha256(text.encode()).hexdigest()[:8]
    day = (await moving.events())[0].occurred_at
    assert moving.below(".processed") == [
        f"{day:%Y/%m/%d}/{sha8}-a.txt",
        f"{day:%Y/%m/%d}/{sha8}-copy.txt",
    ]
    assert moving.below(".quarantine") == ["town/b.xml", "town/b.xml.reason.json"]


async def test_the_archive_keeps_every_file(moving: Desk) -> None:
    """The same name twice, and the same name with the same bytes."""
    for body in ("One text. It is short.", "Two texts. They are longer.", "One text. It is short."):
        moving.save("a.txt", story("Ferry", body))
        await emptied(moving)
    for text in (BROKEN, BROKEN + "!"):
        moving.save("b.xml", text)
        await emptied(moving)

    assert names_only(moving) == ["a-2.txt", "a.txt", "a.txt"]
    assert moving.below(".quarantine") == ["b-2.xml", "b.xml", "b.xml.reason.json"]


async def test_bytes_that_come_again_move_away_again(moving: Desk) -> None:
    """They are no news, but they are done: an editor waits for them to go."""
    for _ in range(2):
        moving.save("a.txt", story("Ferry"))
        await emptied(moving)

    assert await moving.told() == [(INGESTED, "a.txt")]


async def test_a_seed_that_cannot_move_stays_and_is_no_second_fact(moving: Desk) -> None:
    """A file stands where the archive should be, as unyielding as a full disk."""
    blocked = moving.save(".processed", "in the way")
    moving.save("a.txt", story("Ferry"))

    with capture_logs() as logs:
        for _ in range(2):
            async with moving.ingesting():
                seen = len(logs)
                await moving.until(
                    lambda seen=seen: any(one["event"] == "ingest.move_failed" for one in logs[seen:])  # type: ignore[misc]
                )
                await moving.done()

    assert (moving.root / "a.txt").read_text() == story("Ferry")
    assert await moving.told() == [(INGESTED, "a.txt")]

    blocked.unlink()
    await emptied(moving)

    assert await moving.told() == [(INGESTED, "a.txt")]
    assert names_only(moving) == ["a.txt"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EXDEV, errno.EROFS])
async def test_a_disk_that_takes_nothing_costs_no_seed(
    moving: Desk, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The original stays, it is told, and neither is there a second fact after a restart."""

    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    moving.save("a.txt", story("Ferry"))
    with monkeypatch.context() as patched:
        patched.setattr(os, "link", full)
        for _ in range(2):
            async with moving.ingesting() as running:
                await moving.rounds(running)
                assert _failed_moves(running) == 1

    assert (moving.root / "a.txt").read_text() == story("Ferry")
    assert await moving.told() == [(INGESTED, "a.txt")]


def _failed_moves(running: Running) -> object:
    metrics = running.runtime.details["metrics"]
    assert isinstance(metrics, dict)
    return metrics["move_failed"]


async def test_a_file_system_without_links_is_renamed_on(
    moving: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network shares and sticks have none; still nothing is overwritten."""

    def unknown(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unknown)
    for text in (BROKEN, BROKEN + "!"):
        moving.save("b.xml", text)
        await emptied(moving)
    moving.save("a.txt", story("Ferry"))
    await emptied(moving)

    assert names_only(moving) == ["a.txt"]
    assert moving.below(".quarantine") == ["b-2.xml", "b.xml", "b.xml.reason.json"]


async def test_a_reason_that_cannot_be_written_stops_nothing(moving: Desk) -> None:
    """The fact is in the log; the seed stays."""
    moving.save(".quarantine", "in the way")
    moving.save("a.xml", BROKEN)
    moving.save("b.txt", story("Ferry"))

    async with moving.ingesting():
        await moving.until(lambda: [seed.path for seed in moving.due()] == ["a.xml"])
        await moving.done()

    assert await moving.told() == [(INGESTED, "b.txt"), (REJECTED, "a.xml")]


async def test_a_crash_before_the_move_is_made_good_at_the_next_start(moving: Desk) -> None:
    """Only the move is left to do."""
    moving.save("a.txt", story("Ferry"))
    moving.save("b.xml", BROKEN)
    async with moving.intake(intake_type=IntakeThatCrashes) as intake:
        with pytest.raises(Crash):
            await intake.take(moving.due())

    await emptied(moving)

    assert await moving.told() == [(INGESTED, "a.txt"), (REJECTED, "b.xml")]
    assert names_only(moving) == ["a.txt"]
    assert moving.below(".quarantine") == ["b.xml", "b.xml.reason.json"]


async def test_a_seed_that_is_saved_again_before_it_moves_is_read_again(moving: Desk) -> None:
    """Moved unread, the correction would never reach a reader."""

    class Slow(Intake):
        def _move_away(self, batch: Sequence[object]) -> None:
            moving.save("a.txt", story("Ferry", "A correction. It came at the last moment."))
            super()._move_away(batch)  # type: ignore[arg-type]

    moving.save("a.txt", story("Ferry", "A text. It has a mistake."))
    async with moving.intake(intake_type=Slow) as intake:
        await intake.take(moving.due())

    await emptied(moving)

    texts = ["A text. It has a mistake.", "A correction. It came at the last moment."]
    assert await moving.texts() == {"a.txt": texts}


async def test_a_seed_that_cannot_be_opened_is_left_where_it_is(moving: Desk) -> None:
    """Whoever gives it the right permissions has to find it."""
    moving.save("a.txt", story("Ferry"))
    async with moving.intake() as intake:
        await intake.give_up(moving.due()[0], PermissionError(13, "Permission denied"))

    assert [seed.path for seed in moving.due()] == ["a.txt"]
    assert moving.reason("a.txt")["code"] == "unreadable"


async def test_copies_and_revisions_that_come_together_all_move(moving: Desk) -> None:
    """In the order in which they were saved."""
    for second, (name, text) in enumerate(
        [
            ("a.xml", feed(("1", "Old text."))),
            ("b.xml", feed(("1", "Old text."))),
            ("c.xml", feed(("1", "New text."))),
        ]
    ):
        os.utime(moving.save(name, text), (second, second))

    await emptied(moving)

    assert await moving.told() == [(DUPLICATED, "b.xml"), (INGESTED, "a.xml"), (REVISED, "c.xml")]
    assert names_only(moving) == ["a.xml", "b.xml", "c.xml"]


async def test_a_planted_move_before_the_commit_loses_the_seed(moving: Desk) -> None:
    """Why the facts come first: the seed is in the archive, and nobody will ever read it."""

    class Hasty(Intake):
        async def _record(self, batch: Sequence[object]) -> None:
            self._move_away(batch)  # type: ignore[arg-type]
            raise Crash

    moving.save("a.txt", story("Ferry"))
    async with moving.intake(intake_type=Hasty) as intake:
        with pytest.raises(Crash):
            await intake.take(moving.due())

    await emptied(moving)

    assert names_only(moving) == ["a.txt"]
    assert await moving.told() == []


async def test_what_ingest_leaves_behind_is_no_seed(moving: Desk) -> None:
    """Not even a reason file that somebody moves back together with its seed."""
    moving.save("a.xml", BROKEN)
    await emptied(moving)
    for name in ("a.xml", "a.xml.reason.json"):
        (moving.root / folders.QUARANTINE / name).rename(moving.root / name)

    await emptied(moving)

    assert await moving.told() == [(REJECTED, "a.xml")]
