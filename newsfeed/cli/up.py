"""`newsfeed up`: the whole service in the foreground."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from newsfeed import logs, streams
from newsfeed.channel_tables import load_channels
from newsfeed.channels import Channel
from newsfeed.cli.draining import remaining, unreadable
from newsfeed.cli.ports import address, choose_port
from newsfeed.cli.supervisor import Supervisor, process_counts
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.connection import PASSING_ERRORS, connect
from newsfeed.eventlog.dead_letters import DeadLetters
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.health import heartbeats
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings

T = TypeVar("T")

STUCK_SECONDS = 60.0
"""A drain in which nothing moves for so long, while a program is in trouble, is given up."""

LOOK_SECONDS = 0.3
"""How often readiness and the progress of a drain are looked at."""


def up(
    seeds: Annotated[Path, typer.Option(help="The folder to watch.")] = Path("seeds"),
    drain: Annotated[bool, typer.Option(help="Leave when every seed is in a published digest.")] = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="Where pages and feeds are; 0 for none. 8000, or a free one."),
    ] = None,
) -> None:
    """Start ingest, enrich, publish, keep and web, and keep them running until Ctrl-C."""
    settings = Settings()
    chosen = 0 if drain and port is None else choose_port(port)
    seeds.mkdir(parents=True, exist_ok=True)
    logs.configure("supervisor", level=settings.log_level, file=settings.var / "log" / "supervisor.jsonl")
    with ExitStack() as stack:
        redis = None
        if settings.redis_url is None:
            redis = stack.enter_context(EmbeddedRedis(settings.var))
        raise typer.Exit(asyncio.run(_Service(settings, redis, seeds, drain=drain, port=chosen).run()))


class _Service:
    """One run of `newsfeed up`."""

    def __init__(
        self, settings: Settings, redis: EmbeddedRedis | None, seeds: Path, *, drain: bool, port: int
    ) -> None:
        self._settings = settings
        self._redis = redis
        self._url = settings.redis_url or (redis.url if redis else "")
        self._seeds = seeds.resolve()
        self._drain = drain
        self._port = port
        self._channels: tuple[Channel, ...] = load_channels(settings.config)
        self._counts = process_counts(settings)
        self._stop = asyncio.Event()

    async def run(self) -> int:
        """Run until a signal, or until all is drained; the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop.set)
        environment = {
            "NEWSFEED_REDIS_URL": self._url,
            "NEWSFEED_SEEDS": str(self._seeds),
            "NEWSFEED_VAR": str(self._settings.var.resolve()),
            "NEWSFEED_PORT": str(self._port),
        }
        if self._drain and "NEWSFEED_EMPTY_SECONDS" not in os.environ:
            environment["NEWSFEED_EMPTY_SECONDS"] = "2"  # Nobody is going to fill an empty seed any more.
        supervisor = Supervisor(environment, self._counts, self._redis)
        running = asyncio.create_task(supervisor.run())
        watching = asyncio.create_task(self._watch(supervisor))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({running, watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await end(watching)
        await supervisor.stop()
        await running
        return 0 if watching.cancelled() else watching.result()

    async def _watch(self, supervisor: Supervisor) -> int:
        """Say when all is ready; with a drain return its exit status, else never."""
        redis = connect(self._url)
        try:
            manifest = await _patiently(lambda: open_manifest(redis, self._settings.partitions))
            log = EventLog(redis, manifest)
            while not await _patiently(lambda: _all_ready(log, self._counts)):
                await rest(LOOK_SECONDS)
            self._greet()
            while not self._drain:
                await rest(LOOK_SECONDS)
            return await _patiently(lambda: self._drained(log, supervisor))
        finally:
            await redis.aclose()

    async def _drained(self, log: EventLog, supervisor: Supervisor) -> int:
        """Wait until nothing is left to do, or nothing moves any more and the reason is known."""
        before, since = None, time.monotonic()
        while True:
            left = await remaining(log, self._channels, supervisor.pids("ingest"))
            if left.nothing:
                return await self._verdict(log)
            if left != before:
                before, since = left, time.monotonic()
            troubles = [trouble for one in await heartbeats(log.redis) for trouble in one.troubles]
            if troubles and time.monotonic() - since > STUCK_SECONDS:
                typer.echo(f"given up, {left.described()}: {'; '.join(troubles)}", err=True)
                return 1
            await rest(LOOK_SECONDS)

    async def _verdict(self, log: EventLog) -> int:
        """0 when every seed was read and enriched; 1, and which were not, otherwise."""
        bad_news = {
            "events became dead letters: newsfeed dead-letters list": await DeadLetters(
                log.redis, log.manifest.partitions
            ).count(streams.ENRICH),
            "seeds cannot be opened: newsfeed logs --service ingest --level warning": await unreadable(log),
        }
        for what, count in bad_news.items():
            if count:
                typer.echo(f"drained, but {count} {what}", err=True)
        return 1 if any(bad_news.values()) else 0

    def _greet(self) -> None:
        """Say where to look, in commands that work as they are printed."""
        channel = self._channels[0].name
        command = "newsfeed" if shutil.which("newsfeed") else os.path.relpath(sys.argv[0])
        where = f"-s {self._redis.socket}" if self._redis else f"-u {self._url}"
        lines = (
            "",
            f"newsfeed is ready: drop files into {self._seeds}. Ctrl-C ends everything.",
            f"  {command} watch {channel}    the digests of a channel, as they come out",
            *([f"  {address(self._port)}    the same in a browser, and as feeds"] if self._port else []),
            f"  {command} articles        what was read, with language, entities and topics",
            f"  {command} status          how all is going",
            f"  redis-cli {where} SUBSCRIBE {streams.digests(channel)}",
            "",
        )
        typer.echo("\n".join(lines))


async def _all_ready(log: EventLog, counts: Mapping[str, int]) -> bool:
    return Counter(one.service for one in await heartbeats(log.redis) if one.ready) >= Counter(counts)


async def _patiently(question: Callable[[], Awaitable[T]]) -> T:
    """The answer, as soon as Redis gives one."""
    while True:
        try:
            return await question()
        except PASSING_ERRORS:
            await rest(LOOK_SECONDS)
