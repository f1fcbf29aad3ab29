"""What ingest remembers of one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.ingest.scanning import Look

Outcome = Literal["begun", "ingested", "duplicate", "rejected", "held", "deleted"]
"""``begun``: several events were to be appended, and it is not known yet that all of them were.
``held``: an article in it has an embargo. ``deleted``: its articles were withdrawn with it."""

STALE = "stale_version"
"""The code of a seed of which all is older than what the log holds."""


class LedgerEntry(BaseModel):
    """One seed by its path; ``look`` is None when only the log knows of it, not yet the folder.

    ``sha256`` is None when nobody read it, because it was too large or could not be opened. ``home``
    is the path by which its articles are known when that is not its own. ``held`` says until when
    an article of it waits, or the seed of which it is a copy.
    """

    model_config = ConfigDict(frozen=True)

    sha256: str | None = None
    outcome: Outcome
    article_ids: tuple[str, ...] = ()
    look: tuple[int, int, int, int] | None = None
    code: str | None = None
    home: str | None = None
    held: Mapping[str, AwareDatetime] = Field(default_factory=dict)

    def is_done_with(self, sha256: str) -> bool:
        """Whether nothing is left to do for these bytes, but perhaps to move them.

        A rejection that only the log knows of may lack its reason file; a new attempt writes it.
        """
        unexplained = self.outcome == "rejected" and self.look is None
        unfinished = self.outcome in {"begun", "held", "deleted"}
        return self.sha256 == sha256 and not unfinished and not unexplained

    def seen_as(self, look: Look) -> LedgerEntry:
        """The same entry for a file that looks like this now."""
        return self.model_copy(update={"look": (look.size_bytes, look.mtime_ns, look.ctime_ns, look.inode)})

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
