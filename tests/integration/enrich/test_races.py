"""Two processes that enrich copies of the same reports at the same time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.events import ArticleEnriched
from newsfeed.redis_server import EmbeddedRedis
from services.enrich.story_index import RedisIndex
from tests.integration.enrich.newsroom import Newsroom

SCRIPT = Path(__file__).with_name("enricher.py")
REPORTS = 20


def report(number: int) -> ArticleDocument:
    """A report that shares no word with the others."""
    words = " ".join(f"w{number}x{word} w{number}y{word}," for word in range(30))
    return ArticleDocument(title=f"Report{number}", body=words)


async def race(server: EmbeddedRedis, log: EventLog, kind: str) -> int:
    """How many reports, of which each process got a copy, are in two stories in the end."""
    newsroom = Newsroom(log, RedisIndex(log.redis))
    await RedisIndex(log.redis).mark_filled()
    for number in range(REPORTS):
        ids = {log.partition_of(one): one for one in (f"r{number}-{copy}" for copy in range(20))}
        for partition in (0, 1):
            await newsroom.arrive(ids[partition], report(number))
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, str(SCRIPT), server.url, str(partition), kind),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        )
        for partition in (0, 1)
    ]
    for process in processes:
        assert process.stdout
        assert await process.stdout.readline() == b"ready\n"
    results = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0], results
    return sum(len(stories) > 1 for stories in (await _stories(log)).values())


async def _stories(log: EventLog) -> dict[str, set[str | None]]:
    found: dict[str, set[str | None]] = defaultdict(set)
    for partition in (0, 1):
        async for entry in log.read(partition):
            if isinstance(entry.event, ArticleEnriched):
                found[entry.event.article_id.split("-")[0]].add(entry.event.story_id)
    assert len(found) == REPORTS
    return found


async def test_copies_get_one_story_whoever_is_first(server: EmbeddedRedis, log: EventLog) -> None:
    """They stand in two partitions, each with a process of its own."""
    assert await race(server, log, "whole") == 0


@pytest.mark.by_turns
async def test_a_race_without_a_guard_would_be_noticed(server: EmbeddedRedis, log: EventLog) -> None:
    """That both do look before either decides."""
    assert await race(server, log, "unguarded") == REPORTS
