"""Texts that nobody wrote: enrichment ends, says what it left out, and has what stands at the beginning."""

from __future__ import annotations

import subprocess
import sys

import pytest

from newsfeed.documents import ArticleDocument
from services.enrich import text
from services.enrich.enricher import Enricher
from services.enrich.text import tokenise, tokens_to_read

LEAD = "The president of Ukraine met the secretary-general of NATO in Warsaw on Monday. "
HOSTILE = {
    "one letter": "a",
    "one capital": "A",
    "emoji": "👩‍👩‍👧‍👦",
    "zero width": "a\u200b\u200d\ufeff",
    "scripts": "Пётр 東京 القاهرة Αθήνα ไทย한국어 ",
    "sentences": "Il dit. ",
    "marks": "«»\"'-.,…",
    "one character": "中",
    "places": "Paris, Texas, ",
}
MEBIBYTE = 2**20
MOST_MEBIBYTES = 600
"""Resident in a process that has read all of them, one after the other."""


def hostile(kind: str, size: int) -> str:
    """A lead, and then so many bytes of one kind."""
    one = HOSTILE[kind]
    return LEAD + one * (size // len(one.encode()))


@pytest.mark.parametrize("kind", HOSTILE)
def test_the_beginning_of_a_hostile_text_is_enriched(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit that is low enough for a test: a warning stands for what was not read."""
    monkeypatch.setattr(text, "MOST_TOKENS", 1_000)
    monkeypatch.setattr("services.enrich.recognition.recognised.MOST_TOKENS", 1_000)
    document = ArticleDocument(title="Talks in Warsaw", body=hostile(kind, 60_000))

    found = Enricher().enrich(document, "en")

    assert "iso3166:UA" in {one.id for one in found.entities}
    assert ("entities_text_cut" in found.warnings) == (len(tokenise(document.text)) > 1_000)


def test_a_text_is_cut_into_tokens_only_as_far_as_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mebibyte of full stops would be a million of them."""
    monkeypatch.setattr(text, "MOST_TOKENS", 1_000)
    whole = "Il dit. " * 1_000

    assert tokens_to_read(whole) == tokenise(whole)[:1_001]
    assert tokens_to_read(LEAD) == tokenise(LEAD)
    assert tokenise("One, two", 1) == tokenise("One, two")[:2]


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_mebibyte_of_each_kind_fits_into_memory() -> None:
    """In a process of its own, because what counts is the most that it ever had."""
    code = (
        "import resource\n"
        "from newsfeed.documents import ArticleDocument\n"
        "from services.enrich.enricher import Enricher\n"
        "from tests.unit.enrich.test_hostile import HOSTILE, MEBIBYTE, hostile\n"
        "for kind in HOSTILE:\n"
        "    body = hostile(kind, MEBIBYTE)\n"
        "    found = Enricher().enrich(ArticleDocument(title='Talks in Warsaw', body=body), 'en')\n"
        "    assert 'iso3166:UA' in {one.id for one in found.entities}, kind\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert int(done.stdout) <= MOST_MEBIBYTES
