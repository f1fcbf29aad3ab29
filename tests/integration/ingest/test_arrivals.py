"""The ways in which files come into a folder: each of them is one article, once, and whole."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.ingest.desk import INGESTED, Desk, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

Way = Callable[[Path, Path], object]


def _copied_with_its_time(source: Path, target: Path) -> None:
    os.utime(source, (1, 1))
    shutil.copy2(source, target)


def _like_rsync(source: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.Xa81kZ")
    shutil.copy2(source, draft)
    draft.replace(target)


def _by_a_part_file(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.part")
    shutil.copy(source, draft)
    draft.replace(target)


def _unzipped(source: Path, target: Path) -> None:
    archive = source.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(source, target.name)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(target.parent)


WAYS: list[Way] = [shutil.copy, _copied_with_its_time, shutil.move, _like_rsync, _by_a_part_file, _unzipped]


@pytest.mark.parametrize("way", WAYS)
async def test_a_file_that_comes_some_way_is_one_article(desk: Desk, tmp_path: Path, way: Way) -> None:
    """Whatever its times are, and under whatever name it began."""
    source = tmp_path / "outside.txt"
    source.write_text(story("Ferry"))
    async with desk.ingesting() as running:
        await desk.rounds(running, 2)
        way(source, desk.root / "a.txt")
        await desk.rounds(running)
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt")]


async def test_a_folder_that_is_moved_in_brings_all_its_files(desk: Desk, tmp_path: Path) -> None:
    """The system announces the folder only."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in range(100):
        (outside / f"{number:03}.txt").write_text(story(f"Story {number}"))
    async with desk.ingesting() as running:
        await desk.rounds(running, 2)
        outside.rename(desk.root / "town")
        await desk.done()

    assert await desk.told() == [(INGESTED, f"town/{number:03}.txt") for number in range(100)]


async def test_no_name_is_read_before_it_is_final(desk: Desk) -> None:
    """However long a transfer takes."""
    for name in (".a.txt.Xa81kZ", "a.txt.part", "a.txt.filepart", "a.crdownload", ".rsync-partial/a.txt"):
        desk.save(name, story("Half"))
    desk.save("b.txt", story("Whole"))

    await desk.look()

    assert await desk.told() == [(INGESTED, "b.txt")]
