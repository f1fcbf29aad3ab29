"""A way to say what a recogniser saw: the words and their type."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from newsfeed.documents import Entity
from quality.linking import linked_at


@pytest.fixture
def linked() -> Callable[..., tuple[Entity, ...]]:
    """Links a text; ``PER``, ``LOC`` and ``ORG`` are the words seen of each type, joined with ``|``."""

    def run(text: str, language: str = "en", **words: str) -> tuple[Entity, ...]:
        found = [(word, kind) for kind, joined in words.items() for word in joined.split("|")]
        seen = [(text.index(word), text.index(word) + len(word), kind) for word, kind in found]
        return linked_at(text, language, seen)  # type: ignore[arg-type] # the keywords are types

    return run
