"""A small town's news: a log and a channel in which a little of everything has happened."""

from __future__ import annotations

from dataclasses import dataclass

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity, Language, Mention, Topic
from newsfeed.eventlog import Append, ArticleLog, EventLog
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, ArticleWithdrawn, VersionEvent
from newsfeed.testing.channels import bring_out, item, notice, skip
from newsfeed.testing.facts import document, enrichment_append, version_append, withdrawn_append
from newsfeed.values import EntityFound, TopicFound

BRIDGE = "aaaaaa00-1111"
FAIR = "bbbbbb00-3333"
"""Of two partitions, the bridge is in the first and the fair in the second."""


async def put(log: ArticleLog, append: Append) -> VersionEvent | ArticleEnriched:
    """Append an event; as the log keeps it."""
    partition = log.partition_of(append.event.subject)
    [position] = await log.append(partition, [append])
    entry = await log.entry(partition, position)
    assert entry is not None
    event = entry.readable()
    assert isinstance(event, VersionEvent | ArticleEnriched)
    return event


async def put_version(
    log: ArticleLog, article_id: str, version: int, text: ArticleDocument
) -> ArticleIngested | ArticleRevised:
    """Append a version with its text."""
    event = await put(log, version_append(article_id, version, text))
    assert isinstance(event, ArticleIngested | ArticleRevised)
    return event


async def put_enrichment(log: ArticleLog, of: ArticleIngested | ArticleRevised) -> ArticleEnriched:
    """One person and one topic, in the first word of the text."""
    found = EnrichmentDocument(
        language=Language(code="en", confidence=1, method="detected"),
        entities=(
            Entity(
                id="local:ada",
                type="PER",
                name="Ada",
                score=1,
                salience=0.75,
                method="model",
                mentions=(Mention(start=0, end=3),),
            ),
        ),
        topics=(Topic(id="medtop:16000000", label="conflict", score=0.5),),
    )
    bare = enrichment_append(
        of,
        (TopicFound(id="medtop:16000000", score=0.5),),
        (EntityFound(id="local:ada", type="PER", score=1, salience=0.75, mention_count=1),),
    )
    event = bare.event.model_copy(update={"enrichment_sha256": found.sha256})
    put_event = await put(log, Append(event, [found], cause=bare.cause))
    assert isinstance(put_event, ArticleEnriched)
    return put_event


@dataclass(frozen=True)
class Town:
    """A bridge that opened and was corrected; a fair that was announced and withdrawn."""

    log: EventLog
    bridge: tuple[ArticleIngested | ArticleRevised, ArticleIngested | ArticleRevised]
    fair: ArticleIngested | ArticleRevised
    fair_withdrawn: ArticleWithdrawn


async def build_town(log: EventLog) -> Town:
    """Seven events over two partitions, two digests of ``latest`` with a skipped window between them."""
    opened = await put_version(log, BRIDGE, 1, document("Ada opens bridge", "It is open."))
    fair = await put_version(log, FAIR, 1, document("Fair tonight", "In the park."))
    for event in (opened, fair):
        await put_enrichment(log, event)
    await bring_out(log, "latest", [item(opened), item(fair)])
    await skip(log, "latest")
    corrected = await put_version(log, BRIDGE, 2, document("Ada opens new bridge", "It is open."))
    await put_enrichment(log, corrected)
    gone = await put(log, withdrawn_append(FAIR, 2))
    assert isinstance(gone, ArticleWithdrawn)
    await bring_out(log, "latest", [], [notice(corrected, 1, 1), notice(gone, 1, 1)])
    return Town(log, (opened, corrected), fair, gone)
