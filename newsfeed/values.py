"""The values inside the facts: a seed, what was found, a window, what a digest says of an article."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from newsfeed.documents import Entity, EntityType, Mention, Ratio, Topic
from newsfeed.envelope import Frozen, Sha256


class Seed(Frozen):
    """The file that an article came from.

    ``path`` is relative to the watched folder, ``/``-separated, with every byte that is not UTF-8
    percent-encoded; ``modified_at`` is the file's mtime; ``sha256`` is None when it could not be read.
    """

    path: str
    sha256: Sha256 | None = None
    size_bytes: int
    modified_at: AwareDatetime


class Charset(Frozen):
    """How the bytes became text; ``method``: bom, declared, utf-8 or detected."""

    name: str
    method: str


class EnricherUsed(Frozen):
    """Which engine spoke, so that a later one can be told from it."""

    name: str
    version: str


class EntityFound(Frozen):
    """An entity without its name, which stands in the enrichment document."""

    id: str
    type: EntityType
    score: Ratio
    salience: Ratio
    mention_count: int

    @classmethod
    def of(cls, entity: Entity) -> EntityFound:
        """What a fact says of an entity in an enrichment document."""
        return cls(
            id=entity.id,
            type=entity.type,
            score=entity.score,
            salience=entity.salience,
            mention_count=len(entity.mentions),
        )


class TopicFound(Frozen):
    """A topic by its IPTC code."""

    id: str
    score: Ratio

    @classmethod
    def of(cls, topic: Topic) -> TopicFound:
        """What a fact says of a topic in an enrichment document."""
        return cls(id=topic.id, score=topic.score)


class EntityAdded(Frozen):
    """The article is about an entity that was not found; ``mentions`` count in the corrected text."""

    op: Literal["add_entity"] = "add_entity"
    id: str
    type: EntityType
    mentions: tuple[Mention, ...] = ()


class EntityRemoved(Frozen):
    """What was found is no entity, or not this one."""

    op: Literal["remove_entity"] = "remove_entity"
    id: str


class EntityRetyped(Frozen):
    """A person was taken for a place, say."""

    op: Literal["retype_entity"] = "retype_entity"
    id: str
    type: EntityType


class EntityRelinked(Frozen):
    """Its names stand for another: the id ``to``."""

    op: Literal["relink_entity"] = "relink_entity"
    id: str
    to: str


class TopicAdded(Frozen):
    """The article is about a topic, by its IPTC code."""

    op: Literal["add_topic"] = "add_topic"
    id: str


class TopicRemoved(Frozen):
    """The article is not about a topic."""

    op: Literal["remove_topic"] = "remove_topic"
    id: str


Correction = Annotated[
    EntityAdded | EntityRemoved | EntityRetyped | EntityRelinked | TopicAdded | TopicRemoved,
    Field(discriminator="op"),
]
"""One thing that an editor says about what was found in an article."""


class ArticleAlike(Frozen):
    """An earlier article with much the same words; ``likeness`` is the Jaccard index of their shingles."""

    article_id: str
    version: int
    likeness: Ratio


NoticeKind = Literal["correction", "retraction"]


class Range(Frozen):
    """The positions ``(after, through]`` of one partition."""

    partition: int
    after: int
    through: int


class Window(Frozen):
    """What one digest covers: everything recorded up to ``closed_at`` that no earlier one covered."""

    opened_at: AwareDatetime | None = None
    closed_at: AwareDatetime
    ranges: tuple[Range, ...]


class DigestReference(Frozen):
    """The digest that carried a version of an article."""

    digest: int
    version: int


class ItemPublished(Frozen):
    """An article in a digest; ``lead`` is the article that it stands under, where it does not lead itself."""

    article_id: str
    version: int
    content_sha256: Sha256
    story_id: str | None = None
    lead: str | None = None


class DigestRevised(Frozen):
    """What the archive shows of an earlier digest from now on: a tombstone where an article was retracted.

    ``revision`` counts from 2, the first being what came out; ``bodies`` as in the digest's own fact.
    """

    number: int
    revision: int
    article_ids: tuple[str, ...]
    bodies: dict[str, Sha256]


class NoticePublished(Frozen):
    """A correction or retraction in a digest of an article that an earlier digest carried."""

    kind: NoticeKind
    article_id: str
    version: int
    content_sha256: Sha256 | None = None
    corrects: DigestReference
