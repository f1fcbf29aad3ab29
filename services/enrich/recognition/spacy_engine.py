"""A pipeline of spaCy in place of the built-in model; the ``spacy`` extra."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from services.enrich.recognition.aligning import Claim
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.piecewise import recognise_in_pieces
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import Token

SCORE = 0.85
"""spaCy does not tell how sure it is."""

PIECE = 50_000
"""Characters that go through the pipeline at once; this bounds its memory."""


class SpacyRecogniser:
    """The entities of any pipeline with ``doc.ents``; threads take turns."""

    def __init__(self, pipeline: str) -> None:
        """Load an installed package or a folder; raises ``EngineUnavailable``."""
        try:
            import spacy
        except ImportError as error:
            raise EngineUnavailable("spacy", "install the extra: newsfeed[spacy]") from error
        try:
            self._nlp: Any = spacy.load(pipeline)
        except Exception as error:
            raise EngineUnavailable(f"spacy:{pipeline}", str(error)) from error
        self._turn = threading.Lock()
        self.name = f"spacy:{self._nlp.meta.get('name', pipeline)}"
        self.version = str(self._nlp.meta.get("version", ""))

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names among the first ``MOST_TOKENS`` tokens; the pipeline speaks the language or does not."""
        del language
        with self._turn:
            return recognise_in_pieces(text, tokens, _fits, self._claims)

    def _claims(self, piece: str) -> Iterator[Claim]:
        for entity in self._nlp(piece).ents:
            yield Claim(entity.start_char, entity.end_char, entity.label_, SCORE)


def _fits(piece: str) -> bool:
    return len(piece) <= PIECE
