"""RBNews as the Danish agency sends it."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import ritzau
from services.ingest.sniffing import read_seed

SAMPLE = (Path(__file__).parent / "samples" / "ritzau-danish.xml").read_bytes()


def item(fields: str) -> bytes:
    return f"<RBNews><NewsID>n1</NewsID><headline>Færgen</headline>{fields}</RBNews>".encode()


def only(fields: str) -> Article:
    (article,) = ritzau.parse(item(fields), ReadingHint()).articles
    return article


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("document.title", "Færgen til Småø sejler igen"),
        ("document.summary", "Prisen er den samme & turen tager en time."),
        (
            "document.body",
            "Færgen er tilbage efter ni måneder.\n\nDen sejler hver time.\n\nPriser\n\nDe stiger ikke.",
        ),
        ("document.headings", (2,)),
        ("document.byline", "/ritzau/"),
        ("document.authors", ()),
        ("document.slug", "INDLAND/FÆRGER"),
        ("document.keywords", ("INDLAND", "FÆRGER", "subj:04015000")),
        ("document.editor_note", "Billede følger.\nVagthavende: Ane Holm"),
        ("document.document_id", "5f0c1b2e-0001-4c1e-9c60-2d5b1f000001"),
        ("local_id", "5f0c1b2e-0001-4c1e-9c60-2d5b1f000001"),
        ("revision", "2"),
        ("urgency", 3),
        ("topics", ("medtop:04000000", "medtop:11000000")),
        ("published_at", datetime(2024, 7, 5, 10, 15, 30, 250_000, tzinfo=UTC)),
        ("warnings", ()),
    ],
)
def test_every_field_is_read(field: str, expected: object) -> None:
    """Times are those of Copenhagen, in summer two hours ahead; codes lost their leading zero."""
    reading = read_seed(SAMPLE, ReadingHint(file_name="a.xml"))

    assert (reading.format, len(reading.articles)) == ("ritzau", 2)
    assert attrgetter(field)(reading.articles[0]) == expected


def test_an_item_without_a_headline_has_its_first_sentence_for_one() -> None:
    _, second = read_seed(SAMPLE, ReadingHint()).articles

    assert (second.document.title, second.document.title_derived) == ("En ged tog færgen fredag.", True)
    assert (second.document.byline, second.document.authors) == ("Ane Holm", ("Ane Holm",))
    assert second.published_at == datetime(2024, 1, 5, 11, 15, 30, tzinfo=UTC)
    assert second.urgency is None


@pytest.mark.parametrize(
    ("written", "hour"),
    [("2024-07-05T12:15:00", 10), ("2024-07-05T12:15:00Z", 12), ("2024-07-05T12:15:00+01:00", 11)],
)
def test_a_zone_that_is_named_holds(written: str, hour: int) -> None:
    assert only(f"<PublishDate>{written}</PublishDate>").published_at == datetime(
        2024, 7, 5, hour, 15, tzinfo=UTC
    )


def test_agencies_between_slashes_are_no_people() -> None:
    document = only("<origin>/ritzau/Reuters</origin>").document

    assert (document.byline, document.authors) == ("/ritzau/Reuters", ())


def test_what_cannot_be_read_is_said() -> None:
    assert only("<PublishDate>fredag</PublishDate>").warnings == ("date_unreadable",)
    with pytest.raises(Rejection) as caught:
        read_seed(b"<RBNews><NewsID>n1</NewsID><headline/></RBNews>", ReadingHint())
    assert caught.value.reason == "no_text"
    with pytest.raises(Rejection) as caught:
        read_seed(b"<answer><error>1</error></answer>", ReadingHint(file_name="a.xml"))
    assert caught.value.reason == "unknown_format"
