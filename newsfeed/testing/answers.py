"""What a command line program answered, for tests of the operator's command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
