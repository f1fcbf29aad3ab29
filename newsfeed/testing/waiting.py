"""Waiting for what Redis sends no message about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.connection import PASSING_ERRORS


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Return as soon as the condition holds; looks 50 times a second and sets no limit of its own.

    While Redis is away the condition counts as not yet true.
    """
    while True:
        try:
            if await condition():
                return
        except PASSING_ERRORS:
            pass
        await rest(0.02)
