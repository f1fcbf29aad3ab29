"""ANPA 1312 with and without its framing, as American and Japanese agencies send it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import anpa

SAMPLES = Path(__file__).parent / "samples"


def read_all(data: bytes) -> tuple[Article, ...]:
    return anpa.parse(data, ReadingHint()).articles


def story(*lines: str, slug: str = "BC-US--Ferry", category: str = "a") -> bytes:
    furniture = "".join(f"^{line}<\r\n" for line in (f"{slug},50", *lines))
    body = "\t   PORT ELLIS (AP) _ It runs.\r\n\t   AP-WF-03-05-24 1015GMT<\r\n"
    return f"a0110-----\r\nr {category} {slug}   03-05 0050\r\n{furniture}{body}".encode()


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("american.tst", "document.title", "A ferry learns to keep time"),
        ("american.tst", "document.byline", "By ANN LEE and BO RAY"),
        ("american.tst", "document.authors", ("ANN LEE", "BO RAY")),
        ("american.tst", "document.slug", "BC-LT--Northland-Ferry Return"),
        ("american.tst", "document.dateline", Dateline(place="PORT ELLIS, Northland", agency="AP")),
        ("american.tst", "document.editor_note", "AP Photo XNP101\nEds: With AP Photos."),
        ("american.tst", "document.document_id", "W2870"),
        ("american.tst", "local_id", "bc-lt--northland-ferry return:2024-03-05"),
        ("american.tst", "published_at", datetime(2024, 3, 5, 10, 15, tzinfo=UTC)),
        (
            "american.tst",
            "document.body",
            "The ferry is back, and “we have waited long enough,” a baker said.\n\nIt runs.",
        ),
        ("sports.tst", "document.title", "Reds miss the ferry, arrive late and win 5-4"),
        ("sports.tst", "document.byline", "By CHARLES OAK"),
        ("sports.tst", "document.slug", "BC-HKY--Reds-Blues"),
        ("sports.tst", "revision", "1st Ld-Writethru"),
        ("sports.tst", "local_id", "bc-hky--reds-blues:2024-03-05"),
        ("sports.tst", "topics", ("medtop:15000000",)),
        ("sports.tst", "urgency", 4),
        (
            "sports.tst",
            "document.body",
            (
                "The Port Ellis Reds rowed across the sound and won.\n\n"
                "Their captain had misread the timetable.\n\nTIP-INS\n\nReds: Host Hill on Saturday."
            ),
        ),
        (
            "japanese.txt",
            "document.title",
            "Soccer: Cup stays on the islands after a goal in the fog",
        ),
        (
            "japanese.txt",
            "document.dateline",
            Dateline(place="PORT ELLIS, Northland", date="March 5", agency="Kyodo"),
        ),
        ("japanese.txt", "local_id", "bc-soccer-harbour-cup:2024-03-05"),
        ("japanese.txt", "urgency", 3),
        ("embargo.tst", "embargo_until", datetime(2024, 3, 5, 23, 0, tzinfo=UTC)),
        ("embargo.tst", "status", "usable"),
        ("embargo.tst", "topics", ("medtop:04000000",)),
        ("kill.tst", "status", "canceled"),
        ("kill.tst", "local_id", "bc-hky--reds-blues:2024-03-05"),
    ],
)
def test_a_field_is_read_in_every_dialect(name: str, field: str, expected: object) -> None:
    """Some mark the lines before the text with ``^``, some by what is indented."""
    (article,) = read_all((SAMPLES / f"anpa-{name}").read_bytes())

    assert expected == attrgetter(field)(article)


def test_a_table_keeps_its_rows_and_headings() -> None:
    """Sports desks send little else."""
    (article,) = read_all((SAMPLES / "anpa-table.tst").read_bytes())

    assert article.document.title == "Hockey Expanded Standings"
    assert article.document.body.split("\n\n") == [
        *("All Times EST", "EASTERN LEAGUE", ";W;L;Pct", "Port Ellis;23;13;.639", "Lakeside;24;14;.632"),
        *("Monday's Games", "Port Ellis 7, Lakeside 5", "Hill 2, Harbour 1"),
    ]


def test_a_kill_has_the_identity_of_its_story() -> None:
    """Slug and day are all that a kill and its story have in common."""
    (killed,) = read_all((SAMPLES / "anpa-kill.tst").read_bytes())
    (told,) = read_all((SAMPLES / "anpa-sports.tst").read_bytes())

    assert killed.local_id == told.local_id


def test_a_long_second_line_is_the_summary() -> None:
    (article,) = read_all((SAMPLES / "anpa-sports.tst").read_bytes())

    assert (article.document.summary or "").startswith("The Port Ellis Reds missed the last ferry — their")


HARMLESS = ["Police kill man in Port Ellis", "Kill Bill returns", "URGENT: Kill switch found on ferry"]


@pytest.mark.parametrize("headline", HARMLESS)
def test_news_about_killing_is_news(headline: str) -> None:
    """A headline with the word in it must not take a story away."""
    (article,) = read_all(story(headline, slug="BC-US--Officer-Kill"))

    assert (article.status, article.document.title) == ("usable", headline)


def test_a_kill_by_any_mention_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the word anywhere in the headline cancels."""
    monkeypatch.setattr(anpa, "_KILL_LINE", re.compile(".*kill", re.IGNORECASE))

    with pytest.raises(AssertionError):
        test_news_about_killing_is_news(HARMLESS[0])


@pytest.mark.parametrize(
    ("note", "status", "until"),
    [
        ("Eds: Embargoed until 0600 GMT March 6.", "usable", datetime(2024, 3, 6, 6, 0, tzinfo=UTC)),
        ("HOLD FOR RELEASE AT 9 a.m. EST", "usable", datetime(2024, 3, 5, 14, 0, tzinfo=UTC)),
        ("Eds: EMBARGO, see separate note", "withheld", None),
        ("Eds: Adds quotes. Embargoed until further notice.", "withheld", None),
        ("Eds: Adds arms embargo.", "usable", None),
        ("Eds: Updates with quotes.", "usable", None),
    ],
)
def test_an_embargo_holds_the_story(note: str, status: str, until: datetime | None) -> None:
    """A note that speaks of an embargo and gives no time holds the story back: better late than early."""
    (article,) = read_all(story("Fares stay", note))

    assert (article.status, article.embargo_until) == (status, until)


def test_a_file_holds_many_messages() -> None:
    data = (
        b"\x16\x16\x01" + story("Ferry back") + b"\x04\x16\x16\x01" + story("Fares stay", slug="BC-US--Fares")
    )

    assert [article.document.title for article in read_all(data)] == ["Ferry back", "Fares stay"]


def test_header_lines_without_text_are_rejected() -> None:
    with pytest.raises(Rejection) as caught:
        read_all(b"a0110-----\nr a BC-US--Ferry   03-05 0050\n")

    assert caught.value.reason == "no_text"
