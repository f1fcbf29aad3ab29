"""Projectors that are killed at random moments leave what one clean pass makes."""

from __future__ import annotations

import asyncio
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsfeed.eventlog import EventLog
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.store import ModelStore
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.bulk import fill
from newsfeed.testing.tally import TALLY, Tally, everything, tallied

BATCH = 5
"""Events between two writes: few, so that many lives are needed."""


class Nursery:
    """Children that project."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._child = 0

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def begin(self, batches: int) -> int:
        """A child that has begun to project; its process id."""
        assert self._process.stdin
        print(batches, file=self._process.stdin, flush=True)
        told = {self._line(), self._line()}
        told.remove("begun")
        self._child = int(told.pop())
        return self._child

    def end(self) -> int:
        """How the child ended."""
        ended = int(self._line())
        self._child = 0
        return ended

    def close(self) -> None:
        """Leave no child behind, whatever went wrong: it would wait for its kill."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
        assert self._process.stdin
        self._process.stdin.close()


@contextmanager
def nursery(url: str, kind: str) -> Iterator[Nursery]:
    script = str(Path(__file__).with_name("nursery.py"))
    with subprocess.Popen(
        [sys.executable, script, url, str(BATCH), kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
    ) as process:
        children = Nursery(process)
        try:
            yield children
        finally:
            children.close()


def kill_over_and_over(url: str, kind: str, kills: int, batches: int) -> int:
    """Let children project so many batches each, or fewer, and then one to the end; how many were killed."""
    chance, killed = random.Random(20261125), 0
    with nursery(url, kind) as children:
        for _ in range(kills):
            child = children.begin(batches)
            select.select([], [], [], chance.uniform(0, 0.004 * batches))  # The moment is chance.
            os.kill(child, signal.SIGKILL)
            killed += children.end() == -signal.SIGKILL
        children.begin(0)
        assert children.end() == 0
    return killed


async def clean(log: EventLog) -> dict[str, bytes]:
    """The states that one clean pass makes."""
    store = ModelStore(log, TALLY, 2)
    await store.begin()
    projector = Projector(log, store)
    for partition in range(log.manifest.partitions):
        while await projector.step(partition):
            pass
    return await everything(store, log.manifest.partitions)


async def run(server: EmbeddedRedis, log: EventLog, kind: str, kills: int, events: int) -> int:
    await fill(log, events)
    await ModelStore(log, TALLY, 1).begin()
    each = max(1, events // BATCH // kills)
    return await asyncio.to_thread(kill_over_and_over, server.url, kind, kills, each)


async def check(log: EventLog, events: int) -> bool:
    """Whether the states are those of a clean pass, byte by byte, and every event is in them once."""
    store: ModelStore[Tally] = ModelStore(log, TALLY, 1)
    partitions = log.manifest.partitions
    same = await everything(store, partitions) == await clean(log)
    return same and await tallied(store, partitions) == events


async def test_twenty_kills_change_nothing(server: EmbeddedRedis, log: EventLog) -> None:
    """A kill between two writes, or between a write and its answer, is where events get lost or doubled."""
    killed = await run(server, log, "whole", kills=20, events=1000)

    assert killed == 20
    assert await check(log, 1000)


@pytest.mark.by_turns
@pytest.mark.parametrize("kind", ["states-first", "checkpoint-first"])
async def test_two_writes_instead_of_one_would_be_noticed(
    server: EmbeddedRedis, log: EventLog, kind: str
) -> None:
    """The bug that most projections have; the check above tells it."""
    killed = await run(server, log, kind, kills=20, events=1000)

    assert killed == 20
    assert not await check(log, 1000)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_five_hundred_kills_change_nothing(server: EmbeddedRedis, log: EventLog) -> None:
    """Many more moments."""
    killed = await run(server, log, "whole", kills=500, events=10_000)

    assert killed == 500
    assert await check(log, 10_000)
