"""Withdrawing the articles of seeds that were deleted, where their source asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsfeed import logs
from newsfeed.eventlog import Append
from newsfeed.events import VersionEvent
from services.ingest import intake
from services.ingest.handlers import Intake
from services.ingest.ledger import moved_entry
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.scanning import Look
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
    twins = {
        entry.sha256: path
        for path, entry in desk.ledger.entries()
        if path in present and path not in gone and entry.outcome == "duplicate"
    }
    kept = {
        one
        for path, entry in desk.ledger.entries()
        if path in present and path not in gone
        for one in entry.article_ids
    }
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


def _move(
    plan: _Plan, desk: Intake, twin: DueSeed, from_path: str, newest: Mapping[str, VersionEvent]
) -> None:
    entry = desk.ledger.entry(from_path)
    assert entry is not None
    arrival = desk.arrival(twin, entry.sha256)
    look = (twin.look.ctime_ns, twin.look.inode)
    plan.appends += [
        intake.moved(arrival, from_path, look, newest[one]) for one in entry.article_ids if one in newest
    ]
    plan.entries[from_path] = None
    plan.entries[twin.path] = moved_entry(entry, from_path, twin.path).seen_as(twin.look)
