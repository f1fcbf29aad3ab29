"""How newsfeed speaks to Redis: one set of options for every client.

Read timeouts stay above the longest blocking read; errors that pass (a failover, a restart, a
server still loading) are retried with back-off instead of being hammered on.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

Client = Redis
"""An asyncio client that answers in bytes."""

RETRIED_ERRORS: list[type[Exception]] = [
    ReadOnlyError,
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
]
"""What the client itself tries again, for a few seconds."""

PASSING_ERRORS: tuple[type[Exception], ...] = (*RETRIED_ERRORS, OutOfMemoryError, OSError)
"""What Redis answers while it is away, starting, failing over or full: wait, then do the same again."""


def client_options() -> dict[str, Any]:
    """Options for ``redis.asyncio`` and for FastStream's broker alike."""
    return {
        "max_connections": 512,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=2), 8),
        "retry_on_error": RETRIED_ERRORS,
    }


def connect(url: str) -> Client:
    """A client for ``redis://``, ``rediss://`` or ``unix://``; it connects at its first command."""
    return Redis.from_url(url, **client_options())
