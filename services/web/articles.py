"""One article for its page and for the API: what it is now, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import (
    ArticleErased,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
)
from newsfeed.readmodel.queries import current_article, views
from newsfeed.readmodel.views import ArticleView

STEPS: Mapping[type[object], str] = {
    ArticleIngested: "first_seen",
    ArticleRevised: "revised",
    ArticleWithdrawn: "taken_back",
    ArticleErased: "text_erased",
}
ID_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to an article; ``kind`` names the words for it."""

    kind: str
    version: int
    at: datetime
    content_sha256: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """An article with its history; the text is that of ``version``, None where nobody may read it."""

    view: ArticleView
    steps: tuple[Step, ...]
    history: tuple[Entry, ...]
    version: int
    document: ArticleDocument | None


async def read_article(log: EventLog, article_id: str, version: int | None = None) -> Read | None:
    """An article by its full id, in its newest version or another; None for one that there is not."""
    state = await current_article(log, article_id) if len(article_id) <= ID_LENGTH else None
    if state is None:
        return None
    async with aclosing(views(log, [state])) as found:
        view = await anext(found)
    history = tuple(await log.history(article_id))
    steps = tuple(step for entry in history if (step := _step(entry)))
    wanted = version or state.content_version or state.version
    sha256 = next((one.content_sha256 for one in steps if one.version == wanted), None)
    if version is not None and sha256 is None:
        return None
    document = None
    if sha256 and state.status == "active":
        document = (await log.articles(log.partition_of(article_id), [sha256])).get(sha256)
    return Read(view, steps, history, wanted, document)


def _step(entry: Entry) -> Step | None:
    event = entry.event
    kind = STEPS.get(type(event))
    if kind is None or isinstance(event, Exception):
        return None
    sha256 = event.content_sha256 if isinstance(event, ArticleIngested | ArticleRevised) else None
    version = getattr(event, "version", 0)
    return Step(kind, version, event.recorded_at or event.occurred_at, sha256)
