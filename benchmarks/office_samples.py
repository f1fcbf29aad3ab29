"""A story as offices keep it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from benchmarks.stories import Story


def docx(story: Story) -> bytes:
    """The story as a word processor saves it, with the styles, the fonts and the theme of a template."""
    from docx import Document

    document = Document()
    document.add_heading(story.title, 0)
    for text in story.paragraphs:
        document.add_paragraph(text)
    document.core_properties.author = "Ann Lee"
    document.core_properties.created = datetime(2026, 3, 5, 10, 15, tzinfo=UTC)
    buffer = io.BytesIO()
    document.save(buffer)
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
