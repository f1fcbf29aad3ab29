"""Two publishers, killed at every named point: digests are the same bytes, deliveries at most repeated."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.registry import Destination
from newsfeed.testing.registering import subscription_created
from newsfeed.testing.timeline import START, Timeline, moment
from newsfeed.testing.waiting import until
from services.publish.holding import LEASE_MS
from tests.integration.publish.dying import CHANNEL, CLOCK, PARTITIONS, POINTS, RECEIVED
from tests.integration.publish.planted import BUGS
from tests.integration.publish.programs import ROOT

SUBSCRIBERS = ("ada", "bob", "cyd")
WINDOW_SECONDS = CHANNEL.every_seconds or 0
WINDOWS = 120
"""Enough for all to come to where they die, also where one publisher works and the other hardly does."""
PATIENCE_SECONDS = 20.0
"""So long nothing may move before a delivery counts as lost."""

Plan = list[tuple[str, int]]


@dataclass
class Told:
    """What is left of a run: the digests, the facts of the windows, and all that arrived, in order."""

    digests: list[object] = field(default_factory=list)
    windows: list[object] = field(default_factory=list)
    received: list[tuple[str, int, str, str]] = field(default_factory=list)
    died: list[str] = field(default_factory=list)
    is_stuck: bool = False


class Crew:
    """The program that forks publishers, over a log whose windows all have something to say."""

    def __init__(self, log: EventLog, url: str, process: asyncio.subprocess.Process) -> None:
        self.log = log
        self.url = url
        self.process = process
        self.deliveries = DeliveryLog(log.redis, CHANNEL.name)

    async def run(self, slots: Sequence[Plan] = (), bug: str = "", windows: int = WINDOWS) -> Told:
        """Window after window, until everybody who was to die has died, or for so many windows.

        Without slots one publisher works alone, and nobody dies.
        """
        await self._forget()
        told, wanted = Told(), sum(map(len, slots))
        job = {"url": self.url, "slots": slots or [[]], "bug": bug}
        now = moment(1)
        await self._set_clock(now.timestamp())
        await self._say(json.dumps(job))
        hearing = asyncio.create_task(self._hear(told))
        for number in range(1, windows + 1):
            now = moment(number * WINDOW_SECONDS + 1)
            told.is_stuck = not await self._settled(number, now.timestamp(), told)
            if told.is_stuck or (wanted and len(told.died) == wanted):
                break
        if not told.died:  # The end is no death; it may find somebody who noted first and sends now.
            await until(lambda: self._have_arrived(number))
        await self._say("stop")
        await hearing
        return await self._read(told)

    async def _settled(self, number: int, now: float, told: Told) -> bool:
        """Whether a window closed and everybody has its digest; each death costs the length of a lease."""
        deaths, moved_at, before = len(told.died), asyncio.get_running_loop().time(), ""
        while True:
            await self._set_clock(now + (len(told.died) - deaths) * (LEASE_MS / 1000 + 0.5))
            states = await self.deliveries.states()
            if [states[name].after for name in SUBSCRIBERS if name in states] == [number] * len(SUBSCRIBERS):
                return True
            shown = f"{states} {told.died}"
            moved_at = moved_at if shown == before else asyncio.get_running_loop().time()
            before = shown
            if asyncio.get_running_loop().time() > moved_at + PATIENCE_SECONDS:
                return False
            await asyncio.sleep(0.005)

    async def _have_arrived(self, number: int) -> bool:
        return await self.log.redis.llen(RECEIVED) >= number * len(SUBSCRIBERS)

    async def _hear(self, told: Told) -> None:
        assert self.process.stdout
        while (line := (await self.process.stdout.readline()).decode().strip()) != "stopped":
            assert line, "the program ended; its output tells why"
            told.died.append(line)

    async def _say(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def _set_clock(self, seconds: float) -> None:
        await self.log.redis.set(CLOCK, int(seconds * 1000))

    async def _forget(self) -> None:
        pattern = f"*{{{streams.digests(CHANNEL.name)}}}*"
        keys = [key async for key in self.log.redis.scan_iter(match=pattern, count=1000)]
        await self.log.redis.delete(streams.digests(CHANNEL.name), RECEIVED, *keys)

    async def _read(self, told: Told) -> Told:
        redis = self.log.redis
        told.digests = list(await redis.xrange(streams.digests(CHANNEL.name)) or ())
        told.windows = list(await redis.xrange(streams.windows(CHANNEL.name)) or ())
        told.received = [tuple(json.loads(one)) for one in await redis.lrange(RECEIVED, 0, -1)]
        return told


@asynccontextmanager
async def crew_of(log: EventLog, url: str) -> AsyncIterator[Crew]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.integration.publish.dying"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Crew(log, url, process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedRedis]:
    """The one that users get here: what is killed are publishers, of which every server hears the same."""
    with tempfile.TemporaryDirectory(prefix="nf-") as folder, EmbeddedRedis(Path(folder)) as one:
        yield one


@pytest.fixture
async def crew(server: EmbeddedRedis, redis: Client) -> AsyncIterator[Crew]:
    """Articles, corrections and retractions over all windows; three subscriptions."""
    log = EventLog(redis, await open_manifest(redis, PARTITIONS))
    timeline = Timeline(log)
    for window in range(WINDOWS):
        await timeline.at(window * WINDOW_SECONDS + 3)
        await timeline.article(f"a{window}")
        await timeline.article(f"b{window}")
        if window:
            await timeline.article(f"a{window - 1}", 2)
        if window > 2 and window % 3 == 0:
            await timeline.withdraw(f"b{window - 2}", 2)
    homes = [Destination(salt="00", address=name) for name in SUBSCRIBERS]
    created = [
        subscription_created(name, transport="received", destination_sha256=home.sha256).model_copy(
            update={"occurred_at": START - timedelta(days=1)}
        )
        for name, home in zip(SUBSCRIBERS, homes, strict=True)
    ]
    await RegistryLog(redis).change(lambda _: created, homes)
    async with crew_of(log, server.url) as one:
        yield one


def findings(found: Told, expected: Told) -> list[str]:
    """What is wrong with a run, held against one in which nobody died."""
    repeated = len(found.received) - len(set(found.received))
    wrong = {
        "a digest was not settled": found.is_stuck,
        "the digests are others": found.digests != expected.digests[: len(found.digests)],
        "the facts are others": found.windows != expected.windows[: len(found.windows)],
        f"{repeated} repetitions": repeated > len(found.died) * len(SUBSCRIBERS),
    }
    return [text for text, is_so in wrong.items() if is_so] + [*misled(found)]


def misled(found: Told) -> Iterator[str]:
    """Who did not get 1..n in order, or two contents under one id, once repetitions are dropped."""
    by_id = dict[str, tuple[str, int, str, str]]()
    for one in found.received:
        if by_id.setdefault(one[2], one) != one:
            yield f"{one[0]} got two contents under one id"
    for name in SUBSCRIBERS:
        numbers = [one[1] for one in by_id.values() if one[0] == name]
        if numbers != [*range(1, len(found.digests) + 1)]:
            yield f"{name} got {numbers}"


def plans(seed: int, points: Sequence[str] = tuple(POINTS)) -> list[Plan]:
    """Every point once, in some order, for two publishers, at the first or second time that it is passed."""
    dice = random.Random(seed)
    drawn = [(name, dice.randint(1, 2) if seed else 1) for name in dice.sample(points, len(points))]
    return [drawn[::2], drawn[1::2]]


@pytest.mark.parametrize("runs", [1, pytest.param(50, marks=pytest.mark.soak)])
@pytest.mark.timeout(3600)
async def test_two_publishers_may_be_killed_at_every_named_point(crew: Crew, runs: int) -> None:
    """E2: the bytes of the undisturbed run; without repeated ids every subscriber has 1..n in order.

    Each run kills at every point, 30 in all, with real processes and a real SIGKILL.
    """
    found = [await crew.run(plans(seed)) for seed in range(runs)]
    expected = await crew.run(windows=max(len(one.windows) for one in found))

    repeated = sum(len(one.received) - len(set(one.received)) for one in found)
    logging.getLogger(__name__).info("%d windows, %d repetitions", len(expected.windows), repeated)

    assert [findings(one, expected) for one in (*found, expected)] == [[]] * (runs + 1)
    assert Counter(point for one in found for point in one.died) == dict.fromkeys(POINTS, runs)
    assert len(POINTS) >= 20
    assert len(expected.received) == len(SUBSCRIBERS) * len(expected.windows)


PLANTED = {
    "end the window now": "before the freeze",
    "query when sending": "after the send",
    "note before sending": "before the send",
    "new id for every attempt": "after the send",
}
"""Where kills bring each bug to light; without kills nothing is wrong with any of them."""


async def test_bugs_that_kills_bring_to_light_are_noticed(crew: Crew) -> None:
    assert {*PLANTED} == {*BUGS}
    for bug, point in PLANTED.items():
        found = await crew.run([[(point, 1)] * 3] * 2, bug=bug)
        undisturbed = await crew.run(bug=bug, windows=len(found.windows))

        assert findings(undisturbed, undisturbed) == [], bug
        assert findings(found, undisturbed) != [], bug
