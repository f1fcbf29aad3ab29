"""Clients that fail at a place of the test's choice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline

from newsfeed.eventlog.connection import client_options


class Killed(BaseException):
    """The process is dead; nobody in it may handle that."""


class DyingClient(Redis):
    """A client whose process dies at its n-th round trip (from 1), before the server heard of it or after."""

    dies_at = 0
    """The round trip at which it dies; 0 for never."""
    heard = False
    """Whether the server still executes that command."""
    round_trips = 0
    """How many were begun so far."""

    async def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 as in redis-py
        """Run a command, or die."""
        run: Callable[..., Awaitable[Any]] = super().execute_command
        return await self._live(lambda: run(*args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """A pipeline that is one round trip."""
        pipeline = super().pipeline(transaction, shard_hint)
        execute = pipeline.execute

        async def live_or_die(raise_on_error: bool = True) -> list[Any]:
            answers: list[Any] = await self._live(lambda: execute(raise_on_error))
            return answers

        pipeline.execute = live_or_die  # type: ignore[method-assign] # redis-py makes its pipelines itself
        return pipeline

    async def _live(self, run: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 as in redis-py
        self.round_trips += 1
        last = bool(self.dies_at) and self.round_trips >= self.dies_at
        if last and not (self.heard and self.round_trips == self.dies_at):
            raise Killed
        answer = await run()
        if last:
            raise Killed
        return answer


def dying_client(url: str, dies_at: int = 0, *, heard: bool = False) -> DyingClient:
    """A client like any other of ours, but for its end."""
    client = DyingClient.from_url(url, **client_options(retries=3))
    assert isinstance(client, DyingClient)
    client.dies_at, client.heard = dies_at, heard
    return client
