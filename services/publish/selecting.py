"""Which articles of a window are new to the readers of a channel, and in which order they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsfeed.channels import Channel
from services.publish.candidates import Candidate, Delivered
from services.publish.digests import Reason
from services.publish.matching import placed, score_of
from services.publish.querying import Ancestors


@dataclass(frozen=True, slots=True)
class Selected:
    """A candidate that becomes an item, with the reasons; in a bundle with its section, the ``place``-th."""

    candidate: Candidate
    reasons: tuple[Reason, ...]
    section: str | None = None
    place: int = 0

    @property
    def article_id(self) -> str:
        """Which article."""
        return self.candidate.article_id

    @property
    def rank(self) -> tuple[int, float, float, str]:
        """Sorts by section, the best score first, then the newest; articles without a date last."""
        published_at = self.candidate.version_event.published_at
        newest = -published_at.timestamp() if published_at else float("inf")
        return (self.place, -score_of(self.reasons), newest, self.article_id)

    @property
    def seniority(self) -> tuple[int, float, float, str]:
        """Sorts by section, the best score first, then the earliest; articles without a date last."""
        published_at = self.candidate.version_event.published_at
        earliest = published_at.timestamp() if published_at else float("inf")
        return (self.place, -score_of(self.reasons), earliest, self.article_id)


def select(
    channel: Channel, alive: Mapping[str, Candidate], delivered: Mapping[str, Delivered], ancestors: Ancestors
) -> Sequence[Selected]:
    """What is new to the readers and belongs to the channel, in the order of the digest."""
    selected = []
    for article_id, one in alive.items():
        known = delivered.get(article_id)
        if known is not None and (known.content_sha256 is not None or one.version <= known.version):
            continue
        found = placed(channel, one, ancestors)
        if found is not None:
            selected.append(Selected(one, found.reasons, found.section, found.place))
    return sorted(selected, key=lambda one: one.rank)
