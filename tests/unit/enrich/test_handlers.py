"""The handler of enrich, told as stories; each event is handled twice."""

from __future__ import annotations

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Mention
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleEnriched
from newsfeed.testing.facts import (
    corrected_append,
    erased_append,
    rejected_append,
    version_append,
    withdrawn_append,
)
from newsfeed.testing.scenario import expect, handling
from newsfeed.values import EntityAdded, EntityRemoved
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


KENYA, UGANDA = "iso3166:KE", "iso3166:UG"


def entity_ids(append: Append) -> set[str]:
    event = append.event
    assert isinstance(event, ArticleEnriched)
    return {one.id for one in event.entities}


async def test_a_correction_leads_to_an_enrichment_that_holds_it() -> None:
    """It is about the version that stands, and names what it followed."""
    [append] = await (
        handling(enrich)
        .given(version_append("a", 1, TEXT))
        .when(corrected_append("a", EntityRemoved(id=UGANDA), sha256=TEXT.sha256))
        .then(expect(ArticleEnriched, article_id="a", version=1, of_position=1, corrected_through=2))
    )

    assert entity_ids(append) == {KENYA}
    assert append.cause == 2


async def test_a_correction_holds_for_every_later_version() -> None:
    """Otherwise the mistake would come back with the next full stop."""
    [append] = await (
        handling(enrich)
        .given(
            version_append("a", 1, TEXT),
            corrected_append("a", EntityRemoved(id=UGANDA), sha256=TEXT.sha256),
        )
        .when(version_append("a", 2, TEXT.model_copy(update={"title": "Kenya opens a railway"})))
        .then(expect(ArticleEnriched, version=2, of_position=3, corrected_through=2))
    )

    assert entity_ids(append) == {KENYA}


async def test_what_an_editor_adds_is_found_again_in_the_next_version() -> None:
    """Offsets belong to one text, so the words they stand for are looked for."""
    line = EntityAdded(id="wikidata:Q1", type="ORG", mentions=(Mention(start=18, end=30),))
    assert TEXT.text[18:30] == "railway line"

    [append] = await (
        handling(enrich)
        .given(version_append("a", 1, TEXT), corrected_append("a", line, sha256=TEXT.sha256))
        .when(version_append("a", 2, ArticleDocument(title="New", body="The railway line, a railway liner.")))
        .then(expect(ArticleEnriched, version=2))
    )

    [found] = append.documents
    assert isinstance(found, EnrichmentDocument)
    [entity] = [one for one in found.entities if one.id == "wikidata:Q1"]
    assert (entity.method, entity.name, entity.mentions) == (
        "corrected",
        "railway line",
        (Mention(start=9, end=21),),
    )


async def test_a_correction_that_comes_later_does_not_reach_back() -> None:
    """The same log must come to the same facts, however late the handler is."""
    [append, _] = await (
        handling(enrich)
        .given(version_append("a", 1, TEXT))
        .when(
            version_append("a", 2, TEXT),
            corrected_append("a", EntityRemoved(id=UGANDA), version=2, sha256=TEXT.sha256),
        )
        .then(expect(ArticleEnriched, corrected_through=None), expect(ArticleEnriched, corrected_through=3))
    )

    assert entity_ids(append) == {KENYA, UGANDA}


async def test_a_correction_of_what_was_withdrawn_leads_to_nothing() -> None:
    await (
        handling(enrich)
        .given(version_append("a", 1, TEXT), withdrawn_append("a", 2))
        .when(corrected_append("a", EntityRemoved(id=UGANDA), sha256=TEXT.sha256))
        .then_nothing()
    )
