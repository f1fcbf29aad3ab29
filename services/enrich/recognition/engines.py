"""Which engine the settings name."""

from __future__ import annotations

import re

from services.enrich.recognition.gliner_engine import GlinerRecogniser
from services.enrich.recognition.recognised import Recogniser
from services.enrich.recognition.seconded import SecondedRecogniser
from services.enrich.recognition.spacy_engine import SpacyRecogniser

PATTERN = r"^(builtin|(spacy|gliner):\S+)$"
"""What ``NEWSFEED_ENRICH_ENGINE`` may be."""

_CHOSEN = re.compile(PATTERN)


def engine(setting: str = "builtin") -> Recogniser:
    """The engine, loaded; ``ValueError`` for a setting that names none, else ``EngineUnavailable``."""
    if not _CHOSEN.match(setting):
        raise ValueError(f"{setting!r} is neither builtin nor spacy:<pipeline> nor gliner:<model>")
    kind, _, model = setting.partition(":")
    if kind == "spacy":
        return SpacyRecogniser(model)
    return GlinerRecogniser(model) if kind == "gliner" else SecondedRecogniser()
