"""What ingest remembers of one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ingest.looks import Look, parts_of

Outcome = Literal["begun", "ingested", "duplicate", "rejected", "held", "deleted"]
"""``begun``: several events were to be appended, and it is not known yet that all of them were.
``held``: an article in it has an embargo. ``deleted``: its articles were withdrawn with it."""

STALE = "stale_version"
"""The code of a seed of which all is older than what the log holds."""


class LedgerEntry(BaseModel):
    """One seed by its path; ``look`` is None when only the log knows of it, not yet the folder.

    ``sha256`` is None when nobody read it, because it was too large or could not be opened. ``home``
    is the path by which its articles are known when that is not its own. ``held`` says until when
    an article of it waits, or the seed of which it is a copy. ``learned_at`` says when the log first told
    of these bytes, while that is all that is known: what did not change in them, or waits, the log does
    not tell.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str | None = None
    outcome: Outcome
    article_ids: tuple[str, ...] = ()
    look: tuple[int, int, int, int] | None = None
    code: str | None = None
    home: str | None = None
    held: Mapping[str, AwareDatetime] = Field(default_factory=dict)
    learned_at: AwareDatetime | None = None

    def is_done_with(self, sha256: str) -> bool:
        """Whether nothing is left to do for these bytes, but perhaps to move them.

        A rejection that only the log knows of may lack its reason file; a new attempt writes it.
        """
        unexplained = self.outcome == "rejected" and self.look is None
        unfinished = self.outcome in {"begun", "held", "deleted"}
        return self.sha256 == sha256 and not unfinished and not unexplained and not self.learned_at

    def is_learned(self, sha256: str) -> bool:
        """Whether the log tells of these bytes, and perhaps not of all that is in them."""
        return self.sha256 == sha256 and self.learned_at is not None

    @property
    def has_more(self) -> bool:
        """Whether some articles of it are settled, and others, perhaps, are not."""
        return bool(self.article_ids) and (self.outcome == "held" or self.learned_at is not None)

    def is_told(self, article_id: str) -> bool:
        """Whether an article of a seed that :attr:`has_more` is settled."""
        return article_id not in self.held if self.held else article_id in self.article_ids

    def seen_as(self, look: Look) -> LedgerEntry:
        """The same entry for a file that looks like this now; what was only learned is still to be read."""
        return self if self.learned_at else self.model_copy(update={"look": parts_of(look)})

    def with_article(self, article_id: str) -> LedgerEntry:
        """The same entry for a seed that holds this article, too."""
        ids = tuple(dict.fromkeys((*self.article_ids, article_id)))
        return self.model_copy(update={"article_ids": ids})

    def without_article(self, article_id: str, last: Outcome) -> LedgerEntry:
        """The entry when one of its articles is settled otherwise; after the last one it has this outcome."""
        ids = tuple(one for one in self.article_ids if one != article_id)
        return self.model_copy(update={"article_ids": ids, "outcome": "begun" if ids else last, "look": None})

    def released(self, article_ids: frozenset[str]) -> LedgerEntry:
        """The entry when these articles need not wait any more, because another seed told of them."""
        held = {one: until for one, until in self.held.items() if one not in article_ids}
        outcome = self.outcome if held or self.outcome != "held" else "ingested"
        return self.model_copy(update={"held": held, "outcome": outcome, "look": None})
