"""Articles of which a read model folds nothing more, because one of their events cannot be folded."""

from __future__ import annotations

from typing import Self

from newsfeed.errors import Poisonous
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.entries import Entry

UNKNOWN = "@"
"""Before the position where a chain begins whose subject nobody can read yet."""


class ParkedArticle(DeadLetter):
    """An article of one version of a read model; ``position`` is that of the event that cannot be folded.

    ``group`` is ``<projection>@<version>``. ``last`` is the newest event of the article that was passed
    by, ``waiting`` how many were, the bad one included.
    """

    last: int = 0
    waiting: int = 1

    @classmethod
    def at(cls, entry: Entry, error: Exception, group: str, partition: int, subject: str) -> Self:
        """The letter for the first event of a subject that cannot be folded."""
        letter = cls.of(entry, error, group, partition, 1)
        reason = letter.reason if isinstance(error, Poisonous) else "fold_failed"
        return letter.model_copy(update={"subject": subject, "reason": reason, "last": entry.position})

    def behind(self, position: int) -> Self:
        """The same with a later event waiting."""
        if position <= self.last:
            return self
        return self.model_copy(update={"last": position, "waiting": self.waiting + 1})


def parked_group(projection: str, version: int) -> str:
    """How dead letters name a version of a projection."""
    return f"{projection}@{version}"


def unknown(position: int) -> str:
    """What stands for the subject of a chain that begins with an entry nobody can read."""
    return f"{UNKNOWN}{position}"
