"""What an engine finds, and what every engine is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from newsfeed.documents import EntityType
from services.enrich.text import MOST_TOKENS, Token

TEXT_CUT = "entities_text_cut"
"""The warning of a text that was not read to its end."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A name: tokens ``[first, last)``, code points ``[start, end)``; ``score`` in [0, 1] is how sure."""

    first: int
    last: int
    start: int
    end: int
    type: EntityType
    score: float


class Recogniser(Protocol):
    """An engine; ``name`` or ``version`` changes whenever the same text could give other entities."""

    @property
    def name(self) -> str:
        """What the engine is; the method of its entities."""

    @property
    def version(self) -> str:
        """Which weights it has."""

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """The names in the order of the text, none overlapping; ``tokens`` are all those of ``text``."""


def place(one: Recognised) -> int:
    """What names are sorted by."""
    return one.first


def warnings(tokens: Sequence[Token]) -> tuple[str, ...]:
    """What a reader has to know about the entities of this text."""
    return (TEXT_CUT,) if len(tokens) > MOST_TOKENS else ()
