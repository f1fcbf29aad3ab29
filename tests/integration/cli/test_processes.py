"""Several processes of one program under the supervisor."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.cli import supervisor as module
from newsfeed.cli.supervisor import Supervisor, process_counts, usable_cores
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.leases import holder
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.health import heartbeats
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings
from newsfeed.testing.groups import caught_up, enriched
from newsfeed.testing.letters import append_versions
from newsfeed.testing.waiting import until

ARTICLES = [f"article-{number}" for number in range(40)]


@pytest.fixture(scope="module")
def only_server() -> Iterator[EmbeddedRedis]:
    """The server that `newsfeed up` would take: two starts of two programs on each would take long."""
    with tempfile.TemporaryDirectory(prefix="nf-") as folder, EmbeddedRedis(Path(folder)) as one:
        yield one


@pytest.fixture
async def wide_log(only_server: EmbeddedRedis) -> AsyncIterator[EventLog]:
    """An empty log of four partitions."""
    redis = connect(only_server.url)
    yield EventLog(redis, await open_manifest(redis, 4))
    await redis.aclose()


@pytest.fixture
async def supervisor(
    only_server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Supervisor]:
    """Two real enrich processes, and nothing else."""
    enrich = module.programs()["enrich"]
    monkeypatch.setattr(module, "programs", lambda: {"enrich": enrich})
    environment = {
        "NEWSFEED_REDIS_URL": only_server.url,
        "NEWSFEED_VAR": str(tmp_path),
        "NEWSFEED_LOG_LEVEL": "error",
    }
    one = Supervisor(environment, process_counts(Settings(enrich_processes=2)))
    running = asyncio.create_task(one.run())
    yield one
    await one.stop()
    await running


async def served_by(log: EventLog) -> Counter[int]:
    """How many partitions each process serves, by its pid."""
    holders = [await holder(log.redis, streams.ENRICH, partition) for partition in range(4)]
    return Counter(int(one.split(":")[1]) for one in holders if one)


async def test_a_killed_enrich_process_is_replaced_and_nothing_is_lost(
    supervisor: Supervisor, wide_log: EventLog
) -> None:
    """The two share the partitions, and again after a kill -9 in the middle of the work."""

    async def shared() -> bool:
        served = await served_by(wide_log)
        ready = {one.pid for one in await heartbeats(wide_log.redis) if one.ready}
        return set(supervisor.pids("enrich")) == served.keys() & ready and set(served.values()) == {2}

    async def begun() -> bool:
        return bool(await enriched(wide_log))

    await until(shared)
    victim = supervisor.pids("enrich")[0]
    for version in (1, 2, 3):
        await append_versions(wide_log, *ARTICLES, version=version)
    await until(begun)
    os.kill(victim, signal.SIGKILL)
    await until(lambda: caught_up(wide_log))
    await until(shared)

    assert victim not in supervisor.pids("enrich")
    orders = defaultdict[str, list[int]](list)
    for article, version in await enriched(wide_log):
        orders[article].append(version)
    assert orders == {key: [1, 2, 3] for key in ARTICLES}


def test_enrich_gets_a_process_a_core() -> None:
    """But none that would have no partition; the others are not bound by the processor."""
    counts = process_counts(Settings(partitions=64))

    assert counts["enrich"] == usable_cores()
    assert {count for name, count in counts.items() if name != "enrich"} == {1}
    assert process_counts(Settings(partitions=1))["enrich"] == 1
    assert process_counts(Settings(partitions=1, enrich_processes=3))["enrich"] == 3
