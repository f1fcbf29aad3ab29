"""One full example of every event in its current version, and the form in which a log stores it.

Every field is set, those that a log adds included: what is not in an example is not proven to be
readable for ever. ``tools/pin_events.py`` keeps the stored form of each under ``tests/golden``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from newsfeed.documents import Language
from newsfeed.envelope import Event, derive_id
from newsfeed.events import (
    LOG_EVENTS,
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    DigestPublished,
    SeedMoved,
    SeedRejected,
    WindowSkipped,
)
from newsfeed.values import (
    ArticleAlike,
    Charset,
    DigestReference,
    EnricherUsed,
    EntityFound,
    ItemPublished,
    NoticePublished,
    Range,
    Seed,
    TopicFound,
    Window,
)

OCCURRED_AT = datetime(2026, 3, 2, 6, 30, 0, 250_000, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ARTICLE_ID = "6f0b6d0c5f4e4a6b"
TEXT, NEW_TEXT, FOUND, DEFINITION = (digit * 64 for digit in "1234")
SEED = Seed(path="harbour/ferry.md", sha256="5" * 64, size_bytes=1842, modified_at=PUBLISHED_AT)


def stored_form(event: Event) -> bytes:
    """The bytes of the field ``__data__``: a log adds position and time of record behind the fields.

    The facts of a channel get neither: their stream orders them by the id of the window.
    """
    if not isinstance(event, LOG_EVENTS):
        return event.model_dump_json(exclude_none=True).encode()
    assert event.recorded_at is not None
    said = event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True)
    recorded = event.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f'{said[:-1]},"position":{event.position},"recorded_at":"{recorded}"}}'.encode()


def samples() -> tuple[Event, ...]:
    """The examples: of the article log as it would stand there, then of a channel's windows."""
    return (*_versions(), *_others(), *_windows())


def _envelope(position: int) -> dict[str, object]:
    return {
        "event_id": derive_id("sample", position),
        "occurred_at": OCCURRED_AT,
        "recorded_at": OCCURRED_AT + timedelta(milliseconds=position),
        "position": position,
        "correlation_id": derive_id("sample", "seed"),
        "causation_id": derive_id("sample", 0),
    }


def _version(position: int, version: int) -> Mapping[str, object]:
    return _envelope(position) | {
        "article_id": ARTICLE_ID,
        "version": version,
        "content_sha256": TEXT if version == 1 else NEW_TEXT,
        "source_id": "harbour",
        "seed": SEED,
        "format": "markdown",
        "parser_version": 1,
        "charset": Charset(name="utf-8", method="utf-8"),
        "language": "en",
        "source_version": "3",
        "published_at": PUBLISHED_AT,
        "updated_at": PUBLISHED_AT + timedelta(minutes=10),
        "urgency": 4,
        "topics": ("medtop:20000337",),
        "title_derived": True,
        "character_count": 1730,
        "warnings": ("date_assumed_utc",),
    }


def _versions() -> tuple[Event, ...]:
    first = ArticleIngested.model_validate(_version(1, 1))
    second = ArticleRevised.model_validate({**_version(3, 2), "previous_content_sha256": TEXT})
    withdrawn = ArticleWithdrawn.model_validate(
        _envelope(6)
        | {
            "article_id": ARTICLE_ID,
            "version": 3,
            "source_id": "harbour",
            "seed": SEED,
            "reason": "wire_canceled",
            "source_version": "4",
            "updated_at": PUBLISHED_AT + timedelta(minutes=20),
        }
    )
    erased = {"article_id": ARTICLE_ID, "version": 4, "reason": "court order 7/2026"}
    hashes = {"content_sha256s": (TEXT, NEW_TEXT), "enrichment_sha256s": (FOUND,)}
    return first, second, withdrawn, ArticleErased.model_validate(_envelope(9) | erased | hashes)


def _others() -> tuple[Event, ...]:
    enriched = {
        "article_id": ARTICLE_ID,
        "version": 1,
        "content_sha256": TEXT,
        "enrichment_sha256": FOUND,
        "of_position": 1,
        "enricher": EnricherUsed(name="newsfeed", version="1"),
        "language": Language(code="en", confidence=0.98, method="detected", declared="en", detected="en"),
        "entities": (EntityFound(id="wikidata:Q90", type="LOC", score=0.9, salience=0.5, mention_count=3),),
        "topics": (TopicFound(id="medtop:20000337", score=0.75),),
        "story_id": "story-1",
        "alike": (ArticleAlike(article_id="a1", version=1, likeness=0.82),),
        "warnings": ("text_cut",),
    }
    copy = SEED.model_copy(update={"path": "harbour/copy of ferry.md"})
    duplicated = {"article_id": ARTICLE_ID, "version": 2, "seed": copy, "first_path": SEED.path}
    moved_to = SEED.model_copy(update={"path": "archive/ferry.md"})
    moved = {"article_id": ARTICLE_ID, "version": 2, "seed": moved_to, "from_path": SEED.path}
    rejected = {"source_id": "harbour", "seed": SEED, "code": "empty", "detail": "no text was found"}
    return (
        ArticleEnriched.model_validate(_envelope(2) | enriched),
        ArticleDuplicated.model_validate(_envelope(4) | duplicated),
        SeedMoved.model_validate(_envelope(10) | moved),
        SeedRejected.model_validate(_envelope(5) | rejected),
    )


def _windows() -> tuple[Event, ...]:
    envelope = {**_envelope(7), "position": None, "recorded_at": None}
    later = {**_envelope(8), "position": None, "recorded_at": None}
    window = Window(
        opened_at=PUBLISHED_AT, closed_at=OCCURRED_AT, ranges=(Range(partition=0, after=2, through=6),)
    )
    channel = {"channel": "latest", "channel_version": DEFINITION, "window": window}
    notice = NoticePublished(
        kind="correction",
        article_id=ARTICLE_ID,
        version=2,
        content_sha256=NEW_TEXT,
        corrects=DigestReference(digest=1, version=1),
    )
    published = {
        "number": 2,
        "items": (ItemPublished(article_id="a1", version=1, content_sha256=TEXT),),
        "notices": (notice,),
        "bodies": {"json": "6" * 64, "text": "7" * 64, "html": "8" * 64},
    }
    return (
        DigestPublished.model_validate(envelope | channel | published),
        WindowSkipped.model_validate(later | channel),
    )
