"""Facts as ingest and enrich write them, with everything filled in that usually is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.prose import Prose
from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity, Language, Mention, Topic
from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append, EventLog
from newsfeed.events import ArticleEnriched, ArticleIngested, LogEvent
from newsfeed.values import Charset, EnricherUsed, EntityFound, Seed, TopicFound

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOPICS = ("medtop:11000000", "medtop:04000000", "medtop:20000638")
ENTITIES = 8
"""Entities that the stand-in for an enricher finds in an article, each mentioned twice."""

LOOKED_AT, LONG = 1000, 6
"""It looks at so many characters for words of so many: what it costs must not hide what is measured."""


def texts(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Titles and bodies."""
    prose = Prose(seed)
    return [(prose.title(), prose.body()) for _ in range(count)]


def ingested(number: int, document: ArticleDocument) -> Append:
    """An article as it comes in, with its text."""
    article_id = str(derive_id("article", number))
    event = ArticleIngested(
        event_id=derive_id("version", article_id, 1, document.sha256),
        occurred_at=NOON,
        correlation_id=derive_id("seed", article_id),
        article_id=article_id,
        version=1,
        content_sha256=document.sha256,
        source_id="county-wire",
        seed=Seed(
            path=f"county-wire/{number:08}.md",
            sha256=derive_id(number).hex * 2,
            size_bytes=len(document.body),
            modified_at=NOON,
        ),
        format="markdown",
        parser_version=1,
        charset=Charset(name="utf-8", method="utf-8"),
        language="en",
        published_at=NOON,
        topics=TOPICS[:1],
        character_count=len(document.text),
    )
    return Append(event, [document])


def events_only(count: int) -> list[Append]:
    """Articles whose texts are left out."""
    document = ArticleDocument(title="A title", body="A body.")
    return [Append(ingested(number, document).event) for number in range(count)]


def enriched(event: ArticleIngested, document: ArticleDocument) -> Append:
    """The stand-in for an enricher: long words are entities, and the topics are always the same."""
    assert event.position is not None
    found = _found(document)
    fact = ArticleEnriched(
        event_id=derive_id("enriched", event.event_id),
        occurred_at=NOON,
        correlation_id=event.correlation_id,
        causation_id=event.event_id,
        article_id=event.article_id,
        version=event.version,
        content_sha256=event.content_sha256,
        enrichment_sha256=found.sha256,
        of_position=event.position,
        enricher=EnricherUsed(name="stand-in", version="1"),
        language=found.language,
        entities=tuple(map(EntityFound.of, found.entities)),
        topics=tuple(map(TopicFound.of, found.topics)),
    )
    return Append(fact, [found], cause=event.position)


async def enrich_all(log: EventLog, partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
    """What an enriching handler does: one MGET for all texts, then one reaction for each event."""
    versions = [event for event in events if isinstance(event, ArticleIngested)]
    documents = await log.articles(partition, [event.content_sha256 for event in versions])
    return [[enriched(event, documents[event.content_sha256])] for event in versions]


def _found(document: ArticleDocument) -> EnrichmentDocument:
    text = document.text
    words = (word for word in text[:LOOKED_AT].split() if len(word) >= LONG)
    names = list(dict.fromkeys(words))[:ENTITIES]
    return EnrichmentDocument(
        language=Language(code="en", confidence=0.99, method="detected"),
        entities=tuple(_entity(name, text.find(name)) for name in names),
        topics=tuple(
            Topic(id=topic, label=f"label of {topic}", score=0.5, mentions=(Mention(start=0, end=4),))
            for topic in TOPICS
        ),
    )


def _entity(name: str, start: int) -> Entity:
    mention = Mention(start=start, end=start + len(name))
    return Entity(
        id=f"local:{derive_id(name).hex[:16]}",
        type="ORG",
        name=name,
        score=0.75,
        salience=0.25,
        method="stand-in",
        mentions=(mention, mention),
    )
