"""How long those that are read wait for one that is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

SECONDS = 1.0
"""So long, to keep the order of the facts."""


async def falls_behind(
    reading: asyncio.Task[Any], later: Sequence[asyncio.Task[Any]], seconds: float = SECONDS
) -> bool:
    """Whether a reading still goes on after so many seconds, when one that began later has ended."""
    while not reading.done():
        await asyncio.wait({reading}, timeout=seconds)
        if not reading.done() and any(one.done() for one in later):
            return True
    return False
