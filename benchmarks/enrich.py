"""Enrich: what is found in the sample articles, all of it and by part, against counting their words."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.measuring import Ratio, alternate, speed_ratio, timed
from newsfeed.documents import ArticleDocument
from services.enrich.enricher import Enricher
from services.enrich.likeness import signature
from services.enrich.parts import bounds
from services.enrich.phrases import find_phrases
from services.enrich.profiles import term_weights
from services.enrich.summary import summarise
from services.enrich.text import tokenise

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
        self._read = [
            (document, tokenise(document.text), self._enricher.enrich(document))
            for document in self._documents
        ]

    async def ours(self) -> float:
        """The built-in enricher."""
        with timed() as watch:
            for document in self._documents * REPEATS:
                self._enricher.enrich(document)
        return watch.seconds / self._words

    async def likeness(self) -> float:
        """The signatures that copies are found by, and the terms that stories are."""
        with timed() as watch:
            for _, tokens, found in self._read * REPEATS:
                signature(tokens)
                term_weights(tokens, found.language.code, 0)
        return watch.seconds / self._words

    async def phrases(self) -> float:
        """Key phrases."""
        with timed() as watch:
            for document, tokens, found in self._read * REPEATS:
                text, code = document.text, found.language.code
                find_phrases(text, tokens, code, found.entities, bounds(document, text))
        return watch.seconds / self._words

    async def summary(self) -> float:
        """Three sentences."""
        with timed() as watch:
            for document, tokens, found in self._read * REPEATS:
                summarise(document, document.text, tokens, found.language.code)
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
    parts = {"likeness": arms.likeness, "phrases": arms.phrases, "summary": arms.summary}
    figures = await alternate({"ours": arms.ours, "counting": arms.counting, **parts}, rounds)
    return [
        speed_ratio("enrich / split and count", figures, ("ours", "counting"), "words"),
        *(speed_ratio(f"{part} / split and count", figures, (part, "counting"), "words") for part in parts),
    ]
