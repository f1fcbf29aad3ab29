"""A pipeline of spaCy in place of the built-in model; the ``spacy`` extra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from services.enrich.recognition.aligning import Claim, aligned
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.recognised import MOST_TOKENS, Recognised
from services.enrich.text import Token

SCORE = 0.85
"""spaCy does not tell how sure it is."""

PIECE = 50_000
"""Characters that go through the pipeline at once; this bounds its memory."""


class SpacyRecogniser:
    """The entities of any pipeline with ``doc.ents``; not for several threads at once."""

    def __init__(self, pipeline: str) -> None:
        """Load an installed package or a folder; raises ``EngineUnavailable``."""
        try:
            import spacy
        except ImportError as error:
            raise EngineUnavailable("spacy", "install the extra: newsfeed[spacy]") from error
        try:
            self._nlp: Any = spacy.load(pipeline)
        except OSError as error:
            raise EngineUnavailable(f"spacy:{pipeline}", str(error)) from error
        self.name = f"spacy:{self._nlp.meta.get('name', pipeline)}"
        self.version = str(self._nlp.meta.get("version", ""))

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names among the first ``MOST_TOKENS`` tokens; the pipeline speaks the language or does not."""
        del language
        read = tokens[:MOST_TOKENS]
        return aligned(self._claims(text[: read[-1].end] if read else ""), read)

    def _claims(self, text: str) -> Iterator[Claim]:
        for start, piece in pieces(text, PIECE):
            for entity in self._nlp(piece).ents:
                yield Claim(start + entity.start_char, start + entity.end_char, entity.label_, SCORE)


def pieces(text: str, size: int) -> Iterator[tuple[int, str]]:
    """Pieces of at most ``size`` characters with their starts, cut at line ends, sentences or blanks."""
    start = 0
    while start < len(text):
        end = min(start + size, len(text))
        if end < len(text):
            cut = max(text.rfind("\n", start, end), text.rfind(". ", start, end))
            cut = cut if cut > start else text.rfind(" ", start, end)
            end = cut + 1 if cut > start else end
        yield start, text[start:end]
        start = end
