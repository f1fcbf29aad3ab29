"""Web archives: every page in one is an article."""

from __future__ import annotations

import gzip
import sys

import pytest

from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.sniffing import read_seed

PAGE = "<html><head><title>{0}</title></head><body><article><h1>{0}</h1><p>{1}</p></article></body></html>"
STORY = "The ferry between the two islands is back after a winter of repairs, the company said. " * 4


def record(url: str, body: bytes, http: str = "200 OK", kind: str = "text/html", extra: str = "") -> bytes:
    answer = f"HTTP/1.1 {http}\r\nContent-Type: {kind}\r\n{extra}\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-05T10:15:00Z\r\n"
        "WARC-Record-ID: <urn:uuid:7d2c5f10-0000-4000-8000-000000000001>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def page(title: str) -> bytes:
    return PAGE.format(title, STORY).encode()


def read(data: bytes) -> Reading:
    return read_seed(data, ReadingHint(file_name="a.warc"))


ARCHIVE = record("https://n.example/1", page("Ferry back")) + record("https://n.example/2", page("Bus late"))


@pytest.mark.parametrize(
    "data",
    [ARCHIVE, gzip.compress(ARCHIVE), b"".join(map(gzip.compress, (ARCHIVE[:700], ARCHIVE[700:])))],
)
def test_every_page_is_an_article(data: bytes) -> None:
    """Compressed as a whole, record by record, or not at all."""
    reading = read(data)

    assert [article.document.title for article in reading.articles] == ["Ferry back", "Bus late"]
    assert [article.local_id for article in reading.articles] == [
        "https://n.example/1",
        "https://n.example/2",
    ]


def test_what_is_no_page_is_left_out() -> None:
    """Pictures, redirects and errors are in every archive."""
    data = (
        record("https://n.example/a.png", b"\x89PNG", kind="image/png")
        + record("https://n.example/0", b"", http="301 Moved")
        + record("https://n.example/x", page("Not found"), http="404 Not Found")
        + ARCHIVE
    )

    assert len(read(data).articles) == 2


def test_the_charset_of_the_server_counts() -> None:
    """Old pages say it in the header of the answer only."""
    body = PAGE.format("Паром вернулся", "Паром между островами вернулся после ремонта. " * 5)
    data = record("https://n.example/1", body.encode("koi8-r"), kind="text/html; charset=koi8-r")

    assert read(data).articles[0].document.title == "Паром вернулся"


def test_a_compressed_answer_is_expanded() -> None:
    """Crawlers keep what came over the wire."""
    packed = gzip.compress(page("Ferry back"))
    data = record("https://n.example/1", packed, extra="Content-Encoding: gzip\r\n")

    assert read(data).articles[0].document.title == "Ferry back"


def test_a_page_without_a_text_becomes_a_warning() -> None:
    """The others are read."""
    reading = read(record("https://n.example/é?a=1", b"<html></html>") + ARCHIVE)

    assert reading.warnings[0].startswith("record_rejected: no_text https://n.example/")
    assert len(reading.articles) == 2


@pytest.mark.parametrize("data", [gzip.compress(ARCHIVE)[:-60], ARCHIVE[: len(ARCHIVE) - 100]])
def test_an_archive_that_is_cut_off_keeps_its_whole_records(data: bytes) -> None:
    """A crawl that was killed is the usual case."""
    assert read(data).articles[0].document.title == "Ferry back"


def test_an_archive_without_a_page_is_rejected() -> None:
    """There is nothing to show."""
    with pytest.raises(Rejection) as caught:
        read(record("https://n.example/a.png", b"\x89PNG", kind="image/png"))

    assert caught.value.reason == "no_articles"


def test_without_the_extra_the_seed_is_rejected_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the installation that is wrong, not the file."""
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    with pytest.raises(Rejection) as caught:
        read(ARCHIVE)

    assert (caught.value.reason, caught.value.detail) == ("parser_not_installed", "warc")
