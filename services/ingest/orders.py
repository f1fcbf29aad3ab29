"""What an operator asks of ingest: sets of paths in Redis, which wait there until ingest runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast

from newsfeed import streams
from newsfeed.eventlog.connection import Client


async def ask_again(redis: Client, paths: Collection[str]) -> None:
    """Have rejected seeds tried again."""
    if paths:
        await redis.sadd(streams.SEEDS_RETRY, *paths)


async def accept_deletions(redis: Client) -> list[str]:
    """Say that all seeds that vanished were deleted; returns them."""
    paths = await vanished(redis)
    if paths:
        await redis.sadd(streams.SEEDS_ACCEPTED, *paths)
    return sorted(paths)


async def vanished(redis: Client) -> set[str]:
    """The seeds that wait for an operator to say whether they were deleted."""
    return await _paths(redis, streams.SEEDS_VANISHED)


async def keep_vanished(redis: Client, paths: Iterable[str]) -> None:
    """Remember exactly these, over restarts."""
    pipeline = redis.pipeline(transaction=True)
    pipeline.delete(streams.SEEDS_VANISHED)
    members = list(paths)
    if members:
        pipeline.sadd(streams.SEEDS_VANISHED, *members)
    await pipeline.execute()


async def asked_again(redis: Client) -> set[str]:
    """The seeds that are to be tried again."""
    return await _paths(redis, streams.SEEDS_RETRY)


async def accepted(redis: Client) -> set[str]:
    """The seeds that an operator says were deleted."""
    return await _paths(redis, streams.SEEDS_ACCEPTED)


async def carried_out(redis: Client, key: str, paths: Collection[str]) -> None:
    """Take paths out of an order."""
    if paths:
        await redis.srem(key, *paths)


async def known_devices(redis: Client) -> dict[str, int]:
    """The device of each source when nothing was missing from it."""
    stored = cast("Mapping[bytes, bytes]", await redis.hgetall(streams.SEEDS_DEVICES))
    return {source.decode(): int(device) for source, device in stored.items()}


async def keep_devices(redis: Client, devices: dict[str, int]) -> None:
    """Remember the device of each source."""
    if devices:
        await redis.hset(streams.SEEDS_DEVICES, mapping={name: str(one) for name, one in devices.items()})


async def _paths(redis: Client, key: str) -> set[str]:
    return {path.decode() for path in cast("set[bytes]", await redis.smembers(key))}
