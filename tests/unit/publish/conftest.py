"""Candidates for digests, made of the shipped builders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.testing.builders import document, enriched, enrichment
from services.publish.candidates import Candidate

MakeCandidate = Callable[..., Candidate]


@dataclass(frozen=True)
class Told:
    """What readers know of an article."""

    digest: int
    version: int
    content_sha256: str | None


def _candidate(
    event: ArticleIngested | ArticleRevised,
    text: ArticleDocument | None = None,
    found: EnrichmentDocument | None = None,
    position: int = 9,
    *,
    erased: bool = False,
) -> Candidate:
    what = found or enrichment()
    return Candidate(
        partition=0,
        position=position,
        version_event=event,
        enriched=enriched(event, what, position),
        document=None if erased else text or document(),
        enrichment=None if erased else what,
    )


@pytest.fixture(scope="session")
def candidate() -> MakeCandidate:
    """A version with its enrichment: ``candidate(event, text, found, position, erased=…)``."""
    return _candidate


@pytest.fixture(scope="session")
def told() -> Callable[[int, int, str | None], Told]:
    """What readers know: ``told(digest, version, content_sha256)``."""
    return Told
