"""Folder: 100,000 files at once; how soon they are seen, and what the program needs to take them in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, cast

import orjson

from benchmarks.measuring import Ratio, alternate, speed_ratio, timed
from benchmarks.watching import Report
from newsfeed.redis_server import EmbeddedRedis
from services.ingest.scanning import scan
from services.ingest.settings import IngestSettings

FILES = 100_000
FILE_BYTES = 4096

DUE_SECONDS = 5.0
"""After they have settled, all of them are to be known as due."""

DONE_SECONDS = 180.0
HELD_SECONDS = 0.1
"""No longer may the program be deaf to its lease and to a signal."""

MEMORY_BYTES = 300_000_000

ENDED = 60.0


class Arms:
    """The same tree, listed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def ours(self) -> float:
        """The listing of the program: names weighed, looks kept, what is no file told apart."""
        with timed() as watch:
            assert len(scan(self._root).files) == FILES
        return watch.seconds / FILES

    async def bare(self) -> float:
        """A walk with ``os.scandir`` and one stat a file, which keeps nothing."""
        with timed() as watch:
            assert _walked(self._root) == FILES
        return watch.seconds / FILES


async def measure(rounds: int) -> list[Ratio]:
    """A listing, in pairs; then the program in a process of its own, once."""
    with TemporaryDirectory(prefix="nf-") as name:
        folder = Path(name)
        fill(folder / "new")
        arms = Arms(folder / "new")
        figures = await alternate({"ours": arms.ours, "bare": arms.bare}, rounds)
        listing = speed_ratio("listing / scandir and stat", figures, ("ours", "bare"), "files")
        with EmbeddedRedis(folder) as server:
            began, report = taken_in(folder, server.url)
    return [listing, *verdicts(began, report)]


def verdicts(began: float, report: Report) -> list[Ratio]:
    """Each figure as a share of what it may be at most."""
    due_seconds = report.due_at - began - IngestSettings().settle_seconds
    done_seconds = report.done_at - began
    megabytes = report.most_mebibytes * 2**20 / 1e6
    shown = [
        ("known as due / 5 s", due_seconds / DUE_SECONDS, f"{due_seconds:.1f} s after they settled"),
        (
            "in the log / 180 s",
            done_seconds / DONE_SECONDS,
            f"{done_seconds:.0f} s, {FILES / done_seconds:.0f}/s",
        ),
        (
            "memory / 300 MB",
            megabytes * 1e6 / MEMORY_BYTES,
            f"{megabytes:.0f} MB, {report.idle_mebibytes:.0f} MiB idle",
        ),
        ("loop held / 0.1 s", report.held_seconds / HELD_SECONDS, f"{report.held_seconds:.2f} s at most"),
    ]
    return [Ratio(name, [share], detail, 1.0, at_most=True) for name, share, detail in shown]


def fill(root: Path) -> None:
    """As many seeds, each an article of its own."""
    for number in range(FILES):
        text = f"Story {number}\n\nThis is what happened at number {number}. "
        place = root / f"{number // 1000:03}" / f"{number:06}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text + "It went on. " * ((FILE_BYTES - len(text)) // 12 + 1), encoding="ascii")


def taken_in(folder: Path, url: str) -> tuple[float, Report]:
    """Move the tree into the folder that a program watches; when that was, and what the program tells."""
    (folder / "seeds").mkdir()
    with program(folder, url) as output:
        told(output, "ready")
        began = time.monotonic()
        (folder / "new").rename(folder / "seeds" / "wire")
        return began, Report(**told(output, "done_at"))


@contextmanager
def program(folder: Path, url: str) -> Iterator[IO[bytes]]:
    """The program in a process of its own, and what it prints."""
    environment = {
        **os.environ,
        "NEWSFEED_REDIS_URL": url,
        "NEWSFEED_SEEDS": str(folder / "seeds"),
        "NEWSFEED_VAR": str(folder / "var"),
    }
    command = [sys.executable, "-m", "benchmarks.watching", str(FILES)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        yield cast("IO[bytes]", process.stdout)
    finally:
        process.terminate()
        process.communicate(timeout=ENDED)


def told(output: IO[bytes], key: str) -> dict[str, float]:
    """The next line that is no log line and has this key."""
    for line in output:
        found = orjson.loads(line)
        if key in found:
            return cast("dict[str, float]", found)
    raise AssertionError("the program ended")


def _walked(root: Path) -> int:
    count, folders = 0, [str(root)]
    while folders:
        with os.scandir(folders.pop()) as listing:
            for entry in listing:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    count += 1
    return count
