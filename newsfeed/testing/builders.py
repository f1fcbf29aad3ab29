"""Events as a log gives them back, and documents, with only what matters said by the caller.

For tests of what reads a log; :mod:`newsfeed.testing.facts` makes what is put into one. Everything
is derived from the arguments: the same call gives the same event. Positions and times of record,
which a log would add, are arguments, too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity, Language, Mention, Topic
from newsfeed.envelope import derive_id
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, ArticleWithdrawn
from newsfeed.values import EnricherUsed, EntityFound, Seed, TopicFound

START_AT = datetime(2026, 3, 1, tzinfo=UTC)
"""When position 0 was recorded; every position after it is a second later."""


def sha256_of(text: str) -> str:
    """64 hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def seed(path: str = "desk/report.txt") -> Seed:
    """A file under the watched folder."""
    return Seed(path=path, sha256=sha256_of(path), size_bytes=len(path), modified_at=START_AT)


def document(title: str = "A title", body: str = "A body.", **fields: object) -> ArticleDocument:
    """The text of an article; ``fields`` are any others of :class:`ArticleDocument`."""
    return ArticleDocument.model_validate({"title": title, "body": body, **fields})


def ingested(
    article_id: str = "article-1", position: int = 1, content: str = "text", **fields: object
) -> ArticleIngested:
    """Version 1 of an article; ``content`` stands for its text, ``fields`` are any others of the event."""
    return ArticleIngested.model_validate(_version(article_id, 1, position, content) | fields)


def revised(
    article_id: str = "article-1",
    version: int = 2,
    position: int = 2,
    content: str = "new text",
    **fields: object,
) -> ArticleRevised:
    """A later version of an article."""
    return ArticleRevised.model_validate(_version(article_id, version, position, content) | fields)


def withdrawn(article_id: str = "article-1", version: int = 2, position: int = 2) -> ArticleWithdrawn:
    """The end of an article; like a revision it raises the version."""
    return ArticleWithdrawn.model_validate(
        _envelope("withdrawn", article_id, version, position)
        | {"source_id": "desk", "seed": seed(), "reason": "wire_canceled"}
    )


def enrichment(
    language: str = "en",
    topics: Mapping[str, float] | None = None,
    entities: Mapping[str, float] | None = None,
) -> EnrichmentDocument:
    """What was found in a text: scores by topic id and by entity id.

    An entity's salience is its score; labels and names are made of the ids, mentions are of one word.
    """
    return EnrichmentDocument(
        language=Language(code=language, confidence=1, method="declared"),
        topics=tuple(
            Topic(id=id_, label=f"label of {id_}", score=score, mentions=(Mention(start=0, end=4),))
            for id_, score in (topics or {}).items()
        ),
        entities=tuple(
            Entity(
                id=id_,
                type="LOC",
                name=f"name of {id_}",
                score=score,
                salience=score,
                method="gazetteer",
                mentions=(Mention(start=0, end=4),),
            )
            for id_, score in (entities or {}).items()
        ),
    )


def enriched(
    of: ArticleIngested | ArticleRevised, found: EnrichmentDocument | None = None, position: int = 3
) -> ArticleEnriched:
    """The event that an enrichment of a version gives; without one, English and nothing found."""
    what = found or enrichment()
    return ArticleEnriched.model_validate(
        _envelope("enriched", of.article_id, of.version, position)
        | {
            "correlation_id": of.correlation_id,
            "causation_id": of.event_id,
            "content_sha256": of.content_sha256,
            "enrichment_sha256": what.sha256,
            "of_position": of.position,
            "enricher": EnricherUsed(name="builder", version="1"),
            "language": what.language,
            "topics": tuple(map(TopicFound.of, what.topics)),
            "entities": tuple(map(EntityFound.of, what.entities)),
        }
    )


def _envelope(kind: str, article_id: str, version: int, position: int) -> dict[str, object]:
    recorded_at = START_AT + timedelta(seconds=position)
    return {
        "event_id": derive_id(kind, article_id, version, position),
        "occurred_at": recorded_at,
        "recorded_at": recorded_at,
        "position": position,
        "correlation_id": derive_id("correlation", article_id, version),
        "article_id": article_id,
        "version": version,
    }


def _version(article_id: str, version: int, position: int, content: str) -> dict[str, object]:
    return _envelope("version", article_id, version, position) | {
        "content_sha256": sha256_of(content),
        "source_id": "desk",
        "seed": seed(f"desk/{article_id}.txt"),
        "format": "text",
        "parser_version": 1,
    }
