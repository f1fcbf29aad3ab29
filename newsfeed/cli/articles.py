"""`newsfeed articles`, `article` and `content`: what was read and what was found in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from typing import Annotated

import typer

from newsfeed.cli.printing import AsJson, print_bytes, print_fields, print_json, print_table
from newsfeed.cli.session import ask
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.events import ArticleIngested, ArticleRevised
from newsfeed.readmodel.articles import ArticleState
from newsfeed.readmodel.queries import NotFound, current_articles, find, views
from newsfeed.readmodel.timeline import entry_document, recorded_at
from newsfeed.readmodel.views import ArticleView
from newsfeed.settings import Settings

MOST_SHOWN = 3
"""Entities and topics of an article in a line of the table."""

ArticleId = Annotated[str, typer.Argument(metavar="ID", help="An id, its beginning, or a seed's path.")]


def articles(
    language: Annotated[str | None, typer.Option(help="Only this language, such as fr.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only this topic, such as medtop:16000000.")] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Withdrawn articles, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the current articles with language, entities and topics, oldest first."""

    def wanted(state: ArticleState) -> bool:
        topics = {found.id for found in state.topics} | {f.id.partition(":")[2] for f in state.topics}
        return (
            (everything or state.status == "active")
            and language in (None, state.language)
            and source in (None, state.source_id)
            and (topic is None or topic in topics)
        )

    async def answer(log: EventLog, _settings: Settings) -> None:
        states = (await current_articles(log, wanted)).values()
        rows: list[list[object]] = []
        async with aclosing(views(log, states)) as resolved:
            async for one in resolved:
                if as_json:
                    print_json(one)
                else:
                    rows.append(_row(one))
        if not as_json:
            print_table(["id", "v", "status", "lang", "source", "entities", "topics", "title"], rows)

    ask(answer)


def _row(one: ArticleView) -> list[object]:
    entities = sorted(one.entities, key=lambda entity: -entity.salience)[:MOST_SHOWN]
    topics = sorted(one.topics, key=lambda found: -found.score)[:MOST_SHOWN]
    return [
        one.article_id,
        one.version,
        one.status,
        one.language,
        one.source_id,
        ", ".join(entity.name or entity.id for entity in entities),
        "; ".join(found.label or found.id for found in topics),
        one.title or f"({one.seed})",
    ]


def article(wanted: ArticleId, as_json: AsJson = False) -> None:
    """Show one article and its history."""

    async def answer(log: EventLog, _settings: Settings) -> None:
        state = await find(log, wanted)
        async with aclosing(views(log, [state])) as resolved:
            one = await anext(resolved)
        history = await log.history(state.article_id)
        if as_json:
            print_json(
                {**one.model_dump(mode="json"), "history": [entry_document(entry) for entry in history]}
            )
        else:
            _print_article(one, history)

    ask(answer, without_log=1)


def _print_article(one: ArticleView, history: Iterable[Entry]) -> None:
    found = "up to date" if one.enriched else "not yet for this version"
    print_fields(
        [
            ("title", one.title or "(no text)"),
            ("article", one.article_id),
            ("version", f"{one.version}, {one.status}"),
            ("seed", one.seed),
            ("duplicates", ", ".join(one.duplicates)),
            ("source", one.source_id),
            ("format", one.format),
            ("language", one.language),
            ("published", one.published_at),
            ("ingested", one.ingested_at),
            ("updated", one.updated_at),
            ("enriched", found),
            ("story", one.story_id),
            ("correlation", one.correlation_id),
        ]
    )
    typer.echo("\nentities")
    rows = [[e.id, e.type, e.salience, e.mention_count, e.name] for e in one.entities]
    print_table(["id", "type", "salience", "mentions", "name"], rows)
    typer.echo("\ntopics")
    print_table(["id", "score", "label"], [[t.id, t.score, t.label] for t in one.topics])
    typer.echo("\nhistory")
    entries = [[e.position, recorded_at(e), e.version, e.event_id, _type(e)] for e in history]
    print_table(["position", "recorded", "v", "event", "type"], entries)


def _type(entry: Entry) -> str:
    return str(entry.event) if isinstance(entry.event, Exception) else entry.event.type


def content(
    wanted: ArticleId,
    version: Annotated[int | None, typer.Option(min=1, help="That version; the newest without.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the text of an article, exactly: what the offsets of mentions count in."""

    async def answer(log: EventLog, _settings: Settings) -> ArticleDocument:
        state = await find(log, wanted)
        sha256 = state.content_sha256 if version is None else await _content_of(log, state, version)
        texts = await log.articles(log.partition_of(state.article_id), [sha256] if sha256 else [])
        if sha256 not in texts:
            raise NotFound(f"the text of {state.article_id} is not there any more; it may have been erased")
        return texts[sha256]

    document = ask(answer, without_log=1)
    if as_json:
        print_json({**document.model_dump(mode="json"), "text": document.text})
    else:
        print_bytes(document.text.encode())


async def _content_of(log: EventLog, state: ArticleState, version: int) -> str:
    for entry in await log.history(state.article_id):
        event = entry.event
        if isinstance(event, ArticleIngested | ArticleRevised) and event.version == version:
            return event.content_sha256
    raise NotFound(f"{state.article_id} has no text of version {version}; its newest is {state.version}")
