"""The handler of enrich, told as stories; each event is handled twice."""

from __future__ import annotations

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleEnriched
from newsfeed.testing.facts import erased_append, rejected_append, version_append, withdrawn_append
from newsfeed.testing.scenario import expect, handling
from services.enrich.enricher import Enricher
from services.enrich.handlers import enrich_handler

TEXT = ArticleDocument(
    title="Kenya opens a new railway line", body="Officials from Uganda came to the opening."
)


def enrich(log: ArticleLog) -> Handler:
    return enrich_handler(log, Enricher())


async def test_every_version_is_enriched_once() -> None:
    """A redelivery must come to the same fact, or the log would hold two."""
    [append] = await (
        handling(enrich)
        .given(version_append("a"))
        .when(version_append("a", 2, TEXT))
        .then(expect(ArticleEnriched, article_id="a", version=2, of_position=2, content_sha256=TEXT.sha256))
    )

    assert append.cause == 2
    assert b"Kenya" in append.documents[0].canonical_bytes()
    assert b"Kenya" not in append.encoded()


async def test_versions_of_a_batch_are_enriched_each_for_itself() -> None:
    """What stands beside an article in a batch is chance."""
    await (
        handling(enrich)
        .when(version_append("a", 1, TEXT), version_append("b"))
        .then(expect(ArticleEnriched, article_id="a"), expect(ArticleEnriched, article_id="b"))
    )


async def test_an_erased_text_is_not_enriched() -> None:
    """It was taken down between its arrival and its turn."""
    await (
        handling(enrich)
        .given(version_append("b", 1, TEXT), erased_append("b", 2, TEXT.sha256))
        .when(version_append("a", 1, TEXT))
        .then_nothing()
    )


async def test_what_has_no_text_is_not_enriched() -> None:
    """A withdrawal and a rejection are passed over."""
    await (
        handling(enrich)
        .given(version_append("a"))
        .when(withdrawn_append("a", 2), rejected_append())
        .then_nothing()
    )
