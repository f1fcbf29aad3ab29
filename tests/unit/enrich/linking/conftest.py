"""Ways to say what a recogniser saw: by position, or by the words and their type."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from newsfeed.documents import Entity, EntityType
from services.enrich.linking import Passage, link
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import tokenise

Seen = tuple[int, int, EntityType]
AtLinker = Callable[[str, str, Iterable[Seen]], tuple[Entity, ...]]


def _linked_at(text: str, language: str, seen: Iterable[Seen]) -> tuple[Entity, ...]:
    tokens = tokenise(text)
    spans = []
    for start, end, kind in sorted(seen):
        at = [index for index, token in enumerate(tokens) if token.start < end and token.end > start]
        spans.append(Recognised(at[0], at[-1] + 1, tokens[at[0]].start, tokens[at[-1]].end, kind, 0.9))
    return link(Passage(text, tokens, language), spans)


@pytest.fixture
def linked_at() -> AtLinker:
    """Links a text in which the tokens that touch characters ``[start, end)`` were seen as of a type."""
    return _linked_at


@pytest.fixture
def linked() -> Callable[..., tuple[Entity, ...]]:
    """Links a text; ``PER``, ``LOC`` and ``ORG`` are the words seen of each type, joined with ``|``."""

    def run(text: str, language: str = "en", **words: str) -> tuple[Entity, ...]:
        found = [(word, kind) for kind, joined in words.items() for word in joined.split("|")]
        seen = [(text.index(word), text.index(word) + len(word), kind) for word, kind in found]
        return _linked_at(text, language, seen)  # type: ignore[arg-type] # the keywords are types

    return run
