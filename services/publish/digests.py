"""The public JSON of a digest: what subscribers, feeds and pages read.

Every field is always there, but for those that only bundles have; what is not known is null. Times are
in UTC. Nothing in a digest depends on when or where it was made: the same window gives the same bytes.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal, Self
from uuid import UUID

import orjson
from pydantic import AwareDatetime, Field

from newsfeed.documents import EntityType, Mention, Ratio
from newsfeed.envelope import Frozen, Sha256
from newsfeed.values import DigestReference, NoticeKind, Window

ReasonKind = Literal[
    "topic", "entity", "place", "language", "source", "story", "urgency", "words", "everything"
]


def _is_unset(value: object) -> bool:
    """Whether a field of bundles is left out, so that digests of other channels have the bytes they had."""
    return not value


class Reason(Frozen):
    """Why an article is in a digest: one clause of the channel and what met it.

    ``clause`` is what the channel asks for (``*`` for everything; a clause of its query as it would
    be written there), ``id`` what the article has: the same, or a topic below it. ``name`` is for
    people, null when the text was erased. ``score`` is the confidence in a topic, entity or place, 0
    to 1. ``mentions`` are up to three places in the text that speak for it (see ``ArticleDocument.text``).
    ``member`` is the channel of a bundle whose clause it is; the bundle's own clauses have none.
    """

    kind: ReasonKind
    clause: str
    id: str
    name: str | None
    score: Ratio | None = None
    mentions: tuple[Mention, ...] = ()
    member: str | None = Field(default=None, exclude_if=_is_unset)


class ItemEntity(Frozen):
    """A person, place or organisation of an article, and how much the article is about it."""

    id: str
    type: EntityType
    name: str
    salience: Ratio


class ItemTopic(Frozen):
    """An IPTC Media Topic of an article, with its English label."""

    id: str
    label: str
    score: Ratio


class AlsoReported(Frozen):
    """Another article that tells the same as the item it stands under."""

    article_id: str
    version: int
    title: str | None
    url: str | None
    source_id: str
    language: str
    published_at: AwareDatetime | None
    why: tuple[Reason, ...]
    retracted_by: int | None = None


class Item(Frozen):
    """An article in a digest. ``title`` is null when its text was erased before the digest closed.

    ``seed`` is the path of the file it came from, ``late`` says that it was published before the
    window opened and arrived in it all the same. ``also`` are near-duplicates and other articles of
    its story; ``develops`` is the digest that told of the same before. ``retracted_by`` is the digest
    that took it back, which only a revision can know. ``section`` is the channel of a bundle that it
    stands under.
    """

    article_id: str
    version: int
    title: str | None
    summary: str | None
    url: str | None
    byline: str | None
    source_id: str
    seed: str
    language: str
    published_at: AwareDatetime | None
    ingested_at: AwareDatetime
    entities: tuple[ItemEntity, ...]
    topics: tuple[ItemTopic, ...]
    why: tuple[Reason, ...]
    correlation_id: UUID
    late: bool
    story_id: str | None = None
    develops: int | None = None
    also: tuple[AlsoReported, ...] = ()
    retracted_by: int | None = None
    section: str | None = Field(default=None, exclude_if=_is_unset)


class Notice(Frozen):
    """A correction or retraction of what an earlier digest carried.

    ``version`` is the one that corrects or retracts; ``title`` is its new title, null for
    retractions and erased texts; ``language`` is the title's.
    """

    kind: NoticeKind
    article_id: str
    version: int
    title: str | None
    language: str | None
    corrects: DigestReference


class Section(Frozen):
    """The items of a bundle that belong to one of its channels: its name, and its title for people."""

    name: str
    title: str


class DigestContent(Frozen):
    """Everything of a digest but its own hash.

    ``stream_id`` is its id in the channel's stream, ``<T_ms>-<n>``: windows that were cut short because
    they were full share the milliseconds. ``published_at`` is when the window closed.
    ``revision`` is 1 for what goes out; the archive shows later ones where an article was retracted.
    ``supersedes`` is the digest that this one replaces; ``superseded_by`` the one that replaces it, which
    only a revision can know.
    ``more`` are the ids of articles beyond the channel's ``max_items``; they count as delivered.
    ``sections`` are those of a bundle that have items, in the order of the items.
    """

    channel: str
    channel_title: str
    channel_version: Sha256
    number: Annotated[int, Field(ge=1)]
    stream_id: str
    window: Window
    published_at: AwareDatetime
    items: tuple[Item, ...]
    notices: tuple[Notice, ...]
    more_count: int
    more: tuple[str, ...]
    revision: int = 1
    revised_at: AwareDatetime | None = None
    supersedes: int | None = None
    superseded_by: int | None = None
    sections: tuple[Section, ...] = Field(default=(), exclude_if=_is_unset)

    def section_title(self, name: str) -> str:
        """What a section is called."""
        return next(one.title for one in self.sections if one.name == name)


class Digest(DigestContent):
    """One frozen, numbered issue of a channel; ``sha256`` covers all other fields."""

    sha256: Sha256

    @classmethod
    def sealed(cls, content: DigestContent) -> Self:
        """The digest of a content, with the hash of its canonical JSON."""
        return cls(**dict(content), sha256=_sha256(content))

    @property
    def is_intact(self) -> bool:
        """Whether the hash still is that of the content."""
        return self.sha256 == _sha256(self)

    def canonical_bytes(self) -> bytes:
        """The very bytes that go out: compact UTF-8 JSON with sorted keys."""
        return _canonical(self.model_dump(mode="json"))


def _canonical(value: dict[str, object]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _sha256(content: DigestContent) -> str:
    return hashlib.sha256(_canonical(content.model_dump(mode="json", exclude={"sha256"}))).hexdigest()
