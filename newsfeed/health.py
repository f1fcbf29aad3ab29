"""Heartbeats: what every running process says of itself, for `newsfeed status` and for readiness."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.eventlog.connection import Client

STALE_SECONDS = 5.0
"""A process that was not heard of for so long counts as gone."""

FORGET_SECONDS = 600.0
"""A heartbeat that old is removed."""


class Heartbeat(BaseModel):
    """One process. ``at`` is the server's Unix time; ``troubles`` says why it is not ready."""

    model_config = ConfigDict(frozen=True)

    service: str
    instance: str
    pid: int
    at: float
    started_at: float
    ready: bool
    troubles: tuple[str, ...] = ()
    details: Mapping[str, object] = {}


def instance_name() -> str:
    """The name of this process among those of all hosts."""
    return f"{socket.gethostname()}:{os.getpid()}"


async def server_time(redis: Client) -> float:
    """The server's Unix time in seconds: the one clock that all processes share."""
    seconds, microseconds = await redis.time()
    return float(seconds) + float(microseconds) / 1_000_000


async def beat(redis: Client, heartbeat: Heartbeat) -> None:
    """Write a heartbeat."""
    await redis.hset(streams.HEALTH, _field(heartbeat), heartbeat.model_dump_json())


async def fall_silent(redis: Client, heartbeat: Heartbeat) -> None:
    """Take a heartbeat away at a clean end."""
    await redis.hdel(streams.HEALTH, _field(heartbeat))


async def heartbeats(redis: Client) -> list[Heartbeat]:
    """The processes that are alive, by service; heartbeats of the long dead are removed."""
    now = await server_time(redis)
    living: list[Heartbeat] = []
    for field, value in sorted((await redis.hgetall(streams.HEALTH)).items()):
        heartbeat = Heartbeat.model_validate_json(value)
        if now - heartbeat.at < STALE_SECONDS:
            living.append(heartbeat)
        elif now - heartbeat.at > FORGET_SECONDS:
            await redis.hdel(streams.HEALTH, field)
    return living


def _field(heartbeat: Heartbeat) -> str:
    return f"{heartbeat.service}@{heartbeat.instance}"
