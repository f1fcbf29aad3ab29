"""Ending tasks that talk to Redis, although Python 3.11 loses some cancellations.

redis-py sends each command under ``asyncio.wait_for``; on Python 3.11 that drops a cancellation which
arrives together with the end of the write, and the command simply returns.
"""

from __future__ import annotations

import asyncio
from typing import Any

AGAIN_SECONDS = 0.2


async def rest(seconds: float) -> None:
    """Sleep between two rounds of a loop, or end the loop when it was cancelled on the way.

    Every endless loop rests here, so that a lost cancellation stops it at the end of the round
    instead of never. Work that must be finished before the end is safe in a ``finally``.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    await asyncio.sleep(seconds)


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks again and again until they end; their results and errors are left to their owners.

    Only for tasks that need no time to clean up: a later cancellation would cut that short.
    """
    while pending := {task for task in tasks if not task.done()}:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
