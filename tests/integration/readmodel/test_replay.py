"""Everything is dropped and made anew from the log: the same to the byte, in bounded memory."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.articles import ARTICLES
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.current import Current, live_store
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.rebuilding import start
from newsfeed.readmodel.store import ModelStore
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.bulk import fill

MOST_BYTES = 64 * 1024 * 1024
"""By how much a replay may grow, whatever the length of the log."""


async def project(log: EventLog) -> str:
    """Make the live version by following, as keep does; what it says."""
    versions = await start(log, ARTICLES)
    store = ModelStore(log, ARTICLES, versions.live or 0)
    for partition in range(log.manifest.partitions):
        while await Projector(log, store).step(partition):
            pass
    return await Current(log, ARTICLES, store, await log.tails()).sha256()


async def drop_everything(log: EventLog) -> None:
    """Remove all that is not the log, as if nobody had ever projected."""
    keys = [key async for key in log.redis.scan_iter(match="newsfeed:*:model:*", count=1000)]
    await log.redis.unlink(
        streams.PROJECTIONS, *map(streams.checkpoints, range(log.manifest.partitions)), *keys
    )


async def replayed(server: EmbeddedRedis) -> tuple[str, int]:
    """The sha256 that a process of its own comes to, and by how many bytes it grew."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("replaying.py")),
        server.url,
        env={"PYTHONPATH": ":".join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    told = json.loads(out.splitlines()[-1])  # Before it stands what was logged.
    return told["sha256"], told["grown_bytes"]


async def check(server: EmbeddedRedis, log: EventLog, events: int) -> None:
    await fill(log, events)
    before = await project(log)
    await drop_everything(log)

    after, grown_bytes = await replayed(server)

    print(f"{events} events: sha256 {after}, resident memory grew by {grown_bytes / 1024 / 1024:.1f} MB")
    live = await live_store(log, ARTICLES)
    assert after == before
    assert live is not None
    assert live.version == (await read_versions(log.redis, "articles")).live == 1
    assert grown_bytes < MOST_BYTES
    assert sum(await log.tails()) == events


@pytest.mark.by_turns
async def test_ten_thousand_events_replayed_say_the_same(server: EmbeddedRedis, log: EventLog) -> None:
    await check(server, log, 10_000)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_a_hundred_thousand_events_replayed_say_the_same(server: EmbeddedRedis, log: EventLog) -> None:
    """What a newsroom has after some months."""
    await check(server, log, 100_000)
