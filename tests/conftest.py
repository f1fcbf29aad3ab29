"""Our own tests use the fixtures that users get."""

import hypothesis
import pytest
import structlog

pytest_plugins = ["newsfeed.testing.fixtures"]

# No test is about time: an example that waited for a busy machine is no failure.
hypothesis.settings.register_profile("timeless", deadline=None)
hypothesis.settings.load_profile("timeless")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count no lines while hypothesis goes the same way again and again: counting takes longer than going."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def logs_as_they_come() -> None:
    """What a command or a program of an earlier test set up would filter what a later one listens for."""
    structlog.reset_defaults()
