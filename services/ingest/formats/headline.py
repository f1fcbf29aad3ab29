"""The headline of a document that has a title of its own to offer, and the text under it."""

from __future__ import annotations

import re

from services.ingest.formats.plain import is_headline
from services.ingest.prose.paragraphs import Prose
from services.ingest.prose.sentences import collapse

_NO_TITLE = re.compile(
    r"^(?:microsoft (?:word|powerpoint|office)\b.*|untitled.*|ohne titel.*|sans titre.*|document ?\d*"
    r"|dokument ?\d*|documento ?\d*|title|titel|titre|título|none|null|print|layout ?\d*|slide ?\d*"
    r"|[\w .()-]+\.(?:docx?|dotx?|rtf|odt|pdf|indd|qxp|xps|tex|dvi|html?|txt|pptx?|xlsx?))$",
    re.IGNORECASE,
)
"""What programs put in the place of a title when nobody gave one."""


def usable_title(given: str | None) -> str | None:
    """The title in a document's properties, None when a program made it up."""
    title = collapse(given or "")
    return None if not title or _NO_TITLE.match(title) else title


def headed(prose: Prose, given: str | None) -> tuple[str | None, Prose]:
    """The title and the text without it: as given, else the first heading, else a line like one."""
    title = usable_title(given)
    first = prose.paragraphs[0] if prose.paragraphs else ""
    if title:
        repeats = collapse(first).casefold() == title.casefold()
        return title, prose.without_first() if repeats else prose
    if not first:
        return None, prose
    if 0 in prose.headings or (len(prose.paragraphs) > 1 and is_headline(collapse(first))):
        return collapse(first), prose.without_first()
    return None, prose
