"""What the index of stories keeps of an article, and what it answers."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
import orjson

from newsfeed.values import ArticleAlike
from services.enrich.profiles import Profile

WINDOW_MS = 72 * 3_600_000
"""Articles further apart than 72 hours are never of one story, and nothing older is kept."""

KEPT_DECISIONS = 100
"""Versions of one article whose decision is kept: as many as a batch can hold."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The story of a version of an article, and the earlier articles that it is like."""

    story_id: str
    alike: tuple[ArticleAlike, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """An article in the index. ``profile`` is None for one that was withdrawn or erased.

    ``decisions`` is what was decided, by version; ``version`` is the newest that the index was told of.
    """

    article_id: str
    version: int
    at_ms: int
    story_id: str
    profile: Profile | None
    decisions: Mapping[int, Decision] = field(default_factory=dict)

    @classmethod
    def of(cls, profile: Profile, decision: Decision, known: Record | None = None) -> Record:
        """The record of a version that was decided; ``known`` is the article's record before."""
        return cls(
            article_id=profile.article_id,
            version=profile.version,
            at_ms=profile.at_ms,
            story_id=decision.story_id,
            profile=profile,
            decisions=_newest({**(known.decisions if known else {}), profile.version: decision}),
        )

    def deciding(self, version: int, decision: Decision) -> Record:
        """The same, with what was decided about a version before the newest."""
        return replace(self, decisions=_newest({**self.decisions, version: decision}))

    @property
    def newness(self) -> tuple[int, int]:
        """What tells a newer record of the article from an older one: its version, then its corrections."""
        return self.version, self.profile.corrected_through if self.profile else 0

    @property
    def names(self) -> tuple[str, ...]:
        """What the article is found by; nothing when it is gone."""
        return self.profile.names if self.profile else ()

    def to_bytes(self) -> bytes:
        """JSON; numbers that could be words of the text are hashes."""
        stored: dict[str, Any] = {
            "id": self.article_id,
            "v": self.version,
            "at": self.at_ms,
            "story": self.story_id,
            "decisions": {
                str(version): [one.story_id, [[a.article_id, a.version, a.likeness] for a in one.alike]]
                for version, one in self.decisions.items()
            },
        }
        if self.profile:
            stored |= {
                "language": self.profile.language,
                "signature": base64.b64encode(self.profile.signature.tobytes()).decode(),
                "entities": dict(self.profile.entities),
                "topics": sorted(self.profile.topics),
                "terms": {str(term): weight for term, weight in self.profile.terms.items()},
                "corrected": self.profile.corrected_through,
            }
        return orjson.dumps(stored, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, data: bytes) -> Record:
        """Read back :meth:`to_bytes`."""
        stored: dict[str, Any] = orjson.loads(data)
        return cls(
            article_id=stored["id"],
            version=stored["v"],
            at_ms=stored["at"],
            story_id=stored["story"],
            profile=_profile(stored),
            decisions={int(version): _decision(one) for version, one in stored["decisions"].items()},
        )


def _newest(decisions: Mapping[int, Decision]) -> dict[int, Decision]:
    return dict(sorted(decisions.items())[-KEPT_DECISIONS:])


def _profile(stored: Mapping[str, Any]) -> Profile | None:
    if "signature" not in stored:
        return None
    return Profile(
        article_id=stored["id"],
        version=stored["v"],
        at_ms=stored["at"],
        language=stored["language"],
        signature=np.frombuffer(base64.b64decode(stored["signature"]), np.uint32),
        entities=stored["entities"],
        topics=frozenset(stored["topics"]),
        terms={int(term): weight for term, weight in stored["terms"].items()},
        corrected_through=stored.get("corrected", 0),
    )


def _decision(stored: Sequence[Any]) -> Decision:
    story_id, alike = stored
    return Decision(
        story_id, tuple(ArticleAlike(article_id=i, version=v, likeness=score) for i, v, score in alike)
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What somebody saw of the index at one moment, numbered ``sequence``.

    ``known`` is the article's own record, ``others`` those that share a band, or two other names, with
    it within 72 hours; ``counts`` tells by name how many share it, ``total`` how many there are at all.
    """

    sequence: int
    filled: bool
    known: Record | None
    others: Sequence[Record]
    counts: Mapping[str, int]
    total: int


class StoryIndex(Protocol):
    """Where articles of the last 72 hours (by their own times) are found by what they have in common."""

    async def look(self, article_id: str, names: Sequence[str], at_ms: int) -> Seen:
        """What is there now that has something in common with an article."""

    async def place(self, record: Record, seen: Seen) -> bool:
        """Put a record in the place of the article's one before; False if anything relevant changed since."""

    async def mark_filled(self) -> None:
        """Say that everything that the log has to tell is in the index."""

    async def clear(self) -> None:
        """Forget everything."""
