"""What a command line program answered, for tests of the operator's command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> list[Any]:
        """The lines as objects."""
        return [orjson.loads(line) for line in self.out.splitlines()]


Ask = Callable[..., Awaitable[Answer]]
"""Runs a command with some arguments."""

COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from newsfeed.cli import main; main()"
)
"""The command as a terminal starts it: a shell lets what it starts in the background ignore Ctrl-C."""


async def start_command(
    environment: Mapping[str, str], *arguments: str, program: str = COMMAND
) -> asyncio.subprocess.Process:
    """Start a command as a process of its own; both its outputs are pipes. ``program`` is Python."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        env={**environment, "PYTHONPATH": ":".join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
