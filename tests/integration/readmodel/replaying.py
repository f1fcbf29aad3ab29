"""Makes a version anew and tells what it cost: sha256, and by how many bytes resident memory grew.

Usage: python replaying.py URL. Everything is imported, and a first batch done, before it is measured.
"""

from __future__ import annotations

import asyncio
import json
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


def held_bytes(what: str) -> int:
    """What the process holds: ``VmRSS`` now, ``VmHWM`` at most; getrusage would tell of its parent, too."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * 1024


async def replay(url: str) -> dict[str, object]:
    """Rebuild and swap."""
    redis = connect(url)
    log = EventLog(redis, await read_manifest(redis))
    versions = await change_versions(redis, ARTICLES.name, lambda one: one.begun(ARTICLES.fold))
    store = ModelStore(log, ARTICLES, versions.building or 0)
    await store.begin()
    await Projector(log, store, strict=True).step(0)
    before = held_bytes("VmRSS")
    await swap(log, ARTICLES, await build(log, ARTICLES))
    sha256 = await Current(log, ARTICLES, store, await log.tails()).sha256()
    peak = held_bytes("VmHWM")
    await redis.aclose()
    return {"sha256": sha256, "grown_bytes": peak - before}


print(json.dumps(asyncio.run(replay(sys.argv[1]))))
