"""How far the readers of the log are, beside the log itself, so that trimming can wait for them."""

from __future__ import annotations

from collections.abc import Mapping

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.scripts import script


async def advance(redis: Client, reader: str, positions: Mapping[int, int]) -> None:
    """Say that a reader is done with everything up to a position of each partition; it never goes back."""
    move = script(redis, "advance")
    for partition, position in positions.items():
        await move(keys=[streams.checkpoints(partition)], args=[reader, position])


async def checkpoint(redis: Client, reader: str, partition: int) -> int:
    """The last position that a reader said it is done with; 0 before the first."""
    return int(await redis.hget(streams.checkpoints(partition), reader) or 0)
