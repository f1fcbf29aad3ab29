"""Articles of real words: the texts of our own gold set, by language, put together to the usual length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from newsfeed.documents import ArticleDocument

GOLD = Path(__file__).parent.parent / "tests" / "unit" / "enrich" / "topics" / "gold"
LANGUAGES = ("en", "en-news", "fr", "fr-news", "de", "es", "it", "nl", "pl", "pt", "ru", "sv", "uk")
"""Those that the entity model has learned: so it reads every text."""

REPORTS = 10
"""Reports of 40 to 90 words that make an article."""


def articles() -> list[ArticleDocument]:
    """About sixty, of some 390 words each."""
    return [article for language in LANGUAGES for article in _of(language)]


def _of(language: str) -> Iterator[ArticleDocument]:
    blocks = (GOLD / f"{language}.txt").read_text(encoding="utf-8").split("\n\n")
    reports = [lines[1:] for block in blocks if len(lines := block.strip().splitlines()) > 2]  # noqa: PLR2004 topic, title, text
    for start in range(0, len(reports), REPORTS):
        chosen = reports[start : start + REPORTS]
        body = "\n\n".join(" ".join(lines[1:]) for lines in chosen)
        yield ArticleDocument(title=chosen[0][0], body=body)
