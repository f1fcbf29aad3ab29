"""What the log holds for a digest to choose from, and what earlier digests already told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.events import ArticleEnriched, ArticleErased, ArticleIngested, ArticleRevised, ArticleWithdrawn
from services.publish.words import FoldedText


@dataclass(frozen=True)
class Candidate:
    """An article version whose enrichment lies in the window.

    ``position`` is where ``enriched`` stands in ``partition``. A document is None when its text
    was erased. ``reads_the_same`` says that readers hold an older version of the same words.
    """

    partition: int
    position: int
    version_event: ArticleIngested | ArticleRevised
    enriched: ArticleEnriched
    document: ArticleDocument | None
    enrichment: EnrichmentDocument | None
    reads_the_same: bool = False

    @property
    def article_id(self) -> str:
        """The article that this is a version of."""
        return self.version_event.article_id

    @property
    def version(self) -> int:
        """Counts from 1."""
        return self.version_event.version

    @cached_property
    def words(self) -> FoldedText | None:
        """The words of the text; None once it was erased. Cut only where a channel asks for words."""
        return FoldedText(self.document) if self.document else None


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A source took an article back, or it was erased; every version up to the event's is dead."""

    event: ArticleWithdrawn | ArticleErased
    partition: int


class Delivered(Protocol):
    """What the readers of a channel were last told of an article: by which digest, of which version.

    ``content_sha256`` is None after a retraction: then they know of no text that still stands.
    """

    @property
    def digest(self) -> int:
        """The number of the digest that told it last."""

    @property
    def version(self) -> int:
        """The version that was told."""

    @property
    def content_sha256(self) -> str | None:
        """The text of that version, None if it was retracted."""
