"""The fold of an article, told as stories; each event is seen twice."""

from __future__ import annotations

from newsfeed.readmodel.articles import evolve
from newsfeed.testing.facts import (
    document,
    erased_append,
    rejected_append,
    version_append,
    withdrawn_append,
)
from newsfeed.testing.scenario import enrichment_of, folding
from newsfeed.values import TopicFound

TOPIC = TopicFound(id="medtop:16000000", score=0.5)


def test_an_enriched_article_is_what_was_found_in_its_text() -> None:
    """Until then its language is the declared one, and it has no topics."""
    folding(evolve).given(version_append("a"), enrichment_of(1, (TOPIC,))).then(
        version=1, status="active", language="en", topics=(TOPIC,), enriched_version=1, is_enriched=True
    )


def test_a_withdrawal_that_overtakes_an_enrichment_stays() -> None:
    """The enrichment was under way; what was taken back is not put forward again."""
    folding(evolve).given(version_append("a"), withdrawn_append("a", 2), enrichment_of(1, (TOPIC,))).then(
        version=2, status="withdrawn", position=3
    )


def test_an_erasure_takes_back_what_was_read_out_of_the_text() -> None:
    """Topics and hashes would tell what the text was about."""
    text = document()
    folding(evolve).given(
        version_append("a", 1, text), enrichment_of(1, (TOPIC,)), erased_append("a", 2, text.sha256)
    ).then(version=2, status="erased", topics=(), content_sha256=None, enrichment_sha256=None)


def test_an_enrichment_that_comes_after_the_erasure_changes_nothing() -> None:
    """It was made of a text that nobody may quote any more."""
    text = document()
    folding(evolve).given(
        version_append("a", 1, text), erased_append("a", 2, text.sha256), enrichment_of(1, (TOPIC,))
    ).then(status="erased", topics=(), enrichment_sha256=None)


def test_a_rejected_seed_is_no_article() -> None:
    """It never had a version."""
    folding(evolve).given(rejected_append()).then_nothing()
