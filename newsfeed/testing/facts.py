"""Facts with sensible defaults: name what the test is about, leave out the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Language
from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.events import (
    AnnotationCorrected,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    LogEvent,
    SeedRejected,
)
from newsfeed.values import Correction, EnricherUsed, EntityFound, Seed, TopicFound

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""The time of every fact that does not say another."""


def document(title: str = "Bridge reopens", body: str = "The bridge is open again.") -> ArticleDocument:
    """A text."""
    return ArticleDocument(title=title, body=body)


def seed(path: str = "town/bridge.txt") -> Seed:
    """The file of an article."""
    return Seed(path=path, sha256=derive_id(path).hex * 2, size_bytes=100, modified_at=NOON)


def version_append(article_id: str, version: int = 1, text: ArticleDocument | None = None) -> Append:
    """A version of an article and its text: ingested when it is the first, else revised."""
    text = text or document(body=f"Version {version} of {article_id}.")
    fields = {
        "event_id": derive_id("version", article_id, version, text.sha256),
        "occurred_at": NOON,
        "correlation_id": derive_id("seed", article_id),
        "article_id": article_id,
        "version": version,
        "content_sha256": text.sha256,
        "source_id": "town",
        "seed": seed(f"town/{article_id}.txt"),
        "format": "text",
        "parser_version": 1,
        "character_count": len(text.text),
    }
    model = ArticleIngested if version == 1 else ArticleRevised
    return Append(model.model_validate(fields), [text])


def withdrawn_append(article_id: str, version: int) -> Append:
    """A withdrawal."""
    event = ArticleWithdrawn(
        event_id=derive_id("version", article_id, version, "withdrawn"),
        occurred_at=NOON,
        correlation_id=derive_id("seed", article_id),
        article_id=article_id,
        version=version,
        source_id="town",
        seed=seed(f"town/{article_id}.txt"),
        reason="wire_canceled",
    )
    return Append(event)


def erased_append(article_id: str, version: int, *sha256s: str) -> Append:
    """A take-down of some documents, whatever version the article has."""
    event = ArticleErased(
        event_id=derive_id("version", article_id, version, "erased"),
        occurred_at=NOON,
        correlation_id=derive_id("seed", article_id),
        article_id=article_id,
        version=version,
        reason="court order",
        content_sha256s=sha256s,
    )
    return Append(event, erases=sha256s)


def rejected_append(code: str = "empty", path: str = "town/empty.txt") -> Append:
    """A rejection of a seed: those of one path are a subject that has no version, and in partition 0."""
    event = SeedRejected(
        event_id=derive_id("rejected", path, code),
        occurred_at=NOON,
        correlation_id=derive_id("seed", path),
        source_id="town",
        seed=seed(path),
        code=code,
    )
    return Append(event)


def enrichment_append(
    cause: ArticleIngested | ArticleRevised,
    topics: tuple[TopicFound, ...] = (),
    entities: tuple[EntityFound, ...] = (),
) -> Append:
    """What enrichment found in a version that stands in the log."""
    assert cause.position is not None
    language = Language(code="en", confidence=1.0, method="detected")
    found = EnrichmentDocument(language=language)
    event = ArticleEnriched(
        event_id=derive_id("enriched", cause.event_id),
        occurred_at=NOON,
        correlation_id=cause.correlation_id,
        causation_id=cause.event_id,
        article_id=cause.article_id,
        version=cause.version,
        content_sha256=cause.content_sha256,
        enrichment_sha256=found.sha256,
        of_position=cause.position,
        enricher=EnricherUsed(name="test", version="1"),
        language=language,
        entities=entities,
        topics=topics,
    )
    return Append(event, [found], cause=cause.position)


async def version_at(log: ArticleLog, position: int, partition: int = 0) -> ArticleIngested | ArticleRevised:
    """The version that stands at a position, as the log keeps it."""
    entry = await log.entry(partition, position)
    assert entry is not None
    assert isinstance(entry.event, ArticleIngested | ArticleRevised)
    return entry.event


@dataclass(frozen=True, slots=True)
class _Raw(Append):
    """An append of bytes that are no event of ours."""

    json: bytes = b""
    is_version: bool = False

    @property
    def adds_version(self) -> bool:
        """As the test says."""
        return self.is_version

    def encoded(self) -> bytes:
        """The bytes but for the closing brace."""
        return self.json.removesuffix(b"}")


async def append_raw(log: ArticleLog, subject: str, json: str | bytes, *, adds_version: bool = False) -> int:
    """Append what no model of ours would write, through the log's own commit; its position.

    For planting poison: ``json`` must end in ``}`` to get its position and time.
    """
    event = cast("LogEvent", SimpleNamespace(subject=subject, event_id=uuid4()))
    data = json.encode() if isinstance(json, str) else json
    raw = _Raw(event, json=data, is_version=adds_version)
    return (await log.append(log.partition_of(subject), [raw]))[0]


def corrected_append(
    article_id: str, *corrections: Correction, version: int = 1, sha256: str = "c" * 64
) -> Append:
    """An editor's word on an article; ``sha256`` is the text that mentions count in."""
    event = AnnotationCorrected(
        event_id=derive_id("corrected", article_id, version, *corrections),
        occurred_at=NOON,
        correlation_id=derive_id("seed", article_id),
        article_id=article_id,
        version=version,
        content_sha256=sha256,
        corrections=corrections,
    )
    return Append(event)
