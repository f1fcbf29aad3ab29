"""One full example of every event in its current version, and the form in which a log stores it.

Every field is set, those that a log adds included: what is not in an example is not proven to be
readable for ever. ``tools/pin_events.py`` keeps the stored form of each under ``tests/golden``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from newsfeed.deliveries import (
    DELIVERY_EVENTS,
    DeliveryCancelled,
    DeliveryFailed,
    DeliveryParked,
    DeliveryRequeued,
    DeliverySucceeded,
    delivery_id,
)
from newsfeed.documents import Language, Mention
from newsfeed.envelope import Event, derive_id
from newsfeed.events import (
    CHANNEL_EVENTS,
    LOG_EVENTS,
    AnnotationCorrected,
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
from newsfeed.registry import (
    REGISTRY_EVENTS,
    ChannelDefined,
    ChannelRetired,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionCreated,
    SubscriptionPaused,
    SubscriptionResumed,
)
from newsfeed.values import (
    ArticleAlike,
    Charset,
    DigestReference,
    DigestRevised,
    EnricherUsed,
    EntityAdded,
    EntityFound,
    EntityRelinked,
    EntityRemoved,
    EntityRetyped,
    ItemPublished,
    NoticePublished,
    Range,
    Seed,
    TopicAdded,
    TopicFound,
    TopicRemoved,
    Window,
)

PLACED_EVENTS = (*LOG_EVENTS, *REGISTRY_EVENTS)
"""Events that know their position and when they were recorded."""

EVENTS = (*LOG_EVENTS, *REGISTRY_EVENTS, *CHANNEL_EVENTS, *DELIVERY_EVENTS)
"""Every event that any log may hold."""

OCCURRED_AT = datetime(2026, 3, 2, 6, 30, 0, 250_000, tzinfo=UTC)
PUBLISHED_AT = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
ARTICLE_ID = "6f0b6d0c5f4e4a6b"
TEXT, NEW_TEXT, FOUND, DEFINITION = (digit * 64 for digit in "1234")
SEED = Seed(path="harbour/ferry.md", sha256="5" * 64, size_bytes=1842, modified_at=PUBLISHED_AT)


def stored_form(event: Event) -> bytes:
    """The bytes of the field ``__data__``: a log adds position and time of record behind the fields.

    The facts of a channel get neither: their stream orders them by the id of the window.
    """
    if not isinstance(event, PLACED_EVENTS):
        return event.model_dump_json(exclude_none=True).encode()
    assert event.recorded_at is not None
    said = event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True)
    recorded = event.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return f'{said[:-1]},"position":{event.position},"recorded_at":"{recorded}"}}'.encode()


def samples() -> tuple[Event, ...]:
    """The examples: of the article log and the registry as they would stand there, then of a channel."""
    return (*_versions(), *_others(), *_registered(), *_windows(), *_deliveries())


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
        "corrected_through": 11,
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
        _corrected(),
    )


def _corrected() -> AnnotationCorrected:
    corrected = {
        "article_id": ARTICLE_ID,
        "version": 2,
        "content_sha256": NEW_TEXT,
        "corrections": (
            EntityAdded(id="wikidata:Q90", type="LOC", mentions=(Mention(start=4, end=9),)),
            EntityRemoved(id="local:0123456789abcdef"),
            EntityRetyped(id="wikidata:Q7184", type="ORG"),
            EntityRelinked(id="iso3166:GE", to="geonames:4197000"),
            TopicAdded(id="medtop:11000000"),
            TopicRemoved(id="medtop:06000000"),
        ),
        "corrected_by": "desk",
    }
    return AnnotationCorrected.model_validate(_envelope(11) | corrected)


def _registered() -> tuple[Event, ...]:
    definition = {"name": "latest", "title": "Latest", "every_seconds": 2}
    channel = {"channel": "latest", "channel_version": DEFINITION, "definition": definition}
    about = {"subscription_id": "s1"}
    created = {
        "channel": "latest",
        "transport": "webhook",
        "destination_sha256": TEXT,
        "needs": "handshake",
        "options": {"quiet_hours": "22:00-07:00", "time_zone": "Europe/Paris", "urgent": True},
    }
    changed = {"destination_sha256": NEW_TEXT, "options": {"time_zone": "UTC"}}
    return (
        ChannelDefined.model_validate(_envelope(21) | channel | {"defined_by": "file"}),
        ChannelRetired.model_validate(_envelope(22) | {"channel": "latest"}),
        SubscriptionCreated.model_validate(_envelope(23) | about | created),
        SubscriptionConfirmed.model_validate(_envelope(24) | about | {"method": "handshake"}),
        SubscriptionChanged.model_validate(_envelope(25) | about | changed),
        SubscriptionPaused.model_validate(_envelope(26) | about | {"reason": "failing"}),
        SubscriptionResumed.model_validate(_envelope(27) | about | {"after": 7}),
        SubscriptionCancelled.model_validate(_envelope(28) | about | {"reason": "one_click"}),
    )


def _deliveries() -> tuple[Event, ...]:
    about = {
        "delivery_id": delivery_id("latest", 2, "s1"),
        "subscription_id": "s1",
        "channel": "latest",
        "number": 2,
        "attempt": 3,
        "position": None,
        "recorded_at": None,
    }
    failed = {"reason": "timeout", "status_code": 503}
    return (
        DeliverySucceeded.model_validate(_envelope(31) | about | {"status_code": 204}),
        DeliveryFailed.model_validate(
            _envelope(32) | about | failed | {"next_attempt_at": OCCURRED_AT + timedelta(minutes=5)}
        ),
        DeliveryParked.model_validate(_envelope(33) | about | failed),
        DeliveryCancelled.model_validate(_envelope(34) | about | {"reason": "superseded"}),
        DeliveryRequeued.model_validate(_envelope(35) | about | {"requested_by": "resend"}),
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
        "extra": True,
        "revises": (DigestRevised(number=1, revision=2, article_ids=("a2",), bodies={"json": "9" * 64}),),
        "supersedes": 1,
    }
    return (
        DigestPublished.model_validate(envelope | channel | published),
        WindowSkipped.model_validate(later | channel),
    )
