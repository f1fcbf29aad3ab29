"""A story as offices keep it."""

from __future__ import annotations

import io
import zipfile

from benchmarks.stories import Story

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CORE = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
)


def docx(story: Story) -> bytes:
    """The story as a word processor saves it."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in story.paragraphs)
    title = f'<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr><w:r><w:t>{story.title}</w:t></w:r></w:p>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="http://x/officeDocument" '
            'Target="word/document.xml"/><Relationship Id="r2" Type="http://x/metadata/core-properties" '
            'Target="docProps/core.xml"/></Relationships>'
        ),
        "word/document.xml": f"<w:document {WORD}><w:body>{title}{paragraphs}</w:body></w:document>",
        "docProps/core.xml": (
            f"<cp:coreProperties {CORE}><dc:creator>Ann Lee</dc:creator>"
            "<dcterms:created>2026-03-05T10:15:00Z</dcterms:created></cp:coreProperties>"
        ),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def pdf(story: Story) -> bytes:
    """The story as lines of a page, by hand."""
    words = " ".join(story.paragraphs).split()
    lines = [story.title, "", *(" ".join(words[start : start + 12]) for start in range(0, len(words), 12))]
    shown = "".join(f"({line}) Tj 0 -14 Td\n" for line in lines)
    stream = f"BT /F1 12 Tf 72 720 Td\n{shown}ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[4 0 R]>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        "<</Type/Page/Parent 2 0 R/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]/Contents 5 0 R>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
    ]
    out = "%PDF-1.4\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    index = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\n"
    return f"{out}{index}startxref\n{len(out)}\n%%EOF\n".encode()
