"""Makes a version anew and tells what it cost: sha256, and by how many bytes resident memory grew.

Usage: python replaying.py URL. Everything is imported, and a first batch done, before it is measured.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.manifest import read_manifest
from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.catalogue import change_versions
from newsfeed.readmodel.current import Current
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.rebuilding import build, swap
from newsfeed.readmodel.store import ModelStore


def resident_bytes() -> int:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * resource.getpagesize()


async def replay(url: str) -> dict[str, object]:
    """Rebuild and swap."""
    redis = connect(url)
    log = EventLog(redis, await read_manifest(redis))
    versions = await change_versions(redis, ARTICLES.name, lambda one: one.begun(ARTICLES.fold))
    store = ModelStore(log, ARTICLES, versions.building or 0)
    await store.begin()
    await Projector(log, store, strict=True).step(0)
    before = resident_bytes()
    await swap(log, ARTICLES, await build(log, ARTICLES))
    sha256 = await Current(log, ARTICLES, store, await log.tails()).sha256()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    await redis.aclose()
    return {"sha256": sha256, "grown_bytes": peak - before}


print(json.dumps(asyncio.run(replay(sys.argv[1]))))
