"""Taking an article's texts down for good: what is to go, the fact that says so, and the disk.

The fact and the texts go in one commit: after it no text is in the content store, and none that was
read before can come back (a writer conflicts, a derived document is not stored). Digests that came out
are redacted next, and the files of Redis are written anew. All of it may be repeated at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from redis.exceptions import ResponseError

from newsfeed import streams
from newsfeed.documents import EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.channel_log import recorded_channels
from newsfeed.eventlog.commits import Append
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.redaction import Redacted, redact
from newsfeed.events import (
    ArticleDuplicated,
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    SeedMoved,
    VersionEvent,
)

LOOK_SECONDS = 0.1
"""How often Redis is asked whether it has written its files."""


class NothingToErase(NewsfeedError):
    """The log knows no article of this id."""


@dataclass(slots=True)
class Texts:
    """What the log says that an article has, or had: documents, files, and its newest version."""

    article_id: str
    newest: VersionEvent | None = None
    contents: list[str] = field(default_factory=list)
    enrichments: list[str] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)

    @property
    def is_erased(self) -> bool:
        """Whether nothing came after its erasure."""
        return isinstance(self.newest, ArticleErased)


async def texts_of(log: EventLog, article_id: str) -> Texts:
    """Everything that stands in the content store for an article; raises :class:`NothingToErase`."""
    found = Texts(article_id)
    for entry in await log.history(article_id):
        match entry.event:
            case ArticleIngested() | ArticleRevised() as event:
                found.contents.append(event.content_sha256)
                found.seeds.append(event.seed.path)
            case ArticleEnriched() as event:
                found.enrichments.append(event.enrichment_sha256)
            case ArticleWithdrawn() | ArticleDuplicated() | SeedMoved() as event:
                found.seeds.append(event.seed.path)
        if isinstance(entry.event, VersionEvent):
            found.newest = entry.event
    if found.newest is None:
        raise NothingToErase(f"the log knows no article {article_id}")
    found.contents, found.enrichments, found.seeds = (
        list(dict.fromkeys(values)) for values in (found.contents, found.enrichments, found.seeds)
    )
    return found


@dataclass(slots=True)
class Shared:
    """What other articles have in common with one: texts by article, and enrichments of their own."""

    copies: dict[str, set[str]] = field(default_factory=dict)
    enrichments: set[str] = field(default_factory=set)


async def shared_with(log: EventLog, texts: Sequence[Texts]) -> Shared:
    """Look through the whole log for others that have the same texts, or the same findings."""
    own = {one.article_id for one in texts}
    contents = {sha256 for one in texts for sha256 in one.contents}
    enrichments = {sha256 for one in texts for sha256 in one.enrichments}
    shared = Shared()
    for partition in range(log.manifest.partitions):
        async with aclosing(log.read(partition)) as entries:
            async for entry in entries:
                match entry.event:
                    case ArticleErased(article_id=other):
                        shared.copies.pop(other, None)
                    case ArticleIngested() | ArticleRevised() as event if event.article_id not in own:
                        if event.content_sha256 in contents:
                            shared.copies.setdefault(event.article_id, set()).add(event.content_sha256)
                    case ArticleEnriched() as event if event.article_id not in own:
                        shared.enrichments |= {event.enrichment_sha256} & enrichments
    return shared


async def erase(
    log: EventLog, texts: Texts, reason: str, at: datetime, *, kept: Collection[str] = ()
) -> ArticleErased | None:
    """Append the fact and blank the documents, in one step; None when the article is erased already.

    ``kept`` are the sha256 of documents that others still need. Raises :class:`LogConflict` when
    the article got another version meanwhile: look again what it has.
    """
    if texts.newest is None or texts.is_erased:
        return None
    partition = log.partition_of(texts.article_id)
    contents = tuple(sha256 for sha256 in texts.contents if sha256 not in kept)
    found = await _naming(log, partition, [sha256 for sha256 in texts.enrichments if sha256 not in kept])
    version = texts.newest.version + 1
    event = ArticleErased(
        event_id=derive_id("version", texts.article_id, version, "erased"),
        occurred_at=at,
        correlation_id=texts.newest.correlation_id,
        causation_id=texts.newest.event_id,
        article_id=texts.article_id,
        version=version,
        reason=reason,
        content_sha256s=contents,
        enrichment_sha256s=found,
    )
    await log.append(partition, [Append(event, erases=(*contents, *found))])
    return event


async def _naming(log: EventLog, partition: int, sha256s: Collection[str]) -> tuple[str, ...]:
    """The enrichments that hold anything out of a text; those that found nothing are the same for many."""
    documents = await log.enrichments(partition, sha256s)
    empty = {
        sha256
        for sha256, document in documents.items()
        if document == EnrichmentDocument(language=document.language)
    }
    return tuple(sha256 for sha256 in sha256s if sha256 not in empty)


async def keep_out(log: EventLog, sha256s: Collection[str]) -> None:
    """Mark texts as erased in every partition: as another article they would be stored there anew."""
    pipeline = log.redis.pipeline(transaction=False)
    for partition in range(log.manifest.partitions):
        for sha256 in sha256s:
            pipeline.set(streams.content(partition, sha256), ERASED, nx=True)
    await pipeline.execute()


async def redact_all(redis: Client, article_ids: Collection[str]) -> list[Redacted]:
    """Take articles out of the digests of every channel that ever closed a window."""
    return [
        one for channel in await recorded_channels(redis) for one in await redact(redis, channel, article_ids)
    ]


async def is_passed(log: EventLog, channels: Collection[str], partition: int, position: int) -> bool:
    """Whether no channel can close a window any more that was gathered before a position."""
    for channel in channels:
        through = await log.redis.hget(streams.cursor(channel), f"p{partition}")
        if through is None or int(through) < position:
            return False
    return True


async def forget_on_disk(redis: Client) -> list[str]:
    """Have Redis write its files anew, without what was deleted; what it would not do, each in a sentence."""
    refused: list[str] = []
    info = await redis.info("persistence")
    if info.get("aof_enabled"):
        refused += await _written(redis, "BGREWRITEAOF", "aof_last_bgrewrite_status")
    if not info.get("aof_enabled") or await _snapshots(redis):
        refused += await _written(redis, "BGSAVE", "rdb_last_bgsave_status")
    return refused


async def _snapshots(redis: Client) -> bool:
    """Whether Redis takes snapshots by itself; taken for granted where it may not be asked."""
    try:
        return bool((await redis.config_get("save")).get("save"))
    except ResponseError:
        return True


async def _written(redis: Client, command: str, status: str) -> list[str]:
    """Run one of the commands that write in the background, after one that is under way, and see it end."""
    await _idle(redis)
    try:
        await (redis.bgrewriteaof() if command == "BGREWRITEAOF" else redis.bgsave())
    except ResponseError as error:
        return [f"Redis refuses {command} ({error}): the old text stays in its files until somebody runs it"]
    info = await _idle(redis)
    if info.get(status) != "ok":
        return [f"{command} failed ({status}: {info.get(status)}): the old text stays in the files of Redis"]
    return []


async def _idle(redis: Client) -> dict[str, object]:
    while True:
        info: dict[str, object] = await redis.info("persistence")
        busy = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
        if not any(info.get(name) for name in busy):
            return info
        await rest(LOOK_SECONDS)
