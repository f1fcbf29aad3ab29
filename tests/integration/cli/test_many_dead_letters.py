"""Dead letters by the million are listed, requeued and processed in the memory of a page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.entries import Entry, entry_id
from newsfeed.eventlog.groups import ensure_group
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import ArticleIngested, ArticleRevised, LogEvent
from newsfeed.testing.answers import start_command
from newsfeed.testing.facts import version_append
from newsfeed.testing.groups import GROUP, Worker, caught_up, serve, take_over
from newsfeed.testing.letters import letters_of

Configure = Callable[[str, str], Awaitable[None]]

PER_ARTICLE = 100
"""Letters of each article: the poison, and what waits behind it."""

PER_CALL = 1000
"""Events that are planted at once."""

GROWTH_BYTES = 100_000_000
"""What a process may need above its start."""

MEASURED = """
import atexit, pathlib, re, sys
from newsfeed.cli import app, main
app.create()
def held(name):
    return 1024 * int(re.search(name + r":\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
start = held("VmRSS")
atexit.register(lambda: print("grown by", held("VmHWM") - start, file=sys.stderr))
main()
"""
"""The command, which tells at its end how much memory it took above its start."""


@dataclass
class Follower(Worker):
    """Derives nothing; it remembers the newest version of each article, and what came out of turn."""

    count: int = 0
    newest: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    most_bytes: int = 0

    async def react(self, _: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        """Follow each article from version to version."""
        for event in events:
            assert isinstance(event, ArticleIngested | ArticleRevised)
            if event.version != self.newest.get(event.article_id, 0) + 1:
                self.wrong.append(f"{event.article_id}: {event.version}")
            self.newest[event.article_id] = event.version
        self.count += len(events)
        self.most_bytes = max(self.most_bytes, resident_bytes())
        return [[] for _ in events]


def resident_bytes() -> int:
    """How much memory this process holds."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return 1024 * int(found[1])


async def plant(redis: Client, count: int) -> EventLog:
    """A log of versions that are all dead letters, made by pipelines: commits would take very long."""
    log = EventLog(redis, await open_manifest(redis, 1))
    for first in range(1, count + 1, PER_CALL):
        await _plant(log, range(first, first + PER_CALL), count // PER_ARTICLE)
    await redis.hset(streams.tail(0), mapping={"n": count, "r": 1})
    await ensure_group(log, GROUP)
    await redis.xgroup_setid(streams.log(0), GROUP, entry_id(count))
    return log


async def _plant(log: EventLog, positions: range, articles: int) -> None:
    pipeline = log.redis.pipeline(transaction=False)
    stored: dict[Any, Any] = {}
    members: dict[str, float] = {}
    for position in positions:
        version, number = divmod(position - 1, articles)
        append = version_append(f"article-{number:06}", version + 1)
        event = append.event
        fields: Any = {
            "e": str(event.event_id),
            "v": version + 1,
            "p": 0,
            "__data__": append.encoded() + b"}",
        }
        pipeline.xadd(streams.log(0), fields, id=entry_id(position))
        entry = Entry(position, str(event.event_id), version + 1, 0, event)
        letter = DeadLetter.of(entry, RuntimeError(), GROUP, 0, 5)
        stored[str(position)] = letter.model_dump_json()
        members[streams.parked_member(event.subject, position)] = 0
    pipeline.hset(streams.dead(0, GROUP), mapping=stored)
    pipeline.zadd(streams.letters(0, GROUP), {str(position): position for position in positions})
    pipeline.zadd(streams.parked(0, GROUP), members)
    await pipeline.execute()


async def measured(environment: dict[str, str], *arguments: str) -> tuple[int, int]:
    """How many lines a command prints, and by how many bytes it grew."""
    process = await start_command(environment, *arguments, program=MEASURED)
    assert process.stdout
    assert process.stderr
    lines = 0
    while page := await process.stdout.read(1 << 20):
        lines += page.count(b"\n")
    told = re.search(rb"grown by (\d+)", await process.stderr.read())
    assert told
    assert await process.wait() == 0
    return lines, int(told[1])


async def replay(redis: Client, environment: dict[str, str], count: int) -> dict[str, int]:
    """List, requeue and process so many letters; by how many bytes each process grew."""
    log = await plant(redis, count)
    listed, listing = await measured(environment, "dead-letters", "list", "--json")
    shown, showing = await measured(environment, "dead-letters", "list")
    _, requeueing = await measured(environment, "dead-letters", "requeue", "--all")
    assert (listed, shown) == (count, count // PER_ARTICLE + 1)
    assert await letters_of(log).count(GROUP) == 0
    follower, start = Follower(), resident_bytes()
    await serve(log, await take_over(log, follower))
    assert (follower.count, follower.wrong) == (count, [])
    assert await caught_up(log)
    processing = follower.most_bytes - start
    return {"list --json": listing, "list": showing, "requeue": requeueing, "processing": processing}


@pytest.mark.by_turns
async def test_thousands_of_dead_letters_come_back_in_order(
    redis: Client, environment: dict[str, str]
) -> None:
    """The short form of the soak test below: several pages, several steps."""
    grown = await replay(redis, environment, 5_000)

    assert {name: size for name, size in grown.items() if size > GROWTH_BYTES} == {}


@pytest.mark.soak
@pytest.mark.timeout(1800)  # A million commits' worth of letters is planted first.
async def test_a_million_dead_letters_come_back_in_bounded_memory(
    redis: Client, environment: dict[str, str], configure: Configure
) -> None:
    """Other queues load what they replay, and die of it."""
    await configure("appendonly", "no")  # What is planted is never restarted.

    grown = await replay(redis, environment, 1_000_000)

    print(grown)  # noqa: T201 the figures are what one runs it for
    assert {name: size for name, size in grown.items() if size > GROWTH_BYTES} == {}
    await redis.flushall()
