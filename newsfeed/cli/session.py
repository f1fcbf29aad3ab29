"""One command's way to the log: settings, a Redis that runs for as long as needed, and the event log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeVar

import typer

from newsfeed import streams
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.opening import read_log
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.settings import Settings

T = TypeVar("T")

NOTHING_YET = "nothing has been ingested yet"


class NothingYet(NewsfeedError):
    """There is no log: no seed was ever taken in."""

    def __init__(self) -> None:
        super().__init__(NOTHING_YET)


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    settings: Settings
    redis: Client

    async def log(self) -> EventLog:
        """The log there is; raises :class:`NothingYet`, or :class:`LogMismatch` for a foreign one."""
        if not await self.redis.exists(streams.MANIFEST):
            raise NothingYet
        return await read_log(self.redis, self.settings)


def ask(question: Callable[[EventLog, Settings], Awaitable[T]], *, without_log: int = 0) -> T:
    """Answer a question about the log.

    Where there is no log yet, that is said on stderr and the command ends with ``without_log``.
    """

    async def work(session: Session) -> T:
        return await question(await session.log(), session.settings)

    try:
        return run(work, starts_redis=False)
    except NothingYet as nothing:
        typer.echo(f"newsfeed: {nothing}", err=True)
        raise typer.Exit(without_log) from None


def run(work: Callable[[Session], Awaitable[T]], *, starts_redis: bool = True) -> T:
    """Do some work on Redis; the embedded one is joined or started, and left again.

    Without ``starts_redis`` a ``var`` folder that never held data is left alone: :class:`NothingYet`.
    """
    settings = Settings()
    with _url(settings, starts_redis=starts_redis) as url:
        return asyncio.run(_connected(work, settings, url))


@contextmanager
def _url(settings: Settings, *, starts_redis: bool) -> Iterator[str]:
    if settings.redis_url is not None:
        yield settings.redis_url
        return
    if not starts_redis and not (settings.var / "redis").exists():
        raise NothingYet
    with EmbeddedRedis(settings.var) as embedded:
        yield embedded.url


async def _connected(work: Callable[[Session], Awaitable[T]], settings: Settings, url: str) -> T:
    async with _client(url) as redis:
        task = asyncio.ensure_future(work(Session(settings, redis)))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await end(task)
            raise


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Client]:
    redis = connect(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@contextmanager
def until_interrupted() -> Iterator[None]:
    """What goes on until Ctrl-C ends well when it comes."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
