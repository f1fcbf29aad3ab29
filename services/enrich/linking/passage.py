"""What linking reads and what it works on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from newsfeed.documents import EntityType
from services.enrich.linking.places import Place
from services.enrich.matching import Known
from services.enrich.text import Token


@dataclass(frozen=True, slots=True)
class Passage:
    """The text of one article with its tokens and its language (BCP 47).

    Headline and lead end at ``title_end`` and ``lead_end``, in characters. ``published_on`` tells which of
    the facts that hold for a time did hold then; without it all do.
    """

    text: str
    tokens: Sequence[Token]
    language: str
    title_end: int = 0
    lead_end: int = 0
    published_on: date | None = None

    def keys(self, first: int, last: int) -> list[str]:
        """The keys of tokens ``[first, last)``."""
        return [token.key for token in self.tokens[first:last]]


class Span(NamedTuple):
    """A name at tokens ``[first, last)``, characters ``[start, end)``, and what is known under it."""

    first: int
    last: int
    start: int
    end: int
    type: EntityType
    score: float
    known: Known | None = None


class Linked(NamedTuple):
    """A span and what it names; ``link_score`` (0 to 1) is the confidence in an id that is not local."""

    span: Span
    known: Known
    method: str
    link_score: float | None = None
    place: Place | None = None
    country: str | None = None
