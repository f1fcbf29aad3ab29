"""The proofs of the append contract that need real processes, real connections and a real disk.

What an append promises in itself (expected versions, answers, idempotency) is in
``newsfeed.testing.conformance``; here is what happens to it outside.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

from newsfeed.errors import LogConflict, LogLost
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.cutting import CuttingProxy, cutting_proxy
from newsfeed.testing.facts import enrichment_append, rejected_append, version_append, version_at
from newsfeed.testing.planted import MultiInsteadOfLua, NoIdempotency, OneByOne
from newsfeed.testing.under_test import RedisUnderTest, redis_under_test
from newsfeed.testing.waiting import until

WRITER = Path(__file__).with_name("writer.py")


async def start(url: str, name: int, count: int, size: int, kind: str) -> asyncio.subprocess.Process:
    """A writer that is ready to begin."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, WRITER, url, str(name), str(count), str(size), kind),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert await process.stdout.readline() == b"ready\n"
    return process


async def race(url: str, count: int, sizes: Sequence[int], kind: str = "EventLog") -> tuple[int, int]:
    """How many events all writers together appended to one article, and how often one was too late."""
    starting = (start(url, name, count, size, kind) for name, size in enumerate(sizes))
    processes = await asyncio.gather(*starting)
    told = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert {process.returncode for process in processes} == {0}
    answers = [tuple(map(int, out.split())) for out, _ in told]
    return sum(appended for appended, _ in answers), sum(late for _, late in answers)


async def wrong_after_race(log: EventLog, appended: int) -> list[str]:
    """What is wrong with the article that all wrote to; every claim of the contract, looked up."""
    entries = [entry async for entry in log.read(0)]
    claims = {
        "positions are contiguous": [entry.position for entry in entries] == [*range(1, len(entries) + 1)],
        "versions are those of the positions": all(entry.version == entry.position for entry in entries),
        "no event stands twice": len({entry.event_id for entry in entries}) == len(entries),
        "every success is in the log": len(entries) == appended,
        "the head is the newest version": (await log.heads(["a"]))["a"].version == appended,
        "a chain leads to every event": len(await log.history("a")) == len(entries),
    }
    return [claim for claim, holds in claims.items() if not holds]


@pytest.mark.timeout(180)  # Eight interpreters have to start first.
async def test_eight_processes_write_one_article_without_a_gap(server: EmbeddedRedis, log: EventLog) -> None:
    """Whatever the order, every success is a version and every version one success."""
    appended, late = await race(server.url, 100, [1] * 8)

    assert appended == 800
    assert late > 0, "nobody raced"
    assert await wrong_after_race(log, appended) == []


async def test_processes_with_batches_of_many_sizes_leave_no_gap(
    server: EmbeddedRedis, log: EventLog
) -> None:
    """A batch that comes too late is refused to its last event."""
    appended, _ = await race(server.url, 60, [1, 2, 3, 4])

    assert appended == 240
    assert await wrong_after_race(log, appended) == []


@pytest.mark.by_turns
async def test_the_race_finds_checks_that_are_made_on_the_client(
    server: EmbeddedRedis, log: EventLog
) -> None:
    """Planted: with MULTI, the rest of a batch that came too late is written."""
    appended, _ = await race(server.url, 60, [1, 2, 3, 4], MultiInsteadOfLua.__name__)

    assert await wrong_after_race(log, appended) != []


@pytest.mark.soak
@pytest.mark.timeout(1200)
async def test_eight_processes_write_eight_thousand_versions(server: EmbeddedRedis, log: EventLog) -> None:
    """The same at length: 8 processes, 1,000 appends each."""
    appended, late = await race(server.url, 1000, [1] * 8)

    print(f"8 x 1,000 appends: {appended} versions, {late} came too late")  # noqa: T201 for the record
    assert appended == 8000
    assert await wrong_after_race(log, appended) == []


@pytest.fixture
async def proxy(server: EmbeddedRedis) -> AsyncIterator[CuttingProxy]:
    """A connection that is cut after every script that was sent for the first time."""
    with tempfile.TemporaryDirectory(prefix="nf-") as folder:
        async with cutting_proxy(server.socket, Path(folder)) as proxy:
            yield proxy


@pytest.fixture
async def under(redis: Client) -> RedisUnderTest:
    """An empty log, on a connection that nobody cuts."""
    return await redis_under_test(redis)


async def by_client(url: str, log: EventLog, batch: Sequence[Append]) -> None:
    """Append with our own client, which repeats a command whose reply was lost by itself."""
    redis = connect(url)
    await type(log)(redis, log.manifest).append(0, batch)
    await redis.aclose()


async def by_writer(url: str, log: EventLog, batch: Sequence[Append]) -> None:
    """Append with a client that repeats nothing: the writer does, on a new connection."""
    redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0))
    with pytest.raises(RedisConnectionError):
        await type(log)(redis, log.manifest).append(0, batch)
    await type(log)(redis, log.manifest).append(0, batch)
    await redis.aclose()


BATCHES = [
    [version_append("a", number), rejected_append(f"code_{number}"), version_append("b", number)]
    for number in range(1, 31)
]
"""Events that expect a version, and events that expect nothing."""


async def ids(log: EventLog) -> list[str]:
    """The event ids in the log, in order."""
    return [entry.event_id async for entry in log.read(0)]


@pytest.mark.parametrize("repeated", [by_client, by_writer])
async def test_a_connection_cut_after_every_send_doubles_nothing(
    under: RedisUnderTest, proxy: CuttingProxy, repeated: Callable[..., Awaitable[None]]
) -> None:
    """The server has appended and the writer cannot know: it has to be safe to say it again."""
    for batch in BATCHES:
        await repeated(proxy.url, under.log, batch)

    assert proxy.cuts == len(BATCHES)
    assert [str(append.event.event_id) for batch in BATCHES for append in batch] == await ids(under.log)


async def test_cut_connections_find_a_log_without_idempotency(redis: Client, proxy: CuttingProxy) -> None:
    """Planted: an event that expects nothing is appended again by every repetition."""
    log = (await redis_under_test(redis, NoIdempotency)).log
    for number in range(5):
        await by_client(proxy.url, log, [rejected_append(f"code_{number}")])

    assert len(await ids(log)) == 2 * len(set(await ids(log))) == 10


async def test_a_cut_acknowledgement_derives_nothing_twice(
    under: RedisUnderTest, proxy: CuttingProxy
) -> None:
    """A worker whose reply was lost is told that its work is done."""
    for number in range(1, 11):
        await under.log.append(0, [version_append("a", number)])
    lease, positions = await under.take(), await under.deliver()
    worker = EventLog(connect(proxy.url), under.log.manifest)

    answers = [
        await worker.commit(
            0, [enrichment_append(await version_at(under.log, position))], lease=lease, acks=[position]
        )
        for position in positions
    ]
    await worker.redis.aclose()

    assert answers == [[0]] * 10
    assert await under.pending() == []
    assert 20 == await under.log.tail(0) == len(set(await ids(under.log)))


def batch_of_fifty(round_: int, place: int, odd: Append) -> list[Append]:
    """First versions of articles that nobody knows, and something else at a place."""
    batch = [version_append(f"article-{round_}-{number}") for number in range(50)]
    batch[place] = odd
    return batch


async def places_that_wrote(under: RedisUnderTest, places: Sequence[int]) -> list[int]:
    """Where in a batch of fifty a conflict stands that left anything behind, in any key of Redis."""
    await under.log.append(0, [version_append("a")])
    wrote: list[int] = []
    for place in places:
        before = await under.copy()
        with pytest.raises(LogConflict) as conflict:
            await under.log.append(0, batch_of_fifty(place, place, version_append("a", 3)))
        assert (conflict.value.version, conflict.value.position) == (1, 1)
        if await under.copy() != before:
            wrote.append(place)
    return wrote


async def test_a_conflict_at_any_place_of_fifty_writes_nothing(under: RedisUnderTest) -> None:
    """No entry, no head, no document, no tail: every key is what it was, to the byte."""
    assert await places_that_wrote(under, range(50)) == []


async def test_the_places_find_a_log_that_appends_one_by_one(redis: Client) -> None:
    """Planted: only a conflict at the first place writes nothing."""
    under = await redis_under_test(redis, OneByOne)

    assert await places_that_wrote(under, [0, 1, 25, 49]) == [1, 25, 49]


async def test_a_duplicate_at_any_place_of_fifty_is_stored_once(under: RedisUnderTest) -> None:
    """A writer that died cuts its next batch differently: what was there is passed over, not refused."""
    known = version_append("a")
    await under.log.append(0, [known])
    for place in range(50):
        answers = await under.log.append(0, batch_of_fifty(place, place, known))
        tail = 1 + 49 * place
        assert answers[:place] == [*range(tail + 1, tail + 1 + place)]
        assert answers[place:] == [-1, *range(tail + 1 + place, tail + 50)]

    assert 1 + 49 * 50 == await under.log.tail(0) == len(set(await ids(under.log)))


async def test_a_server_that_came_back_with_older_files_gets_no_append(own_server: EmbeddedRedis) -> None:
    """A backup was restored, or a disk lost its last writes: the log is sound and too short."""
    redis = connect(own_server.url)
    log = EventLog(redis, await open_manifest(redis, 1))
    await log.append(0, [version_append("a")])
    with tempfile.TemporaryDirectory(prefix="nf-") as backup:
        files = own_server.socket.parent
        shutil.copytree(files, backup, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock", "*.lock"))
        await log.append(0, [version_append("b"), version_append("c")])
        await killed(own_server)
        shutil.copytree(backup, files, dirs_exist_ok=True)
    own_server.ensure_running()

    with pytest.raises(LogLost, match="0-3"):
        await log.append(0, [version_append("d")])

    assert await log.tail(0) == 1
    assert await EventLog(redis, log.manifest).append(0, [version_append("d")]) == [2]
    await redis.aclose()


async def killed(server: EmbeddedRedis) -> None:
    """End a server as a power cut would."""
    pid = server.pid or 0
    os.kill(pid, signal.SIGKILL)

    async def gone() -> bool:
        return pid not in running()

    await until(gone)


def running() -> set[int]:
    """The ids of all processes."""
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
