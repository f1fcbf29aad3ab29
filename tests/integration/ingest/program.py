"""Ingest as a process of its own, which can be stopped, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import ArticleIngested
from newsfeed.health import heartbeats
from newsfeed.testing.waiting import until


@dataclass(slots=True)
class Factory:
    """A watched folder and the settings of the programs that watch it."""

    folder: Path
    url: str
    settings: Mapping[str, str]

    @property
    def seeds(self) -> Path:
        """The watched folder."""
        return self.folder / "seeds"

    def start(self) -> subprocess.Popen[bytes]:
        """A program; whoever starts it ends it."""
        environment = {
            "PATH": os.environ["PATH"],
            "NEWSFEED_REDIS_URL": self.url,
            "NEWSFEED_SEEDS": str(self.seeds),
            "NEWSFEED_VAR": str(self.folder / "var"),
            "NEWSFEED_PARTITIONS": "2",
            **self.settings,
        }
        with (self.folder / "ingest.log").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "faststream", "run", "services.ingest.app:app"],
                cwd=self.folder,
                env={**environment, "PYTHONPATH": str(Path(__file__).parents[3])},
                stdout=output,
                stderr=output,
            )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[subprocess.Popen[bytes]]:
        """A program until the end of the block."""
        process = self.start()
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def fill(self, count: int, first: int = 0, size_bytes: int = 60) -> None:
        """Save seeds; each is an article of its own."""
        for number in range(first, first + count):
            text = f"Story {number}\n\nThis is what happened at number {number}. "
            place = self.seeds / f"{number // 1000:03}" / f"{number:06}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text + "It went on. " * ((size_bytes - len(text)) // 12 + 1))


async def ingested(redis: Client) -> list[str]:
    """The seed of every article that was ever ingested, as the log tells it."""
    log = EventLog(redis, await open_manifest(redis, 2))
    return [
        entry.event.seed.path
        for partition in range(2)
        async for entry in log.read(partition)
        if isinstance(entry.event, ArticleIngested)
    ]


async def until_appended(redis: Client, count: int) -> None:
    """Wait until the log holds so many events."""

    async def is_there() -> bool:
        tails = [int(await redis.hget(streams.tail(partition), "n") or 0) for partition in range(2)]
        return sum(tails) >= count

    await until(is_there)


async def details(redis: Client) -> Mapping[str, object]:
    """What the program says of itself; empty while it says nothing."""
    found = [one.details for one in await heartbeats(redis) if one.service == "ingest"]
    return found[-1] if found else {}
