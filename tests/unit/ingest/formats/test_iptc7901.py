"""IPTC 7901 with and without its framing, as German and Swiss agencies send it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

import pytest

from newsfeed.documents import Dateline
from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats.wire import iptc7901
from services.ingest.sniffing import read_seed

SAMPLES = Path(__file__).parent / "samples"
HEAD = b"\x01ncn062 4 pol 211  ncn 0415\r\n\r\nferries/\r\n\x02"
TAIL = b"\r\n\x03\r\n050415 GMT Mar 24\r\n\x04"


def read_all(data: bytes) -> tuple[Article, ...]:
    return iptc7901.parse(data, ReadingHint()).articles


@pytest.mark.parametrize(
    ("name", "field", "expected"),
    [
        ("german", "document.title", "Ferry returns to Port Ellis after nine months of repairs"),
        ("german", "document.slug", "Northland/ferry/transport"),
        ("german", "document.keywords", ("Northland", "ferry", "transport")),
        ("german", "document.byline", "By dpa correspondents"),
        ("german", "document.authors", ()),
        ("german", "document.dateline", Dateline(place="Port Ellis", agency="dpa")),
        ("german", "document.document_id", "eca0045"),
        ("german", "local_id", "eca0045:2024-03-05"),
        ("german", "urgency", 3),
        ("german", "published_at", datetime(2024, 3, 5, 10, 15, tzinfo=UTC)),
        ("german", "status", "usable"),
        (
            "german",
            "document.body",
            (
                "The ferry between Port Ellis and the islands is back after nine months of repairs, the "
                "operator said on Tuesday, and the first crossing was full.\n\n"
                '"We have waited long enough," a baker said as she stood at the pier with her two sons.'
            ),
        ),
        ("swiss", "document.title", "Bac du lac: Le bac a repris son service mardi"),
        ("swiss", "document.slug", "Bac du lac"),
        ("swiss", "document.dateline", Dateline(place="Port Ellis", agency="ats")),
        ("swiss", "local_id", "bsf037:2024-03-05"),
        ("swiss", "urgency", 4),
        ("swiss", "published_at", datetime(2024, 3, 5, 10, 5, tzinfo=UTC)),
        (
            "swiss",
            "document.body",
            (
                "Le bac a repris son service mardi après neuf mois de travaux, a annoncé la société qui l "
                "exploite depuis longtemps, et il était plein."
            ),
        ),
        ("framed", "document.title", "Northland Fisher Party: talks with Port Ellis could fail"),
        ("framed", "document.slug", "Northland-politics"),
        ("framed", "topics", ("medtop:11000000",)),
        ("framed", "published_at", datetime(2024, 3, 5, 4, 15, tzinfo=UTC)),
        ("embargo", "document.title", "Fares to stay until summer"),
        ("embargo", "document.byline", "By Ann Lee, ncn"),
        ("embargo", "document.authors", ("Ann Lee",)),
        ("embargo", "embargo_until", datetime(2024, 3, 6, 0, 1, tzinfo=UTC)),
        ("embargo", "status", "usable"),
        ("kill", "status", "canceled"),
        ("kill", "local_id", "ncn062:2024-03-05"),
    ],
)
def test_a_field_is_read_in_every_dialect(name: str, field: str, expected: object) -> None:
    """The framing and the fill bytes are not always there, and the header line is always."""
    article = read_all((SAMPLES / f"7901-{name}.txt").read_bytes())[0]

    assert expected == attrgetter(field)(article)


def test_a_file_holds_many_messages() -> None:
    """A receiver that writes what comes does not part it."""
    first, second = read_all((SAMPLES / "7901-framed.txt").read_bytes())

    assert first.document.body.endswith("and Mr Müller would have to swim.")
    assert (second.document.title, second.urgency) == ("URGENT: Reds win Harbour Cup", 1)
    assert second.topics == ("medtop:15000000",)


def test_what_the_desk_tells_editors_is_no_text() -> None:
    """Names and numbers of the desk are not for publication: the wire says so."""
    document = read_all((SAMPLES / "7901-german.txt").read_bytes())[0].document

    assert "Reporting by" not in document.body
    assert "Reporting by: Ann Lee" in (document.editor_note or "")


@pytest.mark.parametrize("fill", [b"", b"\x7f" * 8, b"\0" * 8, b"\x16\x16", b"\x7f\0\r\n", b"\xff\r\n"])
def test_fill_bytes_are_passed_over(fill: bytes) -> None:
    """Teleprinters punch them before and between messages."""
    data = (fill + HEAD + b"Ferry back =\r\nIt runs." + TAIL).replace(b"runs", b"ru" + fill.strip() + b"ns")
    reading = read_seed(data.replace(b"\xffns", b"ns"), ReadingHint(file_name="a.txt"))

    assert reading.format == "iptc7901"
    assert (reading.articles[0].document.title, reading.articles[0].document.body) == (
        "Ferry back",
        "It runs.",
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Die Fähre fährt, und der Pier ist voll."),
        ("latin-1", "Die Fähre fährt wieder, und der Pier am Hafen war größer als früher."),
        ("cp1251", "Паром снова ходит, и на причале было много людей из города и с островов."),
    ],
)
def test_the_charset_is_found_in_the_text(encoding: str, text: str) -> None:
    """The standard has none, and nobody declares it."""
    (article,) = read_all(HEAD + f"Titel =\r\n{text}".encode(encoding) + TAIL)

    assert article.document.body == text


@pytest.mark.parametrize(
    "line",
    [
        "KILL NCN062",
        "MANDATORY KILL ncn062",
        "Kill: Ferry back",
        "STORNO",
        "ANNULATION",
        "URGENT - KILL ncn 062",
    ],
)
def test_a_kill_cancels(line: str) -> None:
    (article,) = read_all(HEAD + line.encode() + b"\r\nEditors: it was wrong =\r\nIt was wrong." + TAIL)

    assert (article.status, article.local_id) == ("canceled", "ncn062:2024-03-05")


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("KILL ncn211", "03-04"),
        ("KILL ncn041", "03-05"),
        ("KILL ncn041 of March 4", "03-04"),
        ("STORNO ncn041 vom 4. März", "03-04"),
        ("ANNULATION ncn041 du 04.03.", "03-04"),
        ("KORREKTUR ncn211", "03-04"),
        ("KILL ncn041 of December 31", "12-31"),
    ],
)
def test_a_kill_is_of_the_day_on_which_its_number_was_sent(line: str, day: str) -> None:
    """Numbers begin anew every day, and a kill may come the morning after."""
    (article,) = read_all(HEAD + line.encode() + b"\r\nEditors: it was wrong =\r\nIt was wrong." + TAIL)

    number = "ncn211" if "211" in line else "ncn041"
    assert article.local_id == f"{number}:{2023 if day.startswith('12') else 2024}-{day}"


def test_a_kill_of_the_wrong_day_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the day that is named is not read."""
    monkeypatch.setattr(iptc7901, "day_in", lambda *_: None)

    with pytest.raises(AssertionError):
        test_a_kill_is_of_the_day_on_which_its_number_was_sent("KILL ncn041 of March 4", "03-04")


HARMLESS = [
    "Police kill man in Port Ellis",
    "POLICE KILL MAN IN PORT ELLIS",
    "Kill Bill returns to cinemas",
    "Fishermen withdrawn from pier",
    "Net losses grow",
    "Embargo on fish lifted",
]


@pytest.mark.parametrize("headline", HARMLESS)
def test_news_about_killing_is_news(headline: str) -> None:
    """A headline with the word in it must not take a story away."""
    (article,) = read_all(HEAD + headline.encode() + b"\r\nBy Ann Lee =\r\nIt happened." + TAIL)

    assert (article.status, article.document.title) == ("usable", headline)


def test_a_kill_by_any_mention_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the word anywhere in a line cancels."""
    monkeypatch.setattr(iptc7901, "_KILL", re.compile(".*kill", re.IGNORECASE))

    with pytest.raises(AssertionError):
        test_news_about_killing_is_news(HARMLESS[0])


def test_a_correction_is_a_revision_of_what_it_names() -> None:
    text = b"CORRECTION ncn041\r\nFerry back on Wednesday =\r\nIt runs." + TAIL
    (article,) = read_all(HEAD + text)

    assert (article.local_id, article.status) == ("ncn041:2024-03-05", "usable")


@pytest.mark.parametrize("line", ["EMBARGO until the minister has spoken", "SPERRFRIST"])
def test_an_embargo_that_nobody_can_date_is_held_back(line: str) -> None:
    """To publish too early is the mistake that cannot be made good."""
    (article,) = read_all(HEAD + line.encode() + b"\r\nFares stay =\r\nFares stay." + TAIL)

    assert (article.status, article.embargo_until) == ("withheld", None)


def test_an_embargo_that_is_overlooked_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: notes to editors are not read."""
    monkeypatch.setattr(iptc7901, "embargo_in", lambda *_: (None, False))

    with pytest.raises(AssertionError):
        test_an_embargo_that_nobody_can_date_is_held_back("SPERRFRIST")


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        (b"051115 MEZ mrz 24", datetime(2024, 3, 5, 10, 15, tzinfo=UTC)),
        (b"051215 MESZ Aug 24", datetime(2024, 8, 5, 10, 15, tzinfo=UTC)),
        ("051015 déc 24".encode(), datetime(2024, 12, 5, 10, 15, tzinfo=UTC)),
        (b"051015 GMT Dez 2024", datetime(2024, 12, 5, 10, 15, tzinfo=UTC)),
        (b"321015 GMT Mar 24", None),
        (b"051015 GMT Foo 24", None),
    ],
)
def test_the_trailer_tells_the_time(stamp: bytes, expected: datetime | None) -> None:
    """Day, hour and minute, a zone if there is one, a month in the language of the desk."""
    data = HEAD + b"Ferry back =\r\nIt runs." + TAIL.replace(b"050415 GMT Mar 24", stamp)

    assert expected == read_all(data)[0].published_at


@pytest.mark.parametrize("data", [HEAD + b"\x03\x04", b"ncn062 4 pol 211  ncn 0415\r\n\r\n"])
def test_a_message_without_text_is_rejected(data: bytes) -> None:
    with pytest.raises(Rejection) as caught:
        read_all(data)

    assert caught.value.reason == "no_text"
