"""Hostile files and failing folders: each is told of, and none stops the others."""

from __future__ import annotations

import asyncio
import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from newsfeed.events import ArticleIngested
from newsfeed.testing.facts import append_raw
from services.ingest import rounds
from services.ingest.looks import Look
from services.ingest.opening import read_seed
from tests.integration.ingest.desk import BROKEN, INGESTED, REJECTED, Desk, feed, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]


async def test_a_poison_file_does_not_stop_those_behind_it(desk: Desk) -> None:
    """It costs its deadline, and nothing else."""
    endless = "<html " + " ".join(f"a{number}=1" for number in range(100_000)) + "><body><p>Ferry"
    os.utime(desk.save("first.html", endless), (1, 1))
    desk.save("second.txt", story("Ferry"))

    await desk.ingest()

    assert await desk.told() == [(INGESTED, "second.txt"), (REJECTED, "first.html")]
    assert desk.reason("first.html")["code"] == "timeout"


async def test_what_is_lost_of_an_archive_is_logged_and_costs_nothing_else(desk: Desk) -> None:
    """The seed is taken in, so that no reason file tells of its bad members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", story("Ferry"))
        archive.writestr("b.xml", BROKEN)
    desk.save("day.zip", packed.getvalue())

    def lost(logs: Sequence[Mapping[str, Any]]) -> list[object]:
        return [entry["lost"] for entry in logs if entry["event"] == "ingest.seed_read_in_part"]

    with capture_logs() as logs:
        async with desk.ingesting():
            await desk.until(lambda: bool(lost(logs)))

    assert lost(logs) == [("member_rejected: corrupt b.xml",)]
    assert await desk.told() == [(INGESTED, "day.zip")]


async def test_odd_names_are_ingested_and_percent_encoded(desk: Desk) -> None:
    """And so are the files after them; the name on disk stays what it is."""
    desk.set(on_done="move")
    desk.save(os.fsdecode(b"caf\xe9.txt"), story("Ferry"))
    desk.save(os.fsdecode(b"t\xf6wn/b.txt"), story("Bridge"))
    desk.save(os.fsdecode(b"br\xfcken.xml"), BROKEN)
    desk.save("new\nline ☃.txt", story("Tram"))

    async with desk.ingesting():
        await desk.until(lambda: not desk.due())

    told = [(INGESTED, "caf%E9.txt"), (INGESTED, "new\nline ☃.txt"), (INGESTED, "t%F6wn/b.txt")]
    assert await desk.told() == [*told, (REJECTED, "br%FCken.xml")]
    assert desk.reason("br%FCken.xml")["code"] == "corrupt"
    assert os.fsdecode(b"br\xfcken.xml") in desk.below(".quarantine")


async def test_a_folder_that_vanishes_and_returns_is_a_trouble_and_no_news(desk: Desk) -> None:
    """An unmounted disk: nothing is withdrawn, and nothing is ingested again."""
    for name in ("a.txt", "b.txt"):
        desk.save(name, story(name))
    async with desk.ingesting() as running:
        await desk.done()
        away = desk.root.rename(desk.root.with_name("away"))
        await desk.until(lambda: "folder" in running.runtime.troubles)
        away.rename(desk.root)
        await desk.until(lambda: not running.runtime.troubles)
        desk.save("c.txt", story("c.txt"))
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt"), (INGESTED, "b.txt"), (INGESTED, "c.txt")]


async def test_a_copied_back_folder_is_no_news(desk: Desk) -> None:
    """Other inodes and other times, but the same bytes under the same names."""
    desk.save("a.txt", story("Ferry"))
    await desk.ingest()
    text = (desk.root / "a.txt").read_bytes()
    (desk.root / "a.txt").unlink()
    desk.save("b.txt", "in the place of the inode")
    desk.save("a.txt", text)

    await desk.ingest()

    assert (INGESTED, "a.txt") in await desk.told()
    assert len(await desk.told()) == 2


@pytest.mark.parametrize("replace", [os.mkfifo, lambda path: path.symlink_to("/etc/passwd"), Path.mkdir])
async def test_a_seed_that_is_replaced_by_something_else_is_left_alone(desk: Desk, replace: object) -> None:
    """Between the listing and the reading of it; nothing hangs, and nothing from elsewhere is read."""
    assert callable(replace)
    path = desk.save("a.txt", story("Ferry"))
    desk.save("b.txt", story("Bridge"))
    due = desk.due()
    path.unlink()
    replace(path)

    async with desk.intake() as intake:
        await intake.take(due)

    assert await desk.told() == [(INGESTED, "b.txt")]


async def test_an_unreadable_seed_is_tried_again_and_then_reported(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others go on meanwhile; when it can be read at last, it is news like any other."""
    attempts = list[str]()

    def refuse(path: Path, look: Look, max_bytes: int) -> bytes:
        attempts.append(path.name)
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return read_seed(path, look, max_bytes)

    monkeypatch.setattr(rounds, "RETRY_SECONDS", (0.05, 0.05, 0.05))
    path = desk.save("a.txt", story("Ferry"))
    desk.save("b.txt", story("Bridge"))
    with monkeypatch.context() as patched:
        patched.setattr("services.ingest.handlers.read_seed", refuse)
        async with desk.ingesting():
            await desk.done()

    assert (attempts.count("a.txt"), attempts.count("b.txt")) == (4, 1)
    assert await desk.told() == [(INGESTED, "b.txt"), (REJECTED, "a.txt")]
    assert desk.reason("a.txt")["code"] == "unreadable"
    assert path.exists()

    path.touch()
    await desk.ingest()

    assert (INGESTED, "a.txt") in await desk.told()
    assert desk.below(".quarantine") == []


async def test_one_conflicting_seed_does_not_hold_up_its_batch(desk: Desk) -> None:
    """An entry of a newer program that ours cannot read hides the newest version of an article."""
    desk.save("a.xml", feed(("1", "One happened.")))
    await desk.ingest()
    (event,) = await desk.events()
    await append_raw(desk.log, event.subject, '{"type":"article.sung"}', adds_version=True)
    desk.save("a.xml", feed(("1", "Something else happened.")))
    desk.save("b.txt", story("Bridge"))

    async with desk.ingesting():
        while (INGESTED, "b.txt") not in [(one.type, one.seed.path) for one in await _readable(desk)]:
            await asyncio.sleep(0.01)

    assert len(await _readable(desk)) == 2


async def _readable(desk: Desk) -> list[ArticleIngested]:
    entries = [entry for partition in range(2) async for entry in desk.log.read(partition)]
    return [entry.event for entry in entries if isinstance(entry.event, ArticleIngested)]
