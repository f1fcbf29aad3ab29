"""What only shows in a process of its own, or after long: stops, kills, many files, and rest.

Each has a short form that always runs, or one elsewhere that it names.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
from pathlib import Path

import pytest

from newsfeed.eventlog.connection import Client, connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.waiting import until
from tests.integration.ingest.desk import Desk
from tests.integration.ingest.program import Factory, details, ingested, until_appended

pytestmark = pytest.mark.asyncio(loop_scope="session")

SWIFT = {
    "NEWSFEED_SETTLE_SECONDS": "0.2",
    "NEWSFEED_SCAN_SECONDS": "0.2",
    "NEWSFEED_LEASE_SECONDS": "0.8",
    "NEWSFEED_POLLING_SECONDS": "0.2",
}


@pytest.fixture
def factory(server: EmbeddedRedis, redis: Client, tmp_path: Path) -> Factory:
    """A program that works swiftly, on an empty log."""
    assert redis is not None
    (tmp_path / "seeds").mkdir()
    return Factory(tmp_path, server.url, SWIFT)


async def _survives_a_stop(factory: Factory, redis: Client, count: int) -> None:
    async with factory.running() as process:
        await until(lambda: details(redis))
        process.send_signal(signal.SIGSTOP)
        factory.fill(count)
        process.send_signal(signal.SIGCONT)
        await until_appended(redis, count)
        found = await ingested(redis)

    assert len(set(found)) == len(found) == count


async def test_what_arrives_while_the_process_is_stopped_is_found(factory: Factory, redis: Client) -> None:
    """No announcement of it reaches anybody."""
    await _survives_a_stop(factory, redis, 300)


@pytest.mark.soak
async def test_30000_files_that_arrive_during_a_stop_are_found(factory: Factory, redis: Client) -> None:
    """More than the kernel queues announcements for."""
    factory.settings = {**SWIFT, "NEWSFEED_LEASE_SECONDS": "4"}
    await _survives_a_stop(factory, redis, 30_000)


async def _survives_kills(factory: Factory, redis: Client, kills: int, each: int) -> None:
    """Every kill comes at another moment: between nothing and some seconds, or some events, of work."""
    moments = random.Random(20260302)
    for number in range(kills):
        factory.fill(each, first=number * each)
        async with factory.running():
            work = until_appended(redis, number * each + moments.randrange(each))
            await asyncio.wait([asyncio.ensure_future(work)], timeout=moments.uniform(0, 6))
    async with factory.running():
        await until_appended(redis, kills * each)
    found = await ingested(redis)

    assert len(set(found)) == len(found) == kills * each


@pytest.mark.timeout(120)
async def test_kills_lose_and_repeat_nothing(factory: Factory, redis: Client) -> None:
    """Whatever the process was doing."""
    await _survives_kills(factory, redis, kills=4, each=40)


@pytest.mark.soak
async def test_200_kills_lose_and_repeat_nothing(factory: Factory, redis: Client) -> None:
    """At 200 random moments, over 2,000 files."""
    await _survives_kills(factory, redis, kills=200, each=10)


@pytest.mark.timeout(120)
async def test_nothing_is_lost_or_moved_while_redis_is_away(
    own_server: EmbeddedRedis, tmp_path: Path
) -> None:
    """A seed that moved before its facts were in the log would be lost."""
    factory = Factory(tmp_path, own_server.url, {**SWIFT, "NEWSFEED_ON_DONE": "move"})
    factory.seeds.mkdir()
    async with factory.running():
        await _away_and_back(own_server, factory)


async def _away_and_back(own_server: EmbeddedRedis, factory: Factory) -> None:
    redis = connect(own_server.url)
    try:
        await until(lambda: details(redis))
        os.kill(own_server.pid or 0, signal.SIGKILL)
        factory.fill(20)
        told = factory.folder / "var" / "log" / "ingest.jsonl"

        async def is_noticed() -> bool:
            return b"_interrupted" in told.read_bytes()

        await until(is_noticed)
        assert len(list(factory.seeds.rglob("*.txt"))) == 20

        await asyncio.to_thread(own_server.ensure_running)
        await until_appended(redis, 20)
        found = await ingested(redis)
    finally:
        await redis.aclose()

    assert len(set(found)) == len(found) == 20


@pytest.mark.soak
@pytest.mark.parametrize("starts_after", [0, 10])
async def test_a_slow_writer_makes_one_whole_article(
    factory: Factory, redis: Client, starts_after: int
) -> None:
    """100 bytes every half second for ten seconds, never closed; also when ingest starts in the middle."""
    factory.settings = {**SWIFT, "NEWSFEED_SETTLE_SECONDS": "2"}
    running = factory.running()
    place = factory.seeds / "slow.txt"
    with place.open("w") as file:
        file.write("Slow\n\n")
        for number in range(20):
            if number == starts_after:
                await running.__aenter__()
            file.write(f"{'x' * 95}{number:4}\n")
            file.flush()
            await asyncio.sleep(0.5)
        await until_appended(redis, 1)
        found = await ingested(redis)
    await running.__aexit__(None, None, None)

    assert found == ["slow.txt"]


@pytest.mark.soak
async def test_a_poison_file_in_front_costs_the_999_behind_it_its_deadline_once(
    factory: Factory, redis: Client
) -> None:
    """The short form is in the tests of the pool; this one has the deadline of ten seconds."""
    factory.fill(999)
    poison = factory.seeds / "000000.html"
    poison.write_text("<html " + " ".join(f"a{number}=1" for number in range(100_000)) + "><body><p>Ferry")
    os.utime(poison, (1, 1))
    began = asyncio.get_running_loop().time()
    async with factory.running():
        await until_appended(redis, 1)
        first = asyncio.get_running_loop().time() - began
        await until_appended(redis, 1000)
        last = asyncio.get_running_loop().time() - began
        found = await ingested(redis)
    print(f"\nthe first facts after {first:.1f} s, the last after {last:.1f} s")  # noqa: T201

    assert len(found) == 999


@pytest.mark.soak
async def test_100000_files_are_taken_in(desk: Desk) -> None:
    """With how long it took, how much memory, and how long the loop was held up at most."""
    factory = Factory(desk.root.parent, "", {})
    desk.set(settle_seconds=2.0, scan_seconds=2.0, lease_seconds=4.0)
    factory.fill(100_000, size_bytes=4096)
    loop = asyncio.get_running_loop()
    began, gaps = loop.time(), [0.0]

    async def tick() -> None:
        before = loop.time()
        while True:
            await asyncio.sleep(0.01)
            gaps.append(loop.time() - before - 0.01)
            before = loop.time()

    ticking = asyncio.create_task(tick())
    async with desk.ingesting() as running:
        await desk.until(lambda: int(str(running.runtime.details.get("waiting_count", 0))) == 100_000)
        seen = loop.time() - began
        await until_appended(desk.log.redis, 100_000)
        took = loop.time() - began
    ticking.cancel()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    late = [round(gap, 3) for gap in sorted(gaps)[-5:]]
    print(f"\nseen {seen:.1f} s, taken {took:.1f} s, {most} MiB, loop {late}")  # noqa: T201

    assert len(await desk.told()) == 100_000


@pytest.mark.soak
async def test_a_folder_at_rest_costs_next_to_nothing(factory: Factory, redis: Client) -> None:
    """10,000 seeds that stay where they are: less than a fiftieth of one core."""
    factory.settings = {}
    factory.fill(10_000)
    async with factory.running() as process:
        await until_appended(redis, 10_000)
        await asyncio.sleep(15)
        before = _cpu_seconds(process.pid)
        await asyncio.sleep(60)
        share = (_cpu_seconds(process.pid) - before) / 60
    print(f"\nat rest: {share:.2%} of a core")  # noqa: T201

    assert share < 0.02


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
