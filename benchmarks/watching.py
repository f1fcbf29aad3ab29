"""``python -m benchmarks.watching COUNT``: the ingest program, which tells how it fared with so many seeds.

It is the program that runs everywhere, with one task more that looks at it every ten milliseconds.
It prints a JSON object a line: ``{"ready": …}``, then, when all seeds are in the log, a :class:`Report`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import cast

import orjson

from benchmarks.resident import resident
from newsfeed.runtime import Program, Runtime, create_app
from services.ingest.app import program
from services.ingest.settings import IngestSettings

TICK_SECONDS = 0.01


@dataclass(slots=True)
class Report:
    """Times are of :func:`time.monotonic`, which all processes share; 0 while it has not come to that."""

    seen_at: float = 0.0
    due_at: float = 0.0
    done_at: float = 0.0
    held_seconds: float = 0.0
    idle_mebibytes: float = 0.0
    most_mebibytes: float = 0.0
    cpu_seconds: float = 0.0


def watched(settings: IngestSettings, count: int) -> Program:
    """Ingest, and beside it what looks at it."""
    ingest = program(settings)
    report = Report()

    async def look(runtime: Runtime) -> None:
        while not _is_started(runtime):
            await asyncio.sleep(TICK_SECONDS)
        report.idle_mebibytes = resident("VmRSS")
        _say({"ready": True})
        before = time.monotonic()
        while not report.done_at:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            report.held_seconds = max(report.held_seconds, now - before - TICK_SECONDS)
            before = now
            _note(report, runtime.details, count, now)
        report.most_mebibytes = resident("VmHWM")
        report.cpu_seconds = time.process_time()
        _say(asdict(report))

    return replace(ingest, tasks={**ingest.tasks, "look": look})


def _is_started(runtime: Runtime) -> bool:
    return _number(runtime.details, "scan_count") > 0


def _note(report: Report, details: Mapping[str, object], count: int, now: float) -> None:
    if _number(details, "waiting_count") >= count:
        report.seen_at = report.seen_at or now
    if _number(details, "due_count") >= count:
        report.due_at = report.due_at or now
    if _number(cast("Mapping[str, object]", details.get("metrics", {})), "ingested") >= count:
        report.done_at = report.done_at or now


def _number(details: Mapping[str, object], name: str) -> int:
    return int(str(details.get(name, 0)))


def _say(fields: Mapping[str, object]) -> None:
    os.write(sys.stdout.fileno(), orjson.dumps(fields) + b"\n")


if __name__ == "__main__":
    _settings = IngestSettings()
    asyncio.run(create_app(_settings, watched(_settings, int(sys.argv[1]))).run())
