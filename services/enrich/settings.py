"""What enrich is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from newsfeed.settings import Settings


class EnrichSettings(Settings):
    """Settings of the enrich program."""

    enrich_engine: Annotated[str, Field(pattern=r"^(builtin|(spacy|gliner):\S+)$")] = "builtin"
    """What finds the names: ``builtin``, ``spacy:<pipeline>`` or ``gliner:<model>``."""
    enrich_topics_model: Path | None = None
    """A newsroom's model of topics; without it ``<var>/topics.npz``, if there is one."""
    enrich_topics_weight: Annotated[float, Field(ge=0, le=1)] = 0.5
    """What that model says beside the lexicon: 0 nothing, 1 all, for the topics that it knows."""

    @property
    def topics_model(self) -> Path:
        """Where the model of topics is, or would be."""
        return self.enrich_topics_model or self.var / "topics.npz"
