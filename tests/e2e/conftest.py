"""The service as a user has it: a folder, two commands, nothing else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from newsfeed.testing.place import Place


@contextmanager
def _opened() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="nf-") as folder:
        shutil.copy(Path(__file__).parents[2] / "newsfeed.toml", folder)
        one = Place(Path(folder))
        one.environment["NEWSFEED_ENRICH_PROCESSES"] = "1"  # A second would load all models for a few texts.
        yield one
        one.close()


@pytest.fixture
def place() -> Iterator[Place]:
    """An empty place with the shipped channels."""
    with _opened() as one:
        yield one


@pytest.fixture(scope="module")
def lasting_place() -> Iterator[Place]:
    """The same for all tests of a module: a start of the whole service takes as long as a hundred tests."""
    with _opened() as one:
        yield one
