"""Word documents as editors save them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.sniffing import read_seed

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://x/officeDocument" Target="word/document.xml"/>'
    '<Relationship Id="r2" Type="http://x/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r9" Type="http://x/hyperlink" Target="https://n.example/fares" TargetMode="External"/>'
    "</Relationships>"
)
STYLES = (
    f'<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault>'
    '</w:docDefaults><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style></w:styles>'
)
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">{}'
    "</cp:coreProperties>"
)


TITLED = '<w:style w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>'


def paragraph(text: str, style: str = "", inner: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}{inner}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body: str, core: str = "", **parts: str) -> bytes:
    files = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "word/document.xml": f"<w:document {W} {R} {MC}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/_rels/document.xml.rels": LINKS,
        "docProps/core.xml": CORE.format(core),
        **parts,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def only(data: bytes) -> Article:
    (article,) = read_seed(data, ReadingHint(file_name="a.docx")).articles
    return article


def test_a_document_becomes_an_article() -> None:
    """Properties give title, author, dates and language; the text gives the rest."""
    article = only(
        docx(
            paragraph("Ferry back")
            + paragraph("By Bo Ray")
            + paragraph("PORT ELLIS (NCN) - It runs.")
            + paragraph("Fares", "berschrift1")
            + paragraph("They stay."),
            "<dc:title>Ferry back</dc:title><dc:creator>Ann Lee</dc:creator>"
            "<dcterms:created>2024-03-05T10:15:00Z</dcterms:created><dc:language>en-US</dc:language>",
        )
    )

    document = article.document
    assert (document.title, document.body, document.headings) == (
        "Ferry back",
        "It runs.\n\nFares\n\nThey stay.",
        (1,),
    )
    assert (document.byline, document.authors) == ("Bo Ray", ("Bo Ray",))
    assert (article.published_at, article.language) == (datetime(2024, 3, 5, 10, 15, tzinfo=UTC), "en-US")


@pytest.mark.parametrize(
    ("body", "core"),
    [
        (paragraph("Ferry back", "Titel") + paragraph("It runs."), "<dc:title>Template</dc:title>"),
        (paragraph("Ferry back", "Title") + paragraph("It runs."), ""),
        (paragraph("Ferry back", "berschrift1") + paragraph("It runs."), ""),
        (paragraph("Ferry back", "Heading1") + paragraph("It runs."), "<dc:title>Document1</dc:title>"),
        (paragraph("Ferry back") + paragraph("It runs."), "<dc:title>a.docx</dc:title>"),
        (paragraph("It runs."), "<dc:title>Ferry back</dc:title>"),
    ],
)
def test_the_title_is_found_where_the_writer_put_it(body: str, core: str) -> None:
    """A style of that name, the properties, the first heading, a first line that looks like one."""
    document = only(docx(body, core)).document

    assert (document.title, document.body, document.title_derived) == ("Ferry back", "It runs.", False)


@pytest.mark.parametrize(
    "style",
    [
        '<w:style w:type="paragraph" w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>',
        "<w:style w:styleId='Kop1'><w:name w:val='heading 1'/></w:style>",
        '<w:style w:styleId="Kop1"><w:aliases w:val="k"/><w:name w:val="heading 1"/></w:style>',
        '<w:style w:styleId="Kop1"><w:name w:val="&#252;berschrift 1"/></w:style>',
        '<!-- <w:style w:styleId="Kop1"><w:name w:val="List"/></w:style> -->' + TITLED,
        f'<x:style {W.replace(":w", ":x")} x:styleId="Kop1"><x:name x:val="heading 1"/></x:style>',
    ],
)
def test_a_style_is_known_by_its_name_however_it_is_written(style: str) -> None:
    """The quick look for a style's name finds what a reader of XML finds, or leaves it to one."""
    styles = f"<w:styles {W}>{style}</w:styles>"
    body = paragraph("It runs.") + paragraph("Fares", "Kop1") + paragraph("They stay.")
    article = only(docx(body, "<dc:title>Ferry</dc:title>", **{"word/styles.xml": styles}))

    assert article.document.headings == (1,)


def test_only_what_a_reader_sees_is_text() -> None:
    """Deleted text, codes of fields and the second form of a text box are not."""
    body = (
        "<w:p><w:r><w:t>It </w:t></w:r><w:del><w:r><w:delText>never </w:delText></w:r></w:del>"
        '<w:ins><w:r><w:t xml:space="preserve">runs</w:t></w:r></w:ins>'
        "<w:r><w:instrText>PAGE</w:instrText></w:r>"
        '<w:hyperlink r:id="r9"><w:r><w:tab/><w:t>for 2</w:t><w:br/><w:t>or 3</w:t></w:r></w:hyperlink></w:p>'
        "<w:p><mc:AlternateContent><mc:Choice><w:r><w:t>Box.</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>Box again.</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    document = only(docx(body, "<dc:title>Ferry</dc:title>")).document

    assert document.body == "It runs for 2\nor 3\n\nBox."
    assert [link.href for link in document.links] == ["https://n.example/fares"]


def test_tables_and_lists_are_text() -> None:
    """A row is a paragraph, a cell is parted by a blank."""
    table = (
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Adult</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>4</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    )
    item = '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>Hourly</w:t></w:r></w:p>'
    document = only(docx(paragraph("It runs.") + table + item, "<dc:title>Ferry</dc:title>")).document

    assert document.body == "It runs.\n\nAdult 4\n\nHourly"


@pytest.mark.parametrize("creator", ["python-docx", "Microsoft Office User", "Administrator", ""])
def test_a_program_is_no_author(creator: str) -> None:
    """Nor are the dates of its template those of the article."""
    core = f"<dc:creator>{creator}</dc:creator>"

    assert only(docx(paragraph("It runs."), core)).document.authors == ()


def test_a_document_of_another_kind_is_named() -> None:
    """A spreadsheet is no archive of news either."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(Rejection) as caught:
        only(buffer.getvalue())

    assert (caught.value.reason, caught.value.detail) == ("unknown_format", "office xlsx")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (docx(""), "no_text"),
        (docx(paragraph("It runs."))[:-40], "corrupt"),
        (docx(paragraph(" " * 33_000_000)), "archive_too_large"),
    ],
    ids=["empty", "cut", "bomb"],
)
def test_what_cannot_be_read_is_rejected(data: bytes, reason: str) -> None:
    """A part is bounded before it is expanded."""
    with pytest.raises(Rejection) as caught:
        only(data)

    assert caught.value.reason == reason


def test_no_other_file_is_read_by_an_entity() -> None:
    """The planted bug of XML: an entity that names a file of the reader."""
    evil = (
        f'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/hostname">]><w:document {W}><w:body>'
        "<w:p><w:r><w:t>It runs.&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = docx("", "<dc:title>Ferry</dc:title>", **{"word/document.xml": evil})

    assert only(data).document.body == "It runs."
