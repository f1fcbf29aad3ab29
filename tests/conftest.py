"""Our own tests use the fixtures that users get."""

import pytest
import structlog

pytest_plugins = ["newsfeed.testing.fixtures"]


@pytest.fixture(autouse=True)
def logs_as_they_come() -> None:
    """What a command or a program of an earlier test set up would filter what a later one listens for."""
    structlog.reset_defaults()
