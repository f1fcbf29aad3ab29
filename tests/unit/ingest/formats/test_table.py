"""Tables of news: found by their header, whatever parts their cells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import table
from services.ingest.sniffing import choose

COMMA = 'Title,Body,Author,Published At,URL\n"Ferry, back","It runs.\n\nHourly.",Ann Lee,2024-03-05T10:15:00Z,https://n.example/1\n'


def read(text: str | bytes, mapping: dict[str, str] | None = None) -> Reading:
    data = text.encode() if isinstance(text, str) else text
    return table.parse(data, ReadingHint(file_name="a.csv", mapping=mapping or {}))


def only(text: str | bytes) -> Article:
    (article,) = read(text).articles
    return article


def test_a_row_becomes_an_article() -> None:
    """Quoted cells may hold commas and paragraphs."""
    article = only(COMMA)

    document = article.document
    assert (document.title, document.body, document.authors) == (
        "Ferry, back",
        "It runs.\n\nHourly.",
        ("Ann Lee",),
    )
    assert (article.local_id, document.url) == ("https://n.example/1", "https://n.example/1")
    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("headline;text\nFerry;It runs.\n", "csv"),
        ("headline\ttext\nFerry\tIt runs.\n", "tsv"),
        ("headline|text\nFerry|It runs.\n", "csv"),
        ("sep=;\nheadline;text\nFerry;It runs.\n", "csv"),
        ("\ufeffheadline,text\r\nFerry,It runs.\r\n", "csv"),
        ("HEADLINE , Text\nFerry, It runs.\n", "csv"),
        ("titre;texte;date\nFerry;It runs.;05/03/2024\n", "csv"),
        ("Überschrift;Inhalt\nFerry;It runs.\n", "csv"),
        ("标题,正文\nFerry,It runs.\n", "csv"),
    ],
)
def test_the_header_tells_what_parts_the_cells(text: str, name: str) -> None:
    """Spreadsheets write semicolons where the comma is the decimal mark."""
    reading = read(text)

    document = reading.articles[0].document
    assert (reading.format, document.title, document.body) == (name, "Ferry", "It runs.")


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le"])
def test_a_table_may_be_in_the_charset_of_its_spreadsheet(charset: str) -> None:
    """Excel saves in UTF-16 or in the code page of its machine."""
    text = "title;body\nDie Fähre ist zurück;Sie fährt wieder für alle Gäste über den Fluß.\n"

    assert only(text.encode(charset)).document.title == "Die Fähre ist zurück"


def test_a_mapping_names_the_columns_of_a_source() -> None:
    """Some headers say nothing."""
    reading = read("c1,c2,c3\nFerry,It runs.,9\n", {"title": "c1", "body": "c2", "id": "c3"})

    assert (reading.articles[0].document.title, reading.articles[0].local_id) == ("Ferry", "9")


def test_a_table_without_a_column_of_text_is_rejected_with_what_to_do() -> None:
    """The code has a hint that says to map columns; the detail quotes no cell."""
    with pytest.raises(Rejection) as caught:
        read("c1,c2\nFerry secret,It runs.\n")

    assert (caught.value.reason, "secret" in caught.value.detail) == ("columns_unknown", False)


def test_rows_that_are_uneven_or_empty_are_counted_and_cost_nothing() -> None:
    """A bad row is no reason to lose the table."""
    reading = read("title,body,date\nFerry,It runs.\n,,\n,,2024-03-05\nBus,Late,2024-03-05,more\n")

    assert [article.document.title for article in reading.articles] == ["Ferry", "Bus"]
    assert reading.warnings == ("rows_of_uneven_length: 2", "rows_skipped: 1")


@pytest.mark.parametrize("cell", ['the 12" pipe', '"the "12" pipe"', '"the pipe'])
def test_a_stray_quote_does_not_swallow_the_rows_after_it(cell: str) -> None:
    """The planted bug of every csv module: a quote that is never closed takes in the rest of the file."""
    reading = read(f"title,body\nFerry,{cell}\nBus,Late\n")

    assert [article.document.title for article in reading.articles] == ["Ferry", "Bus"]


def test_a_corrected_text_keeps_the_identity_of_a_row_without_an_id() -> None:
    """A row is known by its title and its time, not by its place in the table."""
    first = read("title,body,date\nFerry,It runs.,2024-03-05\n").articles[0]
    later = read("title,body,date\nBus,Late,2024-03-06\nFerry,It runs daily.,2024-03-05\n").articles[1]

    assert (first.local_id, first.local_id is None) == (later.local_id, False)


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (COMMA.encode(), "a.csv", "table"),
        (COMMA.encode(), "a.txt", "table"),
        (b"Title, body\nThe ferry is back.\n", "a.txt", "text"),
        (b"Ferries, buses, trains\n\nAll are late today.\n", "a.txt", "text"),
        (b"anything\n", "a.csv", "table"),
    ],
)
def test_a_table_is_known_by_its_name_or_its_header(data: bytes, name: str, expected: str) -> None:
    """Prose with commas is no table."""
    assert expected == choose(data, ReadingHint(file_name=name)).FORMAT
