"""Questions about articles, answered from the log; nothing is stored, memory holds states only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import zstandard
from pydantic import ValidationError

from newsfeed.documents import ArticleDocument, Document, EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleEvent, SeedRejected
from newsfeed.readmodel.articles import ArticleState, evolve
from newsfeed.readmodel.views import ArticleView, view

D = TypeVar("D", bound=Document)

BATCH = 100
"""Articles whose texts are fetched together."""

SHORTEST_PREFIX = 6
"""Characters of an id that stand for it, where no other begins with them."""


class NotFound(NewsfeedError):
    """The log knows nothing of what was asked for."""


class Ambiguous(NewsfeedError):
    """What was asked for stands for several articles."""


async def current_articles(log: EventLog) -> dict[str, ArticleState]:
    """Every article as it is now, oldest first by the time it was first recorded."""
    states: dict[str, ArticleState] = {}
    for partition in range(log.manifest.partitions):
        async for entry in log.read(partition):
            if isinstance(entry.event, ArticleEvent):
                state = evolve(states.get(entry.event.article_id), entry.event)
                if state is not None:
                    states[state.article_id] = state
    ordered = sorted(states.values(), key=lambda s: (str(s.ingested_at), s.article_id))
    return {state.article_id: state for state in ordered}


async def current_article(log: EventLog, article_id: str) -> ArticleState | None:
    """One article as it is now, by walking its own chain of events."""
    state: ArticleState | None = None
    for entry in await log.history(article_id):
        if not isinstance(entry.event, Exception):
            state = evolve(state, entry.event)
    return state


async def find_all(log: EventLog, wanted: str) -> list[ArticleState]:
    """The articles that a full id, the beginning of one (6 characters or more), or a seed's path names.

    Raises :class:`NotFound`, and :class:`Ambiguous` for a beginning that several ids share.
    """
    exact = await current_article(log, wanted)
    if exact is not None:
        return [exact]
    states = (await current_articles(log)).values()
    paths = {wanted, wanted.partition("/")[2]}  # As events name it, or with the watched folder before it.
    of_seed = [state for state in states if paths & {state.seed, *state.duplicates}]
    if of_seed:
        return of_seed
    begun = [s for s in states if len(wanted) >= SHORTEST_PREFIX and s.article_id.startswith(wanted)]
    if not begun:
        raise NotFound(f"no article has the id or the seed {wanted!r}")
    return [_only(begun, wanted)]


async def find(log: EventLog, wanted: str) -> ArticleState:
    """The one article that an id or a seed's path names; raises :class:`NotFound` or :class:`Ambiguous`."""
    return _only(await find_all(log, wanted), wanted)


def _only(states: Sequence[ArticleState], wanted: str) -> ArticleState:
    if len(states) > 1:
        ids = ", ".join(state.article_id for state in states)
        raise Ambiguous(f"{wanted!r} stands for {len(states)} articles: {ids}")
    return states[0]


async def rejections(log: EventLog, path: str) -> list[Entry]:
    """The entries that say why the seed at a path was not taken in, oldest first."""
    history = await log.history(f"seed:{derive_id(path)}")
    return [entry for entry in history if isinstance(entry.event, SeedRejected)]


async def views(log: EventLog, states: Iterable[ArticleState]) -> AsyncGenerator[ArticleView, None]:
    """States with their texts, in the same order, fetched by the hundred."""
    batch: list[ArticleState] = []
    for state in states:
        batch.append(state)
        if len(batch) == BATCH:
            for resolved in await _resolved(log, batch):
                yield resolved
            batch = []
    for resolved in await _resolved(log, batch):
        yield resolved


async def _resolved(log: EventLog, states: Sequence[ArticleState]) -> list[ArticleView]:
    documents: dict[tuple[int, str | None], ArticleDocument] = {}
    enrichments: dict[tuple[int, str | None], EnrichmentDocument] = {}
    by_partition: dict[int, list[ArticleState]] = {}
    for state in states:
        by_partition.setdefault(log.partition_of(state.article_id), []).append(state)
    for partition, group in by_partition.items():
        texts = await _readable(log.articles, partition, [s.content_sha256 for s in group])
        found = await _readable(log.enrichments, partition, [s.enrichment_sha256 for s in group])
        documents |= {(partition, sha256): text for sha256, text in texts.items()}
        enrichments |= {(partition, sha256): one for sha256, one in found.items()}
    return [
        view(
            state,
            partition := log.partition_of(state.article_id),
            documents.get((partition, state.content_sha256)),
            enrichments.get((partition, state.enrichment_sha256)),
        )
        for state in states
    ]


async def _readable(
    read: Callable[[int, Iterable[str]], Awaitable[Mapping[str, D]]],
    partition: int,
    sha256s: Iterable[str | None],
) -> dict[str, D]:
    """The documents that can be read; a damaged one counts as missing, ``newsfeed verify`` names it."""
    wanted = [sha256 for sha256 in sha256s if sha256]
    try:
        return dict(await read(partition, wanted))
    except (zstandard.ZstdError, ValidationError):
        if len(wanted) <= 1:
            return {}
        half = len(wanted) // 2
        first = await _readable(read, partition, wanted[:half])
        return first | await _readable(read, partition, wanted[half:])
