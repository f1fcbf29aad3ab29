"""How far a channel is, and what its readers hold: folds of its windows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from newsfeed.events import ChannelEvent, DigestPublished
from newsfeed.values import ItemPublished, NoticePublished

NO_WINDOW = "0-0"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def window_milliseconds(boundary: datetime) -> int:
    """The whole milliseconds of Unix time that a window's id begins with; what is left over is cut off."""
    return (boundary - EPOCH) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The end of a channel's newest window; ``number`` is that of its newest digest, 0 before the first.

    ``regular_id`` is the newest window but for the extra ones, which cover nothing.
    """

    window_id: str = NO_WINDOW
    number: int = 0
    positions: Mapping[int, int] = field(default_factory=dict)
    regular_id: str = NO_WINDOW

    @property
    def closed_at(self) -> datetime | None:
        """The boundary of the newest window; None before the first."""
        return _boundary_of(self.window_id)

    @property
    def opened_at(self) -> datetime | None:
        """When the window that is open now began; None before the first has closed."""
        return _boundary_of(self.regular_id)

    @property
    def due_after(self) -> datetime | None:
        """The next window closes after this moment; at one where only extra ones closed it still may."""
        closed_at, opened_at = self.closed_at, self.opened_at
        if closed_at is None or closed_at == opened_at:
            return closed_at
        return closed_at - timedelta(milliseconds=1)

    def stored(self) -> dict[str, str]:
        """The fields of its hash."""
        ends = {f"p{partition}": str(through) for partition, through in self.positions.items()}
        return {**ends, "id": self.window_id, "number": str(self.number), "regular": self.regular_id}

    def after(self, window_id: str, fact: ChannelEvent) -> Cursor:
        """The cursor after one window more, whose digest follows the last."""
        ends = {one.partition: one.through for one in fact.window.ranges}
        return Cursor(
            window_id=window_id,
            number=self.number + isinstance(fact, DigestPublished),
            positions={**self.positions, **ends},
            regular_id=self.regular_id if isinstance(fact, DigestPublished) and fact.extra else window_id,
        )

    def next_id(self, boundary: datetime) -> str:
        """The id of the next window to close at a boundary: ``<T_ms>-<n>``, n counting from 0."""
        milliseconds = window_milliseconds(boundary)
        newest_ms, _, count = self.window_id.partition("-")
        return f"{milliseconds}-{int(count) + 1 if int(newest_ms) == milliseconds else 0}"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What readers of a channel hold of an article; ``content_sha256`` is None once it was retracted."""

    digest: int
    version: int
    content_sha256: str | None

    def stored(self) -> str:
        """The ledger's form."""
        return f"{self.digest}|{self.version}|{self.content_sha256 or ''}"

    @classmethod
    def parse(cls, stored: bytes) -> Delivered:
        """Read :meth:`stored` back."""
        digest, version, sha256 = stored.decode().split("|")
        return cls(int(digest), int(version), sha256 or None)


def story_key(story_id: str) -> str:
    """Under what the ledger keeps the digest that told a story last."""
    return f"story:{story_id}"


def revised_key(number: int) -> str:
    """Under what the ledger keeps the digest that revised another one last, and which revision that is."""
    return f"revised:{number}"


def superseded_key(number: int) -> str:
    """Under what the ledger keeps the digest that replaced another one."""
    return f"superseded:{number}"


def ledger_changes(fact: ChannelEvent) -> dict[str, Delivered]:
    """What readers hold after a window: of each article that its digest speaks of, and of their stories."""
    if not isinstance(fact, DigestPublished):
        return {}
    said: list[ItemPublished | NoticePublished] = [*fact.items, *fact.notices]
    stories = {story_key(one.story_id) for one in fact.items if one.story_id}
    replaced = {superseded_key(fact.supersedes)} if fact.supersedes else set()
    return {
        **{key: Delivered(fact.number, 1, None) for key in replaced},
        **{story: Delivered(fact.number, 1, None) for story in sorted(stories)},
        **{revised_key(one.number): Delivered(fact.number, one.revision, None) for one in fact.revises},
        **{one.article_id: Delivered(fact.number, one.version, one.content_sha256) for one in said},
    }


def _boundary_of(window_id: str) -> datetime | None:
    if window_id == NO_WINDOW:
        return None
    return datetime.fromtimestamp(int(window_id.partition("-")[0]) / 1000, UTC)


def order_of(stream_id: str) -> tuple[int, int]:
    """Stream ids in the order of their streams."""
    milliseconds, _, sequence = stream_id.partition("-")
    return int(milliseconds), int(sequence)
