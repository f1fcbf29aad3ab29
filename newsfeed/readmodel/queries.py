"""Questions about articles, answered from the read model and the log; memory holds the answer only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

from pydantic import ValidationError

from newsfeed import zstd
from newsfeed.documents import ArticleDocument, Document, EnrichmentDocument
from newsfeed.envelope import derive_id
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import SeedRejected
from newsfeed.readmodel.articles import ARTICLES, ArticleState
from newsfeed.readmodel.current import Current, live_store
from newsfeed.readmodel.projection import Placed
from newsfeed.readmodel.store import VersionGone
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


def _all(_: ArticleState) -> bool:
    return True


async def current_articles(
    log: EventLog, wanted: Callable[[ArticleState], bool] = _all
) -> dict[str, ArticleState]:
    """The wanted articles as they are now, oldest first by the time they were first recorded.

    They come from the stored read model, page by page, with what the log holds beyond it on top.
    """
    while True:
        now = Current(log, ARTICLES, await live_store(log, ARTICLES), await log.tails())
        try:
            async with aclosing(now.states()) as states:
                found = [placed.state async for _, _, placed in states if wanted(placed.state)]
        except VersionGone:
            continue
        ordered = sorted(found, key=lambda state: (str(state.ingested_at), state.article_id))
        return {state.article_id: state for state in ordered}


async def current_article(log: EventLog, article_id: str) -> ArticleState | None:
    """One article as it is now, by walking its own chain of events."""
    placed: Placed[ArticleState] | None = None
    for entry in await log.history(article_id):
        placed = ARTICLES.leniently_after(placed, entry)
    return placed.state if placed else None


async def find_all(log: EventLog, wanted: str) -> list[ArticleState]:
    """The articles that a full id, the beginning of one (6 characters or more), or a seed's path names.

    Raises :class:`NotFound`, and :class:`Ambiguous` for a beginning that several ids share.
    """
    exact = await current_article(log, wanted)
    if exact is not None:
        return [exact]
    paths = {wanted, wanted.partition("/")[2]}  # As events name it, or with the watched folder before it.

    def is_of_seed(state: ArticleState) -> bool:
        return bool(paths & {state.seed, *state.duplicates})

    def is_begun(state: ArticleState) -> bool:
        return len(wanted) >= SHORTEST_PREFIX and state.article_id.startswith(wanted)

    found = await current_articles(log, lambda state: is_of_seed(state) or is_begun(state))
    of_seed = [state for state in found.values() if is_of_seed(state)]
    if of_seed:
        return of_seed
    if not found:
        raise NotFound(f"no article has the id or the seed {wanted!r}")
    return [_only(list(found.values()), wanted)]


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
    except (zstd.ZstdError, ValidationError):
        if len(wanted) <= 1:
            return {}
        half = len(wanted) // 2
        first = await _readable(read, partition, wanted[:half])
        return first | await _readable(read, partition, wanted[half:])
