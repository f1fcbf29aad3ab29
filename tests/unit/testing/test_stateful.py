"""The state machine finds nothing in the log in memory, and what it should find in others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hypothesis import HealthCheck, settings

from newsfeed.testing.stateful import log_machine
from newsfeed.testing.under_test import LogUnderTest, MemoryUnderTest


@asynccontextmanager
async def memory() -> AsyncIterator[LogUnderTest]:
    yield MemoryUnderTest()


class TestMemoryLog(log_machine(memory).TestCase):  # type: ignore[misc] # Hypothesis makes the class
    """Fifty stories of at most thirty steps, the same ones each time."""

    settings = settings(
        max_examples=50,
        stateful_step_count=30,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
