"""What ingest leaves in the folder: reasons beside rejected seeds, and done ones moved away."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from newsfeed import logs
from services.ingest import folders
from services.ingest.paths import disk_path
from services.ingest.rejections import hint_for
from services.ingest.sources import Sources
from services.ingest.taken import Taken

LOST_SHOWN = 20
"""So many parts of a seed that could not be read are named in its log line."""


def explain(root: Path, batch: Iterable[Taken]) -> None:
    """Write the reasons of what was rejected, and take back those of what was not."""
    for taken in batch:
        if taken.rejection:
            _write_reason(root, taken)
        elif taken.outcome != "rejected":
            folders.remove_reason(root, taken.due.path)


def move_away(root: Path, sources: Sources, batch: Iterable[Taken]) -> int:
    """Move what is done; returns how many could not be moved.

    What fails here loses nothing: the seed stays, and the ledger knows it.
    """
    failures = 0
    for taken in batch:
        if taken.ledger_entry().outcome == "held":
            continue
        try:
            _move(root, sources, taken)
        except OSError as error:
            failures += 1
            logs.get_logger().error("ingest.move_failed", path=taken.due.path, error=error.strerror)
    return failures


def _move(root: Path, sources: Sources, taken: Taken) -> None:
    due, arrival = taken.due, taken.arrival
    if taken.outcome == "rejected":
        moved = folders.move_rejected(root, due.name, due.look)
    else:
        sha256 = arrival.seed.sha256 or ""
        moved = folders.move_processed(root, due.name, due.look, sha256, arrival.read_at)
    marker = sources.of(due.path).marker_of(due.path)
    if moved and marker:  # It spoke of the seed that is gone; the next one has to have its own.
        with suppress(FileNotFoundError):
            (root / disk_path(marker)).unlink()


def _write_reason(root: Path, taken: Taken) -> None:
    assert taken.rejection is not None
    reason: dict[str, object] = {
        "path": taken.due.path,
        "code": taken.rejection.reason,
        "detail": taken.rejection.detail,
        "hint": hint_for(taken.rejection.reason),
        "sha256": taken.arrival.seed.sha256,
        "size_bytes": taken.due.parts.size_bytes,
        "rejected_at": taken.arrival.read_at.isoformat(),
        "correlation_id": str(taken.arrival.correlation_id),
    }
    try:
        folders.write_reason(root, taken.due.path, reason)
    except OSError as error:
        logs.get_logger().error("ingest.reason_not_written", path=taken.due.path, error=error.strerror)


def report(taken: Taken) -> None:
    """Say what an editor may wonder about: a rejection, an embargo, a version that came too late."""
    told = {"path": taken.due.path, "correlation_id": str(taken.arrival.correlation_id)}
    if taken.rejection:
        logs.get_logger().warning(
            "ingest.seed_rejected", code=taken.rejection.reason, detail=taken.rejection.detail, **told
        )
    elif taken.reading and taken.reading.warnings:
        logs.get_logger().warning(
            "ingest.seed_read_in_part",
            lost=taken.reading.warnings[:LOST_SHOWN],
            lost_count=len(taken.reading.warnings),
            **told,
        )
    if taken.decision.unmatched:
        logs.get_logger().warning("ingest.kill_unmatched", article_ids=taken.decision.unmatched, **told)
    if taken.decision.held:
        until = min(taken.decision.held.values())
        logs.get_logger().info(
            "ingest.seed_held", article_ids=sorted(taken.decision.held), until=until.isoformat(), **told
        )
    if taken.decision.stale:
        logs.get_logger().info("ingest.version_stale", article_ids=taken.decision.stale, **told)
