"""PDF with a text layer, and what is none."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader, PdfWriter

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.sniffing import read_seed

LINES = [
    "Ferry back",
    "",
    "By Ann Lee",
    "",
    "The ferry is back after a winter of re-",
    "pairs. It runs hourly.",
]


def pdf(*pages: list[str], info: str = "") -> bytes:
    """A PDF of these lines, written by hand."""
    numbers = [4 + 2 * index for index in range(len(pages))]
    objects = {
        1: "<</Type/Catalog/Pages 2 0 R>>",
        2: f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{n} 0 R' for n in numbers)}]>>",
        3: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        99: f"<<{info}>>",
    }
    for number, lines in zip(numbers, pages, strict=True):
        shown = "".join(f"({line}) Tj 0 -14 Td\n" for line in lines)
        stream = f"BT /F1 12 Tf 72 720 Td\n{shown}ET"
        objects[number] = (
            "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]"
            f"/Contents {number + 1} 0 R>>"
        )
        objects[number + 1] = f"<</Length {len(stream)}>>stream\n{stream}\nendstream"
    out = io.BytesIO()
    out.write(b"%PDF-1.4\n")
    places = {}
    for number, text in sorted(objects.items()):
        places[number] = out.tell()
        out.write(f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1"))
    start = out.tell()
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in places.items())
    out.write(
        f"xref\n0 1\n0000000000 65535 f \n{table}trailer<</Size 100/Root 1 0 R/Info 99 0 R>>\n".encode()
    )
    out.write(f"startxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def only(data: bytes) -> Article:
    (article,) = read_seed(data, ReadingHint(file_name="a.pdf")).articles
    return article


def refusal(data: bytes) -> Rejection:
    with pytest.raises(Rejection) as caught:
        only(data)
    return caught.value


def test_a_pdf_becomes_an_article() -> None:
    """Properties and text layer; a word that was parted at the end of a line is one word."""
    info = "/Title(Ferry back)/Author(Bo Ray)/CreationDate(D:20240305111500+01'00')"
    article = only(pdf(LINES, info=info))

    document = article.document
    assert (document.title, document.authors) == ("Ferry back", ("Ann Lee",))
    assert "winter of repairs. It runs" in document.body
    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("title", ["", "Microsoft Word - ferry.docx", "untitled", "ferry.indd"])
def test_a_title_that_a_program_made_up_gives_way_to_the_first_line(title: str) -> None:
    """Most PDF titles are names of files."""
    assert only(pdf(LINES, info=f"/Title({title})")).document.title == "Ferry back"


def test_page_numbers_and_running_heads_are_no_text() -> None:
    """They stand on most pages, at the edge."""
    pages = [["The Island Post", f"Part {n} is told here.", f"- {n} -"] for n in range(1, 5)]

    assert only(pdf(*pages)).document.text.count("The Island Post") == 0


def test_pages_without_text_are_rejected() -> None:
    """A scan has none."""
    assert refusal(pdf([])).reason == "no_text"


def locked(password: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(LINES))))
    writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_with_a_password_is_rejected() -> None:
    """Nobody here knows it."""
    assert refusal(locked("secret")).reason == "encrypted"


def test_a_pdf_that_only_forbids_to_print_is_read() -> None:
    """Such a file is encrypted with an empty password."""
    assert only(locked("")).document.title == "Ferry back"


@pytest.mark.parametrize("data", [b"%PDF-1.7\n...", pdf(LINES)[:200]])
def test_a_damaged_pdf_is_rejected_and_no_error_of_the_library_comes_out(data: bytes) -> None:
    """They are many, and few of them are its own."""
    assert refusal(data).reason in {"corrupt", "no_text"}


def test_no_text_of_a_damaged_file_gets_into_a_log(caplog: pytest.LogCaptureFixture) -> None:
    """The planted bug is that of pypdf, whose warnings quote what they do not understand."""
    refusal(pdf(LINES).replace(b"/Type/Page/Parent", b"/Type/Page secret /Parent")[:-90])

    assert caplog.text == ""


def test_without_the_extra_the_seed_is_rejected_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the installation that is wrong, not the file."""
    monkeypatch.setitem(sys.modules, "pypdf", None)
    rejection = refusal(pdf(LINES))

    assert (rejection.reason, rejection.detail) == ("parser_not_installed", "pdf")
