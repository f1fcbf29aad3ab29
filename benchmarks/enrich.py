"""Enrich: language, entities and topics of the sample articles, against counting their words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.measuring import Ratio, alternate, speed_ratio, timed
from newsfeed.documents import ArticleDocument
from services.enrich.enricher import Enricher

SAMPLES = Path(__file__).parent.parent / "seeds" / "samples"
REPEATS = 20


def sample_documents() -> list[ArticleDocument]:
    """The plain sample articles, in several languages: the first line is the title."""
    documents = []
    for path in sorted([*SAMPLES.glob("*.txt"), *SAMPLES.glob("*.md")]):
        title, _, body = path.read_text(encoding="utf-8").rpartition("---\n")[2].strip().partition("\n")
        documents.append(ArticleDocument(title=title.strip(), body=body.strip()))
    return documents


class Arms:
    """The same texts, understood or only counted."""

    def __init__(self) -> None:
        self._documents = sample_documents()
        self._enricher = Enricher()
        self._words = REPEATS * sum(len(document.text.split()) for document in self._documents)

    async def ours(self) -> float:
        """The built-in enricher."""
        with timed() as watch:
            for document in self._documents * REPEATS:
                self._enricher.enrich(document)
        return watch.seconds / self._words

    async def counting(self) -> float:
        """As little as one can do with every word."""
        with timed() as watch:
            for document in self._documents * REPEATS:
                Counter(document.text.split())
        return watch.seconds / self._words


async def measure(rounds: int) -> list[Ratio]:
    """Words a second on one core."""
    arms = Arms()
    figures = await alternate({"ours": arms.ours, "counting": arms.counting}, rounds)
    return [speed_ratio("enrich / split and count", figures, ("ours", "counting"), "words")]
