"""`newsfeed plan DIR`: what ingest would do with every file, and why. It writes nothing anywhere."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from newsfeed.cli import printing, session
from newsfeed.eventlog import EventLog
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.values import Seed
from services.ingest import intake
from services.ingest.article import Reading, Rejection
from services.ingest.ledger import Ledger
from services.ingest.ledger_entry import STALE
from services.ingest.looks import Look, parts_of
from services.ingest.opening import Unsettled, read_seed
from services.ingest.paths import source_of
from services.ingest.reader import SeedReader
from services.ingest.scanning import Scan, scan
from services.ingest.settings import IngestSettings
from services.ingest.sources import Sources

Action = Literal[
    "ingest", "revise", "withdraw", "nothing", "duplicate", "move", "hold", "reject", "skip", "wait"
]

_LOST_SHOWN = 5
"""So many parts of a seed that could not be read are named."""


@dataclass(frozen=True, slots=True)
class Step:
    """What would become of one file; ``why`` is a sentence, ``code`` that of a rejection."""

    path: str
    action: Action
    why: str
    format: str | None = None
    article_count: int = 0
    code: str | None = None
    held_until: datetime | None = None


class Planner:
    """Reads files as ingest would, and asks the log, if there is one, what it knows of them."""

    def __init__(
        self, settings: IngestSettings, root: Path, reader: SeedReader, log: EventLog | None
    ) -> None:
        self._settings = settings
        self._root = root
        self._reader = reader
        self._log = log
        self._ledger = Ledger(log) if log else None
        self._first: dict[str, str] = {}
        self._sources = Sources(root, reader.formats)
        self._now = datetime.now(UTC)

    async def steps(self, below: str) -> AsyncIterator[Step]:
        """A step for every file whose path begins with ``below``, in the order of ingest."""
        if self._ledger:
            await self._ledger.load()
        found = await asyncio.to_thread(scan, self._root)
        self._sources.read(found.devices)
        ready = self._sources.seeds(found.files)
        for path, why in sorted(found.skipped.items()):
            if path.startswith(below):
                yield Step(path, "skip", why)
        for path, look in sorted(found.files.items(), key=lambda item: (parts_of(item[1]).mtime_ns, item[0])):
            if path.startswith(below) and path in ready:
                yield await self._step(found, path, look)
            elif path.startswith(below):
                yield self._unready(path)

    def _unready(self, path: str) -> Step:
        settings, trouble = self._sources.of(path), self._sources.troubles.get(source_of(path))
        if settings.is_marker(path):
            return Step(path, "skip", "it says that another file is complete")
        return Step(path, "wait", trouble or f"there is no {settings.marker_of(path)}")

    async def _step(self, found: Scan, path: str, look: Look) -> Step:
        try:
            name = self._root / found.names.get(path, path)
            data = await asyncio.to_thread(read_seed, name, look, self._settings.max_seed_bytes)
        except Rejection as rejection:
            return Step(path, "reject", str(rejection), code=rejection.reason)
        except Unsettled as error:
            return Step(path, "wait", str(error))
        except OSError as error:
            return Step(path, "wait", f"it cannot be opened: {error.strerror}")
        sha256 = hashlib.sha256(data).hexdigest()
        known = self._known(found, path, sha256)
        if known:
            return known
        try:
            reading = await self._reader.read(data, self._sources.of(path).hint(path))
        except Rejection as rejection:
            return Step(path, "reject", str(rejection), code=rejection.reason)
        self._first.setdefault(sha256, path)
        return await self._decided(path, sha256, look, reading)

    def _known(self, found: Scan, path: str, sha256: str) -> Step | None:
        entry = self._ledger.entry(path) if self._ledger else None
        if entry and entry.is_done_with(sha256):
            return Step(
                path, "nothing", f"these bytes were taken in already: {entry.outcome}", code=entry.code
            )
        first = self._ledger.first_with(sha256) if self._ledger else None
        first = None if first and first[0] == path else first
        if first and entry is None and first[0] not in found.files and self._stays(first[0]):
            return Step(path, "move", f"it is {first[0]} under another name")
        original = first[0] if first else self._first.get(sha256)
        return Step(path, "duplicate", f"its bytes are those of {original}") if original else None

    def _stays(self, path: str) -> bool:
        return (self._sources.of(path).on_done or self._settings.on_done) == "keep"

    async def _decided(self, path: str, sha256: str, look: Look, reading: Reading) -> Step:
        parts = parts_of(look)
        seed = Seed(path=path, sha256=sha256, size_bytes=parts.size_bytes, modified_at=parts.modified_at)
        home = self._ledger.home(path, sha256) if self._ledger else None
        arrival = intake.Arrival(seed, self._sources.name_of(path), self._now, home)
        articles = intake.identified(arrival, reading)
        newest = await self._log.newest_versions(articles) if self._log else {}
        held = self._ledger.held_ids() if self._ledger else frozenset()
        decision = intake.decide(arrival, reading, articles, newest, held)
        events = [append.event for append in decision.appends]
        new = sum(isinstance(event, ArticleIngested) for event in events)
        revised = sum(isinstance(event, ArticleRevised) for event in events)
        withdrawn = len(events) - new - revised
        counts: dict[Action, int] = {
            "ingest": new, "revise": revised, "withdraw": withdrawn, "hold": len(decision.held), "nothing": 1
        }  # fmt: skip
        action = next(name for name, count in counts.items() if count)
        why = f"{new} new, {revised} revised, {withdrawn} withdrawn of {len(articles)} articles"
        why += "".join(f"; {warning}" for warning in reading.warnings[:_LOST_SHOWN])
        why += f", {len(decision.stale)} older than what the log holds" if decision.stale else ""
        held_until = min(decision.held.values(), default=None)
        why += f", {len(decision.held)} held until {held_until.isoformat()}" if held_until else ""
        code = STALE if decision.stale and len(decision.stale) == len(articles) else None
        return Step(path, action, why, reading.format, len(articles), code, held_until)


def plan(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="DIR")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Say what ingest would do with every file in DIR, and why; write nothing."""
    settings = IngestSettings()
    root, below = _rooted(folder, settings.seeds)

    async def look(current: session.Session | None) -> list[Step]:
        log = None
        if current:
            with suppress(session.NothingYet):
                log = await current.log()
        async with SeedReader(
            deadline_seconds=settings.parse_seconds, memory_bytes=settings.parse_memory_bytes
        ) as reader:
            return [step async for step in Planner(settings, root, reader, log).steps(below)]

    try:
        steps = session.run(look, starts_redis=False)
    except session.NothingYet:
        steps = asyncio.run(look(None))
    for step in steps:
        printing.emit(asdict(step), f"{step.action:9}  {step.path}  ({step.why})", as_json=as_json)


def _rooted(folder: Path, seeds: Path) -> tuple[Path, str]:
    """The watched folder and the prefix of the paths meant, if ``folder`` lies in it; else ``folder``."""
    folder, seeds = folder.resolve(), seeds.resolve()
    if folder == seeds or not folder.is_relative_to(seeds):
        return folder, ""
    return seeds, f"{folder.relative_to(seeds).as_posix()}/"
