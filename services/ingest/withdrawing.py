"""Withdrawing the articles of seeds that were deleted, where their source asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from newsfeed import logs
from newsfeed.eventlog import Append
from newsfeed.events import VersionEvent
from services.ingest import intake
from services.ingest.handlers import Intake
from services.ingest.ledger import moved_entry
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import Look
from services.ingest.taken import DueSeed


@dataclass(slots=True)
class _Plan:
    """What becomes of deleted seeds: the facts, and what the ledger keeps."""

    appends: list[Append] = field(default_factory=list)
    entries: dict[str, LedgerEntry | None] = field(default_factory=dict)


async def withdraw(desk: Intake, paths: Sequence[str], present: Mapping[str, Look]) -> None:
    """Withdraw what stood in these seeds and stands in no other that is present.

    Where the same bytes lie under another name, the seed counts as moved there.
    """
    gone = {path: entry for path in paths if (entry := desk.ledger.entry(path))}
    newest = await desk.log.newest_versions({one for entry in gone.values() for one in entry.article_ids})
    twins, kept = await asyncio.to_thread(_others, desk, gone, present)
    plan = _Plan()
    for path, entry in gone.items():
        twin = twins.pop(entry.sha256, None)
        if twin is not None:
            _move(plan, desk, DueSeed(twin, twin, present[twin]), path, newest)
        else:
            versions = [newest[one] for one in entry.article_ids if one in newest and one not in kept]
            deleted = (intake.deleted(path, version, desk.clock.now()) for version in versions)
            plan.appends += [append for append in deleted if append]
            plan.entries[path] = entry.model_copy(update={"outcome": "deleted", "look": None})
    await desk.ledger.write(plan.entries, await desk.append(plan.appends))
    logs.get_logger().info("ingest.seeds_deleted", paths=sorted(gone), event_count=len(plan.appends))


def _others(
    desk: Intake, gone: Collection[str], present: Collection[str]
) -> tuple[dict[str | None, str], set[str]]:
    """Where copies of bytes lie, and all articles that stand in other seeds that are present."""
    twins, kept = dict[str | None, str](), set[str]()
    for path, entry in desk.ledger.entries(lambda path: path in present and path not in gone):
        kept.update(entry.article_ids)
        if entry.outcome == "duplicate":
            twins[entry.sha256] = path
    return twins, kept


def _move(
    plan: _Plan, desk: Intake, twin: DueSeed, from_path: str, newest: Mapping[str, VersionEvent]
) -> None:
    entry = desk.ledger.entry(from_path)
    assert entry is not None
    arrival = desk.arrival(twin, entry.sha256)
    look = (twin.parts.ctime_ns, twin.parts.inode)
    plan.appends += [
        intake.moved(arrival, from_path, look, newest[one]) for one in entry.article_ids if one in newest
    ]
    plan.entries[from_path] = None
    plan.entries[twin.path] = moved_entry(entry, from_path, twin.path).seen_as(twin.look)
