"""How any program is assembled, once for all: Redis, broker, groups, leases, health, shutdown.

A program is a :class:`Program`: a name, the handlers that react to the log, and the tasks that run
beside them. :func:`create_app` makes a FastStream application of it that connects when it starts,
waits for Redis as long as it takes, and ends with a non-zero status when it cannot go on.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import uuid4

from faststream import FastStream
from faststream.redis import RedisBroker

from newsfeed import logs
from newsfeed.errors import LogDamaged, LogMismatch, RedisUnavailable
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.connection import PASSING_ERRORS, Client, client_options, connect
from newsfeed.eventlog.consumer import Handler
from newsfeed.eventlog.durability import ensure_durable
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.manifest import Manifest, open_manifest, read_manifest
from newsfeed.eventlog.membership import Membership
from newsfeed.eventlog.memory import recall, remember
from newsfeed.eventlog.opening import log_with_archive
from newsfeed.health import Heartbeat, beat, fall_silent, instance_name, server_time
from newsfeed.settings import Settings

EXIT_FATAL = 70
"""Exit status (EX_SOFTWARE of sysexits.h) of a program that cannot go on."""


@dataclass(slots=True)
class Runtime:
    """What a running program stands on. Tasks say in ``troubles`` and ``details`` how they are."""

    settings: Settings
    redis: Client
    log: EventLog
    troubles: dict[str, str] = field(default_factory=dict)
    details: dict[str, object] = field(default_factory=dict)


Task = Callable[[Runtime], Awaitable[None]]
"""Runs until cancelled, and again after Redis was away; any other exception ends the program."""

HandlerFactory = Callable[[Runtime], Handler]


@dataclass(frozen=True, slots=True)
class Program:
    """What one service is made of."""

    name: str
    tasks: Mapping[str, Task] = field(default_factory=dict)
    handlers: Sequence[HandlerFactory] = ()


def create_app(settings: Settings, program: Program) -> FastStream:
    """The application of a program; nothing is opened before it runs.

    Raises :class:`RedisUnavailable` when the settings name no Redis.
    """
    if settings.redis_url is None:
        raise RedisUnavailable(
            "NEWSFEED_REDIS_URL is not set: set it, or let `newsfeed up` start an embedded Redis"
        )
    broker = RedisBroker(settings.redis_url, logger=logs.FastStreamLogger(), **client_options())
    service = _Service(settings, program, broker, connect(settings.redis_url))
    app = FastStream(broker, logger=logs.FastStreamLogger(), lifespan=service.lifespan)
    app.after_startup(service.start)
    app.on_shutdown(service.stop)
    service.exit = app.exit
    return app


class _Service:
    """One run of a program."""

    def __init__(self, settings: Settings, program: Program, broker: RedisBroker, redis: Client) -> None:
        self._settings = settings
        self._program = program
        self._broker = broker
        self._redis = redis
        self._main: asyncio.Task[None] | None = None
        self._members: list[Membership] = []
        self._log: EventLog | None = None
        self._failed = False
        self.exit: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """Set logging up; leave with EXIT_FATAL when the program failed or its log vanished."""
        logs.configure(
            self._program.name,
            level=self._settings.log_level,
            file=self._settings.var / "log" / f"{self._program.name}.jsonl",
        )
        yield
        vanished = await self._log_vanished()
        await self._redis.aclose()
        if self._failed or vanished:
            sys.exit(EXIT_FATAL)

    async def start(self) -> None:
        """Begin to work, in the background: Redis may still be away."""
        self._main = asyncio.create_task(self._run(), name=self._program.name)

    async def stop(self) -> None:
        """Finish the batches in hand and give every lease back."""
        if self._main:
            self._main.cancel()
            with suppress(asyncio.CancelledError):
                await self._main
        logs.get_logger().info(f"{self._program.name}.stopped")

    async def _run(self) -> None:
        try:
            await self._work()
        except Exception as error:  # noqa: BLE001 the program ends with its causes in the log
            self._failed = True
            causes = error.exceptions if isinstance(error, ExceptionGroup) else (error,)
            logs.get_logger().exception(
                f"{self._program.name}.failed",
                causes=[f"{type(cause).__name__}: {cause}" for cause in causes],
            )
            self.exit()

    async def _work(self) -> None:
        self._log = log_with_archive(self._redis, await self._opened(), self._settings)
        await recall(self._log, self._settings.var)
        runtime = Runtime(self._settings, self._redis, self._log)
        handlers = [factory(runtime) for factory in self._program.handlers]
        owner = f"{instance_name()}:{uuid4().hex[:8]}"
        self._members = [Membership(self._broker, self._log, h, self._settings, owner) for h in handlers]
        async with asyncio.TaskGroup() as group:
            for member in self._members:
                group.create_task(member.run())
            for name, task in self._program.tasks.items():
                group.create_task(_persist(f"{self._program.name}.{name}", task, runtime))
            group.create_task(_persist(f"{self._program.name}.health", self._report, runtime))

    async def _opened(self) -> Manifest:
        waiting = False
        while True:
            try:
                weak = await ensure_durable(self._redis, self._settings.durability)
                manifest = await open_manifest(self._redis, self._settings.partitions)
            except PASSING_ERRORS as error:
                if not waiting:
                    logs.get_logger().warning(
                        f"{self._program.name}.redis_awaited", error=type(error).__name__
                    )
                waiting = True
                await rest(1)
            else:
                if weak:
                    logs.get_logger().warning(
                        f"{self._program.name}.durability_weak", findings=[str(finding) for finding in weak]
                    )
                return manifest

    async def _report(self, runtime: Runtime) -> None:
        """Tell the truth about this process, over and over; raises when the log was deleted."""
        started_at = await server_time(self._redis)
        instance, was_ready = instance_name(), False
        heartbeat: Heartbeat | None = None
        try:
            while True:
                if await self._log_vanished():
                    raise LogDamaged("the log that this process worked on is gone from Redis")
                if _is_orphan():
                    self.exit()
                troubles = [*runtime.troubles.values()]
                for member in self._members:
                    troubles += await member.troubles()
                heartbeat = Heartbeat(
                    service=self._program.name,
                    instance=instance,
                    pid=os.getpid(),
                    at=await server_time(self._redis),
                    started_at=started_at,
                    ready=not troubles,
                    troubles=tuple(troubles),
                    details={**runtime.details, "partitions": [m.partitions for m in self._members]},
                )
                await beat(self._redis, heartbeat)
                await asyncio.to_thread(remember, runtime.log, self._settings.var, self._program.name)
                if heartbeat.ready != was_ready:
                    was_ready = heartbeat.ready
                    name = f"{self._program.name}.{'ready' if was_ready else 'not_ready'}"
                    logs.get_logger().info(name, troubles=troubles)
                await rest(self._settings.renew_seconds)
        finally:
            if heartbeat:
                with suppress(*PASSING_ERRORS):
                    await fall_silent(self._redis, heartbeat)

    async def _log_vanished(self) -> bool:
        if self._log is None:
            return False
        try:
            return (await read_manifest(self._redis)).log_id != self._log.manifest.log_id
        except LogMismatch:
            return True
        except PASSING_ERRORS:
            return False


def _is_orphan() -> bool:
    """Whether the supervisor that started us is gone: nobody would start us again, or end us."""
    supervisor = os.environ.get("NEWSFEED_SUPERVISOR_PID")
    return supervisor is not None and int(supervisor) != os.getppid()


async def _persist(name: str, task: Task, runtime: Runtime) -> None:
    """Run a task for ever: whenever Redis was away, begin it anew."""
    while True:
        try:
            return await task(runtime)
        except PASSING_ERRORS as error:
            logs.get_logger().warning(f"{name}_interrupted", error=type(error).__name__)
            await rest(1)
