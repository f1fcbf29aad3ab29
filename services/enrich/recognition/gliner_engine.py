"""A GLiNER model in place of the built-in one; the ``gliner`` extra (it brings PyTorch)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from services.enrich.recognition.aligning import Claim
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.piecewise import recognise_in_pieces
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import Token

LABELS = ("person", "location", "organization")
THRESHOLD = 0.5
"""The least score the model may give."""

PIECE = 1_200
"""Characters: the models read about 380 words at once and drop the rest."""


class GlinerRecogniser:
    """The entities of a GLiNER model asked for people, places and organisations."""

    def __init__(self, model: str) -> None:
        """Load a folder or a model in the local cache, never from afar; raises ``EngineUnavailable``."""
        try:
            from gliner import GLiNER
        except ImportError as error:
            raise EngineUnavailable("gliner", "install the extra: newsfeed[gliner]") from error
        try:
            self._model: Any = GLiNER.from_pretrained(model, local_files_only=True)
        except (OSError, ValueError) as error:
            raise EngineUnavailable(f"gliner:{model}", str(error)) from error
        self.name = f"gliner:{Path(model).name}"
        self.version = "1"

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names among the first ``MOST_TOKENS`` tokens, in any language the model knows."""
        del language
        return recognise_in_pieces(text, tokens, PIECE, self._claims)

    def _claims(self, piece: str) -> Iterator[Claim]:
        for found in self._model.predict_entities(piece, list(LABELS), threshold=THRESHOLD):
            label = {"person": "PER", "location": "LOC", "organization": "ORG"}[found["label"]]
            score = min(max(float(found["score"]), 0.0), 1.0)
            yield Claim(int(found["start"]), int(found["end"]), label, score)
