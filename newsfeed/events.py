"""The facts: frozen, in the past tense, versioned.

Events carry identifiers, hashes, numbers, times and codes, never the text of an article: texts
stand once in the content store (:mod:`newsfeed.documents`) and can be erased there.
``position`` and ``recorded_at`` are known only to the log, which adds them on append.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import AwareDatetime, Field, TypeAdapter

from newsfeed.documents import Language
from newsfeed.envelope import Event, Sha256, derive_id
from newsfeed.upcasters import parse_event
from newsfeed.values import (
    ArticleAlike,
    Charset,
    Correction,
    DigestRevised,
    EnricherUsed,
    EntityFound,
    ItemPublished,
    NoticePublished,
    Seed,
    TopicFound,
    Window,
)


class ArticleEvent(Event):
    """A fact about one article. ``version`` counts from 1."""

    article_id: str
    version: Annotated[int, Field(ge=1)]

    @property
    def subject(self) -> str:
        """The chain of the log that this event belongs to."""
        return self.article_id


class ArticleVersionEvent(ArticleEvent):
    """A fact that made a new version of an article readable."""

    content_sha256: Sha256
    source_id: str
    seed: Seed
    format: str
    parser_version: int
    charset: Charset | None = None
    language: str | None = None
    source_version: str | None = None
    published_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    urgency: int | None = None
    topics: tuple[str, ...] = ()
    title_derived: bool = False
    character_count: int = 0
    warnings: tuple[str, ...] = ()


class ArticleIngested(ArticleVersionEvent):
    """An article was seen for the first time."""

    type: Literal["article.ingested"] = "article.ingested"
    schema_version: Literal[1] = 1


class ArticleRevised(ArticleVersionEvent):
    """A known article came with another text."""

    type: Literal["article.revised"] = "article.revised"
    schema_version: Literal[1] = 1
    previous_content_sha256: Sha256 | None = None


class ArticleWithdrawn(ArticleEvent):
    """Its source took the article back; ``reason`` is a code such as ``wire_canceled``, ``seed_deleted``."""

    type: Literal["article.withdrawn"] = "article.withdrawn"
    schema_version: Literal[1] = 1
    source_id: str
    seed: Seed
    reason: str
    source_version: str | None = None
    updated_at: AwareDatetime | None = None


class ArticleErased(ArticleEvent):
    """Its texts, and what was found in them, were taken down for good; only their hashes are told.

    ``reason`` is the operator's, such as the number of a court order, or ``wire_canceled``.
    """

    type: Literal["article.erased"] = "article.erased"
    schema_version: Literal[1] = 1
    reason: Annotated[str, Field(max_length=200)]
    content_sha256s: tuple[Sha256, ...] = ()
    enrichment_sha256s: tuple[Sha256, ...] = ()


class ArticleDuplicated(ArticleEvent):
    """A second seed held the very bytes of a first; ``seed`` is the second."""

    type: Literal["article.duplicated"] = "article.duplicated"
    schema_version: Literal[1] = 1
    seed: Seed
    first_path: str


class SeedMoved(ArticleEvent):
    """The file of an article got another name, and nothing else changed; ``seed`` is how it is now.

    There is one for each article that the file holds.
    """

    type: Literal["seed.moved"] = "seed.moved"
    schema_version: Literal[1] = 1
    seed: Seed
    from_path: str


class SeedRejected(Event):
    """A seed could not be read as news. ``code`` is stable, ``detail`` names no text of it."""

    type: Literal["seed.rejected"] = "seed.rejected"
    schema_version: Literal[1] = 1
    source_id: str
    seed: Seed
    code: str
    detail: str = ""

    @property
    def subject(self) -> str:
        """Rejections of one path form a chain of their own."""
        return f"seed:{derive_id(self.seed.path)}"


class ArticleEnriched(ArticleEvent):
    """What enrichment found in one version; ``of_position`` is where that version stands.

    ``alike`` are near-duplicates and candidates for revisions among earlier articles, the likest first.
    ``corrected_through`` is where the newest correction stands that was taken into it.
    """

    type: Literal["article.enriched"] = "article.enriched"
    schema_version: Literal[1] = 1
    content_sha256: Sha256
    enrichment_sha256: Sha256
    of_position: int
    enricher: EnricherUsed
    language: Language
    entities: tuple[EntityFound, ...] = ()
    topics: tuple[TopicFound, ...] = ()
    story_id: str | None = None
    alike: tuple[ArticleAlike, ...] = ()
    warnings: tuple[str, ...] = ()
    corrected_through: int | None = None


class AnnotationCorrected(ArticleEvent):
    """An editor says what is in an article; it wins over every enrichment that comes after it.

    ``content_sha256`` is the text that mentions count in, ``corrected_by`` a code of who said it.
    """

    type: Literal["annotation.corrected"] = "annotation.corrected"
    schema_version: Literal[1] = 1
    content_sha256: Sha256
    corrections: Annotated[tuple[Correction, ...], Field(min_length=1)]
    corrected_by: Annotated[str, Field(max_length=100)] | None = None


class DigestPublished(Event):
    """A window of a channel was frozen as a numbered digest.

    ``bodies`` maps a format (``json``, ``text``, ``html``) to the sha256 of its rendered bytes.
    ``extra`` marks one that came out between two windows to retract something at once: it covers no position.
    ``revises`` are the earlier digests that it takes something out of. ``supersedes`` is the one that it
    replaces: something in that was retracted before it had reached everybody.
    """

    type: Literal["digest.published"] = "digest.published"
    schema_version: Literal[1] = 1
    channel: str
    channel_version: Sha256
    number: int
    window: Window
    items: tuple[ItemPublished, ...]
    notices: tuple[NoticePublished, ...]
    bodies: dict[str, Sha256]
    extra: bool = False
    revises: tuple[DigestRevised, ...] = ()
    supersedes: int | None = None

    @property
    def article_ids(self) -> set[str]:
        """Every article that the digest speaks of."""
        return {item.article_id for item in self.items} | {notice.article_id for notice in self.notices}


class WindowSkipped(Event):
    """A window of a channel held nothing for its readers."""

    type: Literal["window.skipped"] = "window.skipped"
    schema_version: Literal[1] = 1
    channel: str
    channel_version: Sha256
    window: Window


VersionEvent = ArticleIngested | ArticleRevised | ArticleWithdrawn | ArticleErased
"""Every fact that raises the version of its article."""

LogEvent = Annotated[
    ArticleIngested
    | ArticleRevised
    | ArticleWithdrawn
    | ArticleErased
    | ArticleDuplicated
    | SeedMoved
    | SeedRejected
    | ArticleEnriched
    | AnnotationCorrected,
    Field(discriminator="type"),
]
"""Every fact of the article log."""

ChannelEvent = Annotated[DigestPublished | WindowSkipped, Field(discriminator="type")]
"""Every fact of a channel's windows."""

LOG_EVENTS: tuple[type[Event], ...] = get_args(get_args(LogEvent)[0])
CHANNEL_EVENTS: tuple[type[Event], ...] = get_args(get_args(ChannelEvent)[0])

_LOG_EVENT: TypeAdapter[LogEvent] = TypeAdapter(LogEvent)
_CHANNEL_EVENT: TypeAdapter[ChannelEvent] = TypeAdapter(ChannelEvent)


def versions_of(models: Iterable[type[Event]]) -> dict[str, int]:
    """The current ``schema_version`` by wire type."""
    return {
        model.model_fields["type"].default: model.model_fields["schema_version"].default for model in models
    }


CURRENT_VERSIONS = versions_of((*LOG_EVENTS, *CHANNEL_EVENTS))
"""The version in which each type of event is written now; older ones are upcast when they are read."""


def parse_log_event(data: bytes) -> LogEvent:
    """Read an entry of the article log; raises ``EventUnreadable``."""
    return parse_event(_LOG_EVENT, CURRENT_VERSIONS, data)


def parse_channel_event(data: bytes) -> ChannelEvent:
    """Read an entry of a channel's windows; raises ``EventUnreadable``."""
    return parse_event(_CHANNEL_EVENT, CURRENT_VERSIONS, data)
