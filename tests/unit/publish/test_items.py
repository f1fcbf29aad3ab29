"""What a digest tells of one article, and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from newsfeed.channels import Channel
from newsfeed.testing.builders import START_AT, document, enrichment, ingested, revised, sha256_of
from newsfeed.values import Range, Window
from services.publish.candidates import Candidate, Delivered
from services.publish.composing import compose
from services.publish.digests import Digest, Item

MakeCandidate = Callable[..., Candidate]
Told = Callable[[int, int, str | None], Delivered]

CHANNEL = Channel(name="desk", title="Desk", every_seconds=10)
WINDOW = Window(
    opened_at=START_AT,
    closed_at=START_AT + timedelta(seconds=10),
    ranges=(Range(partition=0, after=0, through=9),),
)


def _digest(*candidates: Candidate, **delivered: Delivered) -> Digest:
    digest = compose(CHANNEL, 5, "1772323210000-0", WINDOW, candidates, (), delivered, lambda _: ())
    assert digest is not None
    return digest


def _item(candidate: Candidate) -> Item:
    (item,) = _digest(candidate).items
    return item


@pytest.mark.parametrize(("hours", "expected"), [(-1, True), (0, False), (1, False)])
def test_an_article_published_before_the_window_opened_is_late(
    candidate: MakeCandidate, hours: int, expected: bool
) -> None:
    """It goes into the window that it arrived in, and says so."""
    item = _item(candidate(ingested(published_at=START_AT + timedelta(hours=hours))))

    assert item.late is expected


def test_an_erased_article_is_a_tombstone(candidate: MakeCandidate) -> None:
    """What was erased by law is in no digest; that there was something is no secret."""
    found = enrichment(topics={"medtop:11000000": 0.5}, entities={"wikidata:Q1": 0.5})
    item = _item(candidate(ingested(), found=found, erased=True))

    assert (item.title, item.summary, item.url, item.byline) == (None, None, None, None)
    assert (item.entities, item.topics) == ((), ())


def test_a_correction_by_an_erased_text_has_no_title(candidate: MakeCandidate, told: Told) -> None:
    """Its readers must still know that the old text does not stand."""
    (notice,) = _digest(candidate(revised("b"), erased=True), b=told(4, 1, sha256_of("text"))).notices

    assert (notice.kind, notice.title, notice.language) == ("correction", None, None)


def test_an_item_can_be_traced_to_its_file_and_its_cause(candidate: MakeCandidate) -> None:
    """One id leads from the file to every delivery."""
    event = ingested()
    item = _item(candidate(event))

    assert (item.seed, item.source_id) == ("desk/article-1.txt", "desk")
    assert (item.correlation_id, item.ingested_at) == (event.correlation_id, event.recorded_at)


def test_the_authors_stand_in_for_a_byline(candidate: MakeCandidate) -> None:
    """Formats give the one or the other."""
    assert _item(candidate(ingested(), document(authors=("A. B.", "C. D.")))).byline == "A. B., C. D."
    assert _item(candidate(ingested(), document(byline="By A. B.", authors=("A. B.",)))).byline == "By A. B."


def test_an_item_names_its_ten_most_salient_entities(candidate: MakeCandidate) -> None:
    """More would be an index, not a hint."""
    found = enrichment(entities={f"local:{number}": number / 20 for number in range(12)})
    item = _item(candidate(ingested(), found=found))

    assert [entity.id for entity in item.entities] == [f"local:{number}" for number in range(11, 1, -1)]
