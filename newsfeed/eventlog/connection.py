"""How newsfeed speaks to Redis: one set of options for every client.

Read timeouts stay above the longest blocking read; errors that pass (a failover, a restart, a
server still loading) are retried with back-off instead of being hammered on.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hiredis import pack_command
from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.connection import HiredisRespSerializer
from redis.exceptions import BusyLoadingError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.typing import EncodableT

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


def client_options(retries: int = 8) -> dict[str, Any]:
    """Options for ``redis.asyncio`` and for FastStream's broker alike; 8 retries take about 7 s."""
    return {
        "max_connections": 512,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=2), retries),
        "retry_on_error": RETRIED_ERRORS,
    }


class _Packed(AbstractConnection):
    """A connection that lets hiredis pack its commands, as redis-py does when it is not asyncio.

    In Python that takes longer than all else of a commit: about a thousand arguments, each copied often.
    """

    def pack_command(self, *args: EncodableT) -> list[bytes]:
        """The bytes of a command; redis-py looks at each argument first, and ours need it in few only."""
        with suppress(TypeError):
            if isinstance(args[0], str) and " " not in args[0]:
                return [pack_command(args)]  # type: ignore[arg-type] # it says a tuple of one
        packed: list[bytes] = HiredisRespSerializer().pack(*args)  # type: ignore[arg-type] # it says List, for each
        return packed


class _PackedTcp(_Packed, Connection): ...


class _PackedTls(_Packed, SSLConnection): ...


class _PackedUnix(_Packed, UnixDomainSocketConnection): ...


_PACKED: dict[type[AbstractConnection], type[AbstractConnection]] = {
    Connection: _PackedTcp,
    SSLConnection: _PackedTls,
    UnixDomainSocketConnection: _PackedUnix,
}


def connect(url: str) -> Client:
    """A client for ``redis://``, ``rediss://`` or ``unix://``; it connects at its first command.

    It gives up after a third of a second: its callers know how to wait, and must be able to stop.
    """
    pool = ConnectionPool.from_url(url, **client_options(retries=3))
    pool.connection_class = _PACKED[pool.connection_class]
    return Redis.from_pool(pool)
