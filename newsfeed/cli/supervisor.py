"""All programs under one roof: started, watched, started again, and ended in good order."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import entry_points

from newsfeed import logs
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings

PROGRAMS = "newsfeed.programs"
"""The entry-point group that names every program as ``<module>:<FastStream application>``."""

FIRST_RESTART_SECONDS, LAST_RESTART_SECONDS = 0.2, 5.0
"""Back-off between two starts of a program that dies; it doubles from the first to the last."""

HEALTHY_SECONDS = 10.0
"""A program that lived so long starts again without back-off."""

GRACE_SECONDS = 4.0
"""How long a program may take to finish the batch in hand before it is killed."""

ONE_THREAD = {"OMP_NUM_THREADS": "1"}
"""Numerical libraries would start a thread for each core in each process, beside one process a core."""


def programs() -> dict[str, str]:
    """Every installed program by name, as ``faststream run`` wants it; nothing is imported."""
    return {point.name: point.value for point in sorted(entry_points(group=PROGRAMS))}


def usable_cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_counts(settings: Settings) -> dict[str, int]:
    """How many processes of each program there are to be.

    Enrich is bound by the processor, and a process of it uses one core; all others do with one.
    """
    enrich = settings.enrich_processes or min(usable_cores(), settings.partitions)
    return {name: enrich if name == "enrich" else 1 for name in programs()}


@dataclass(slots=True)
class _Child:
    """One process of a program."""

    name: str
    target: str
    process: asyncio.subprocess.Process | None = None
    started_at: float = 0.0
    deaths: int = 0


@dataclass(slots=True)
class Supervisor:
    """Keeps every program running until :meth:`stop`; and the embedded Redis, where there is one."""

    environment: Mapping[str, str]
    counts: Mapping[str, int]
    """How many processes of each program are kept running."""
    redis: EmbeddedRedis | None = None
    _children: list[_Child] = field(default_factory=list)
    _stopping: bool = False

    async def run(self) -> None:
        """Start everything and watch over it; returns after :meth:`stop`."""
        self._children = [
            _Child(name, target) for name, target in programs().items() for _ in range(self.counts[name])
        ]
        async with asyncio.TaskGroup() as group:
            for child in self._children:
                group.create_task(self._keep_running(child))
            if self.redis:
                group.create_task(self._keep_redis(self.redis))

    def pids(self, name: str) -> list[int]:
        """The running processes of a program."""
        return [child.process.pid for child in self._children if child.name == name and child.process]

    async def stop(self) -> None:
        """End every program: intake and work first asked to finish, killed after a grace."""
        self._stopping = True
        running = [
            child.process for child in self._children if child.process and child.process.returncode is None
        ]
        for process in running:
            with suppress(ProcessLookupError):
                process.terminate()
        ends = [asyncio.create_task(process.wait()) for process in running]
        if ends:
            _, late = await asyncio.wait(ends, timeout=GRACE_SECONDS)
            for process in running if late else []:
                with suppress(ProcessLookupError):
                    process.kill()

    async def _keep_running(self, child: _Child) -> None:
        while not self._stopping:
            child.started_at = time.monotonic()
            ours = {**self.environment, "NEWSFEED_SUPERVISOR_PID": str(os.getpid())}
            child.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "faststream", "run", child.target,
                env={**ONE_THREAD, **os.environ, **ours},
                stdin=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
            status = await child.process.wait()
            if not self._stopping:
                await self._after_death(child, status)

    async def _after_death(self, child: _Child, status: int) -> None:
        child.deaths = 0 if time.monotonic() - child.started_at > HEALTHY_SECONDS else child.deaths + 1
        wait_seconds = min(LAST_RESTART_SECONDS, FIRST_RESTART_SECONDS * 2**child.deaths)
        logs.get_logger().error(
            "supervisor.program_died", program=child.name, exit_status=status, wait_seconds=wait_seconds
        )
        await asyncio.sleep(wait_seconds)

    async def _keep_redis(self, redis: EmbeddedRedis) -> None:
        while not self._stopping:
            if await asyncio.to_thread(redis.ensure_running):
                logs.get_logger().error("supervisor.redis_restarted", redis_pid=redis.pid)
            await asyncio.sleep(1)
