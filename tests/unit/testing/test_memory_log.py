"""The log in memory keeps what every log promises, and lets the test say what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsfeed.testing.conformance import LogConformance
from newsfeed.testing.facts import version_append, version_at
from newsfeed.testing.memory_log import MemoryLog
from newsfeed.testing.under_test import LogUnderTest, MemoryUnderTest

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class TestMemoryLog(LogConformance):
    """A test on it would prove nothing of Redis if its answers were others."""

    @pytest.fixture
    def under_test(self) -> LogUnderTest:
        return MemoryUnderTest()


async def test_the_clock_of_the_log_is_an_argument() -> None:
    """A test of windows says when each event was recorded."""
    clock = iter([NOON, NOON - timedelta(hours=1), NOON + timedelta(hours=1)])
    log = MemoryLog(clock=lambda: next(clock))
    for version in range(1, 4):
        await log.append(0, [version_append("a", version)])

    recorded = [(await version_at(log, position)).recorded_at for position in range(1, 4)]

    assert recorded == [NOON, NOON, NOON + timedelta(hours=1)]
