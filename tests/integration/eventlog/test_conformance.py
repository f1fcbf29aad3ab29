"""The log on Redis keeps what every log promises."""

from __future__ import annotations

import pytest

from newsfeed.eventlog.connection import Client
from newsfeed.testing.conformance import LogConformance
from newsfeed.testing.under_test import LogUnderTest, redis_under_test


class TestEventLog(LogConformance):
    """The same suite as the log in memory, on every Redis of this machine."""

    @pytest.fixture
    async def under_test(self, redis: Client) -> LogUnderTest:
        return await redis_under_test(redis)
