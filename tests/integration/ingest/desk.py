"""What the tests of ingest do and see: an editor's hands on the folder, and eyes on the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.events import ArticleIngested, ArticleRevised, LogEvent
from newsfeed.runtime import Runtime
from services.ingest.clock import Clock
from services.ingest.handlers import Intake
from services.ingest.ledger import Ledger, SeedEvent
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import look_with, parts_of
from services.ingest.reader import SeedReader
from services.ingest.scanning import scan
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources
from services.ingest.taken import DueSeed
from services.ingest.watcher import Watcher

SETTINGS = IngestSettings(
    redis_url="unix:///nowhere",
    settle_seconds=0.05,
    scan_seconds=0.05,
    lease_seconds=0.6,
    polling_seconds=0.1,
    empty_seconds=0.1,
)


class Running:
    """An ingest program at work, as far as the folder and the log can tell."""

    def __init__(self, runtime: Runtime, task: asyncio.Task[None]) -> None:
        self.runtime = runtime
        self.task = task
        self.ended = False

    def end(self) -> None:
        """Stop it as a signal would."""
        self.ended = True
        self.task.cancel()


class Hands:
    """The hands of the clock: time passes as everywhere, and they can be turned ahead."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0
        self.clock = Clock(
            monotonic=lambda: time.monotonic() + self.ahead_seconds,
            now=lambda: datetime.now(UTC) + timedelta(seconds=self.ahead_seconds),
        )

    def turn(self, seconds: float) -> None:
        """Let it be later."""
        self.ahead_seconds += seconds


class Desk:
    """A watched folder, its log, and whoever ingests."""

    def __init__(self, log: EventLog, root: Path, reader: SeedReader) -> None:
        self.log = log
        self.root = root
        self.reader = reader
        self.settings = SETTINGS.model_copy(update={"seeds": root})
        self.hands = Hands()
        self._running: list[Running] = []

    def set(self, **settings: object) -> None:
        """Change settings for the programs that start after this."""
        self.settings = self.settings.model_copy(update=settings)

    def save(self, name: str, text: str | bytes) -> Path:
        """Save a seed."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    @asynccontextmanager
    async def ingesting(self) -> AsyncIterator[Running]:
        """The watcher of a process of its own; a failure of it fails the test."""
        runtime = Runtime(self.settings, self.log.redis, self.log)
        task = asyncio.create_task(Watcher(self.settings, runtime, self.reader, self.hands.clock).run())
        running = Running(runtime, task)
        self._running.append(running)
        try:
            yield running
        finally:
            self._running.remove(running)
            await _end(task)

    @asynccontextmanager
    async def intake(
        self, ledger_type: type[Ledger] = Ledger, intake_type: type[Intake] = Intake
    ) -> AsyncIterator[Intake]:
        """An intake that has just started, holds the lease, and is told what is due."""
        owner = SoleOwner(self.log.redis, streams.INGEST, "test", 60, self.log.manifest.partitions)
        assert await owner.acquire()
        ledger = ledger_type(self.log)
        await ledger.load()
        try:
            yield intake_type(
                self.settings, self.log, ledger, self.reader, owner, Sources(self.root), self.hands.clock
            )
        finally:
            await owner.release()

    def due(self) -> list[DueSeed]:
        """All seeds of the folder, as if each had settled and none were known, in the order of ingest."""
        found = scan(self.root)
        order = sorted(found.files.items(), key=lambda item: (parts_of(item[1]).mtime_ns, item[0]))
        return [DueSeed(path, found.names.get(path, path), look) for path, look in order]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Look again and again: a folder has nothing to await. The test's own limit ends it."""
        while not condition():
            self._fail_with_the_watcher()
            await asyncio.sleep(0.01)

    async def done(self) -> None:
        """Wait until ingest knows every file of the folder as it looks now."""
        while not await self._all_known():
            self._fail_with_the_watcher()
            await asyncio.sleep(0.01)

    async def ingest(self) -> None:
        """Start, take in all that is there, and stop."""
        async with self.ingesting():
            await self.done()

    async def look(self, times: int = 8) -> None:
        """Start, look at the folder so many times, take in what is there, and stop."""
        async with self.ingesting() as running:
            await self.rounds(running, times)
            await self.done()

    async def rounds(self, running: Running, times: int = 8) -> None:
        """Wait until the folder was looked at so many times more."""
        before = _count(running)
        await self.until(lambda: _count(running) >= before + times)

    async def events(self) -> list[LogEvent]:
        """Every fact, in the order in which they were recorded."""
        found = [
            entry.readable()
            for partition in range(self.log.manifest.partitions)
            async for entry in self.log.read(partition)
        ]
        return sorted(found, key=lambda event: str(event.recorded_at))

    async def told(self) -> list[tuple[str, str]]:
        """Type and seed of every fact, sorted."""
        events = [event for event in await self.events() if isinstance(event, SeedEvent)]
        return sorted((event.type, event.seed.path) for event in events)

    async def texts(self) -> dict[str, list[str]]:
        """The bodies of every article, version by version, under the path of its first seed."""
        texts: dict[str, list[str]] = {}
        paths: dict[str, str] = {}
        for event in await self.events():
            if isinstance(event, ArticleIngested | ArticleRevised):
                path = paths.setdefault(event.article_id, event.seed.path)
                partition = self.log.partition_of(event.article_id)
                documents = await self.log.articles(partition, [event.content_sha256])
                texts.setdefault(path, []).append(documents[event.content_sha256].body)
        return texts

    def reason(self, name: str) -> dict[str, object]:
        """The reason file of a rejected seed."""
        stored = (self.root / ".quarantine" / f"{name}.reason.json").read_bytes()
        return dict(orjson.loads(stored))

    def below(self, folder: str) -> list[str]:
        """All files below a folder of the watched one, relative to it."""
        root = self.root / folder
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())

    async def _all_known(self) -> bool:
        stored = await self.log.redis.hgetall(streams.SEEDS)
        entries = {path: LedgerEntry.model_validate_json(json) for path, json in stored.items()}
        known = {path: look_with(*entry.look) for path, entry in entries.items() if entry.look}
        return all(known.get(path.encode()) == look for path, look in scan(self.root).files.items())

    def _fail_with_the_watcher(self) -> None:
        for running in self._running:
            if running.task.done() and not running.ended:
                running.task.result()


def _count(running: Running) -> int:
    return int(str(running.runtime.details.get("scan_count", 0)))


async def _end(task: asyncio.Task[None]) -> None:
    """Cancel until it ends: redis-py on Python 3.11 now and then drops a cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.2)
    with suppress(asyncio.CancelledError):
        task.result()


def story(title: str, body: str = "The ferry is back. It runs every hour.") -> str:
    """A plain text that is news."""
    return f"{title}\n\n{body}\n"


def feed(*items: tuple[str, str]) -> str:
    """An RSS feed of (guid, text)."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Item {guid}</title>"
        f"<description>{text}</description></item>"
        for guid, text in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>Town</title>{entries}</channel></rss>"


BROKEN = "<?xml version='1.0'?><rss version='2.0'><channel><title>Town"
"""A feed that was cut off: rejected as corrupt."""

INGESTED, REVISED, DUPLICATED, REJECTED, WITHDRAWN, MOVED = (
    "article.ingested",
    "article.revised",
    "article.duplicated",
    "seed.rejected",
    "article.withdrawn",
    "seed.moved",
)
