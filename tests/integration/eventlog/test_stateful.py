"""The state machine finds nothing in the log on Redis, and finds every bug that was planted in one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from redis.exceptions import ResponseError

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.planted import LengthAsTail, MultiInsteadOfLua, NoIdempotency, RecentIds
from newsfeed.testing.stateful import OpenLog, log_machine
from newsfeed.testing.under_test import LogUnderTest, redis_under_test

STORIES = settings(
    max_examples=25,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""The same stories on every run: what is new is looked for by `make soak`."""

PLANTED = settings(STORIES, max_examples=200, phases=[Phase.generate])
"""A bug need not be told in few words, only found."""


def opening(server: EmbeddedRedis, kind: type[EventLog] = EventLog) -> OpenLog:
    """Opens an empty log of a kind."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[LogUnderTest]:
        redis = connect(server.url)
        try:
            await redis.flushall()
            yield await redis_under_test(redis, kind)
        finally:
            await redis.aclose()

    return opened


@pytest.mark.no_cover
def test_no_story_breaks_the_log(server: EmbeddedRedis) -> None:
    """The same stories that the log in memory goes through, so that both mean the same."""
    run_state_machine_as_test(log_machine(opening(server)), settings=STORIES)


@pytest.mark.by_turns
@pytest.mark.no_cover
@pytest.mark.timeout(180)  # Some bugs need a long story.
@pytest.mark.parametrize("kind", [LengthAsTail, MultiInsteadOfLua, NoIdempotency, RecentIds])
def test_a_planted_bug_is_found(server: EmbeddedRedis, kind: type[EventLog]) -> None:
    """A machine that lets these through would prove nothing."""
    with pytest.raises((AssertionError, ResponseError, Flaky)):
        run_state_machine_as_test(log_machine(opening(server, kind)), settings=PLANTED)


@pytest.mark.by_turns
@pytest.mark.no_cover
def test_multi_is_right_until_two_write_at_once(
    server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the race that finds it, and not some other mistake of the variant."""
    machine = log_machine(opening(server, MultiInsteadOfLua))
    monkeypatch.setattr(machine, "race", lambda *_: None)

    run_state_machine_as_test(machine, settings=settings(STORIES, max_examples=10))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_no_story_of_many_breaks_the_log(server: EmbeddedRedis) -> None:
    """Other stories each time."""
    many = settings(STORIES, max_examples=300, stateful_step_count=50, derandomize=False)
    run_state_machine_as_test(log_machine(opening(server)), settings=many)
