"""Filling the index of stories from the log: what was decided stands there, and the texts beside it.

What was decided is never decided again. Filling may be interrupted, repeated, done by several
processes and beside live decisions: an article that the index knows in a newer version stays.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import cast

from newsfeed import logs
from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity
from newsfeed.eventlog import ArticleLog
from newsfeed.events import (
    ArticleEnriched,
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    LogEvent,
)
from newsfeed.values import EntityFound
from services.enrich.corrections import Standing
from services.enrich.joining import gone
from services.enrich.linking.known import country_around
from services.enrich.parts import bounds
from services.enrich.profiles import Findings, Named, Place, Profile, article_time_ms, profile_of
from services.enrich.story_records import WINDOW_MS, Decision, Record, StoryIndex
from services.enrich.text import tokens_to_read

PRUNED_EVERY = 10_000
"""Events between two looks at what has become too old to matter."""


@dataclass(slots=True)
class Chain:
    """What the log says of one article. ``times`` are those of its versions, in ms since 1970."""

    article_id: str
    times: dict[int, int] = field(default_factory=dict)
    decisions: dict[int, Decision] = field(default_factory=dict)
    enriched: ArticleEnriched | None = None
    gone: int = 0
    """The version with which the article was withdrawn or erased; 0 while it is there."""

    def tell(self, event: LogEvent) -> None:
        """Take in the next event of the article."""
        match event:
            case ArticleIngested() | ArticleRevised():
                self.times[event.version] = time_ms(event)
            case ArticleWithdrawn() | ArticleErased():
                self.gone = event.version
                assert event.recorded_at is not None
                self.times.setdefault(0, article_time_ms(None, event.recorded_at))
            case ArticleEnriched(story_id=str()):
                self._decided(event)

    def _decided(self, event: ArticleEnriched) -> None:
        """Only the first enrichment of a version decided anything; others see the newest correction."""
        self.decisions.setdefault(event.version, Decision(cast("str", event.story_id), event.alike))
        if self.enriched is None or _newness(event) > _newness(self.enriched):
            self.enriched = event
        if event.version > self.gone:
            self.gone = 0

    @property
    def at_ms(self) -> int:
        """The article's time, as the index has it."""
        if self.enriched:
            return self.times.get(self.enriched.version, 0)
        return max(self.times.values(), default=0)


def _newness(event: ArticleEnriched) -> tuple[int, int]:
    return event.version, event.corrected_through or 0


def time_ms(event: ArticleIngested | ArticleRevised) -> int:
    """The time of a version that stands in the log, in ms since 1970."""
    assert event.recorded_at is not None
    return article_time_ms(event.published_at, event.recorded_at)


async def fill(log: ArticleLog, index: StoryIndex) -> int:
    """Bring every article of the last 72 hours into the index, as it was decided; how many there are."""
    newest_ms = count = 0
    for partition in range(log.manifest.partitions):
        chains, newest_ms = await _chains(log, partition, newest_ms)
        for chain in chains.values():
            if record := await _record(log, partition, chain):
                await _place(index, record)
                count += 1
    logs.get_logger().info("enrich.stories_filled", article_count=count)
    return count


async def _chains(log: ArticleLog, partition: int, newest_ms: int) -> tuple[dict[str, Chain], int]:
    """Every article of a partition that is young enough, and the time of the newest so far."""
    chains: dict[str, Chain] = {}
    async with aclosing(log.read(partition)) as entries:
        async for entry in entries:
            if isinstance(entry.event, Exception) or not isinstance(entry.event, _Told):
                continue
            chain = chains.setdefault(entry.event.article_id, Chain(entry.event.article_id))
            chain.tell(entry.event)
            if isinstance(entry.event, ArticleEnriched):
                newest_ms = max(newest_ms, chain.at_ms)
            if entry.position % PRUNED_EVERY == 0:
                chains = _young(chains, newest_ms)
    return _young(chains, newest_ms), newest_ms


_Told = ArticleIngested | ArticleRevised | ArticleWithdrawn | ArticleErased | ArticleEnriched


def _young(chains: dict[str, Chain], newest_ms: int) -> dict[str, Chain]:
    return {
        key: one for key, one in chains.items() if max(one.times.values(), default=0) >= newest_ms - WINDOW_MS
    }


async def _record(log: ArticleLog, partition: int, chain: Chain) -> Record | None:
    """What the index should hold of an article; None for one of which nothing was decided."""
    found = chain.enriched
    if found is None:
        return gone(chain.article_id, chain.gone, chain.at_ms, None) if chain.gone else None
    document = (await log.articles(partition, [found.content_sha256])).get(found.content_sha256)
    profile = None
    if document and not chain.gone:
        profile = await asyncio.to_thread(profile_again, found, chain.at_ms, document)
    return Record(
        article_id=chain.article_id,
        version=chain.gone or found.version,
        at_ms=chain.at_ms,
        story_id=cast("str", found.story_id),
        profile=profile,
        decisions=chain.decisions,
    )


def profile_of_version(held: Standing, document: ArticleDocument, found: EnrichmentDocument) -> Profile:
    """The profile of a version that is enriched just now, under its corrections."""
    event = held.version
    place = Place(event.article_id, event.version, time_ms(event), held.through or 0)
    return profile_of_document(place, document, found)


def profile_of_document(place: Place, document: ArticleDocument, found: EnrichmentDocument) -> Profile:
    """The profile of a text, wherever it stands."""
    findings = Findings(
        found.language.code, _named(found.entities), frozenset(one.id for one in found.topics)
    )
    return _profile(place, document, findings)


def profile_again(event: ArticleEnriched, at_ms: int, document: ArticleDocument) -> Profile:
    """The same profile, of a version that was enriched before."""
    findings = Findings(
        event.language.code, _named(event.entities), frozenset(one.id for one in event.topics)
    )
    place = Place(event.article_id, event.version, at_ms, event.corrected_through or 0)
    return _profile(place, document, findings)


def _named(entities: Iterable[Entity | EntityFound]) -> tuple[Named, ...]:
    return tuple(Named(one.id, one.type, one.salience, country_around(one.id)) for one in entities)


def _profile(place: Place, document: ArticleDocument, findings: Findings) -> Profile:
    text = document.text
    return profile_of(place, tokens_to_read(text), bounds(document, text)[1], findings)


async def _place(index: StoryIndex, record: Record) -> None:
    while True:
        seen = await index.look(record.article_id, (), record.at_ms)
        if seen.known and seen.known.newness >= record.newness:
            return
        if await index.place(record, seen):
            return
