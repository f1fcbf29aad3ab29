"""The current state of one article, folded from its events. Pure: no clock, no Redis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter

from newsfeed.events import (
    AnnotationCorrected,
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleEvent,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    LogEvent,
    SeedMoved,
)
from newsfeed.readmodel.projection import Projection
from newsfeed.values import EntityFound, TopicFound

Status = Literal["active", "withdrawn", "erased"]


@dataclass(frozen=True, slots=True)
class ArticleState:
    """What the log says of an article, without its text.

    ``content_version`` is the version that ``content_sha256`` is the text of: the newest one that had
    a text. ``enriched_version`` is the version that entities, topics and story were found in.
    ``language`` is the declared one until a version is enriched. ``duplicates`` are the paths of
    other seeds with the same bytes. ``position`` is that of the newest event, in the article's partition.
    """

    article_id: str
    version: int
    status: Status
    source_id: str
    seed: str
    correlation_id: UUID
    position: int
    ingested_at: datetime | None
    updated_at: datetime | None
    format: str | None = None
    language: str | None = None
    published_at: datetime | None = None
    content_version: int | None = None
    content_sha256: str | None = None
    enriched_version: int | None = None
    enrichment_sha256: str | None = None
    entities: tuple[EntityFound, ...] = ()
    topics: tuple[TopicFound, ...] = ()
    story_id: str | None = None
    duplicates: tuple[str, ...] = ()

    @property
    def is_enriched(self) -> bool:
        """Whether what was found belongs to the text that the article has now."""
        return self.enriched_version is not None and self.enriched_version == self.content_version


def evolve(state: ArticleState | None, event: LogEvent) -> ArticleState | None:
    """The state after an event of the same article; an event that was seen before changes nothing.

    Events are recognised by their position, so they come as the log keeps them; what happens to an
    article whose beginning is not known (a trimmed log) is left out until its next version.
    """
    position = event.position or 0
    if state is not None and 0 < position <= state.position:
        return state
    if isinstance(event, ArticleIngested | ArticleRevised):
        return _readable(state, event)
    if isinstance(event, ArticleWithdrawn):
        return _withdrawn(state, event)
    return _continued(state, event) if state else None


def _continued(state: ArticleState, event: LogEvent) -> ArticleState:
    """The state after an event that says something of an article that is known."""
    match event:
        case ArticleErased():
            return _erased(state, event)
        case ArticleEnriched():
            return _enriched(state, event)
        case AnnotationCorrected():
            return replace(state, position=event.position or 0, updated_at=event.recorded_at)
        case ArticleDuplicated():
            paths = tuple(dict.fromkeys((*state.duplicates, event.seed.path)))
            return replace(
                state, duplicates=paths, position=event.position or 0, updated_at=event.recorded_at
            )
        case SeedMoved():
            return replace(
                state,
                seed=event.seed.path,
                duplicates=tuple(path for path in state.duplicates if path != event.seed.path),
                position=event.position or 0,
                updated_at=event.recorded_at,
            )
    return state


def _readable(state: ArticleState | None, event: ArticleIngested | ArticleRevised) -> ArticleState:
    enriched = state is not None and state.enriched_version is not None
    return replace(
        state or _begun(event),
        version=event.version,
        status="active",
        source_id=event.source_id,
        seed=event.seed.path,
        correlation_id=event.correlation_id,
        position=event.position or 0,
        updated_at=event.recorded_at,
        format=event.format,
        language=state.language if state and enriched else event.language,
        published_at=event.published_at or (state.published_at if state else None),
        content_version=event.version,
        content_sha256=event.content_sha256,
    )


def _withdrawn(state: ArticleState | None, event: ArticleWithdrawn) -> ArticleState:
    return replace(
        state or _begun(event),
        version=event.version,
        status="withdrawn",
        seed=event.seed.path,
        correlation_id=event.correlation_id,
        position=event.position or 0,
        updated_at=event.recorded_at,
    )


def _erased(state: ArticleState, event: ArticleErased) -> ArticleState:
    """Nothing that was read out of its texts is kept, neither is what is only known by their hashes."""
    return replace(
        state,
        version=event.version,
        status="erased",
        position=event.position or 0,
        updated_at=event.recorded_at,
        content_version=None,
        content_sha256=None,
        enriched_version=event.version,
        enrichment_sha256=None,
        entities=(),
        topics=(),
        story_id=None,
    )


def _begun(event: ArticleIngested | ArticleRevised | ArticleWithdrawn) -> ArticleState:
    return ArticleState(
        article_id=event.article_id,
        version=event.version,
        status="active",
        source_id=event.source_id,
        seed=event.seed.path,
        correlation_id=event.correlation_id,
        position=0,
        ingested_at=event.recorded_at,
        updated_at=event.recorded_at,
    )


def _enriched(state: ArticleState, event: ArticleEnriched) -> ArticleState:
    """An enrichment of an older version, come late, never replaces that of a newer one."""
    seen = replace(state, position=event.position or 0, updated_at=event.recorded_at)
    if event.version < (state.enriched_version or 0):
        return seen
    return replace(
        seen,
        enriched_version=event.version,
        enrichment_sha256=event.enrichment_sha256,
        language=event.language.code,
        entities=event.entities,
        topics=event.topics,
        story_id=event.story_id,
    )


_STATE: TypeAdapter[ArticleState] = TypeAdapter(ArticleState)


def encode(state: ArticleState) -> bytes:
    """JSON with the fields in their order; what is as it was at the beginning is left out."""
    return _STATE.dump_json(state, exclude_defaults=True)


ARTICLES = Projection(
    name="articles",
    fold=1,
    events=(ArticleEvent,),
    evolve=evolve,
    encode=encode,
    decode=_STATE.validate_json,
)
"""The current state of every article."""
