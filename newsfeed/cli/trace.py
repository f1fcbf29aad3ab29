"""`newsfeed trace`: from the file to every delivery, by cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer

from newsfeed.cli.articles import ArticleId
from newsfeed.cli.channels import channel_names
from newsfeed.cli.printing import AsJson, print_json, shown
from newsfeed.cli.session import ask
from newsfeed.envelope import as_document
from newsfeed.eventlog import EventLog
from newsfeed.events import SeedRejected
from newsfeed.readmodel import traces
from newsfeed.readmodel.queries import NotFound, find_all, rejections
from newsfeed.settings import Settings


def trace(wanted: ArticleId, as_json: AsJson = False) -> None:
    """Follow an article, or all articles of a file, from the file to every digest and its deliveries."""

    async def answer(log: EventLog, settings: Settings) -> list[traces.Trace] | list[SeedRejected]:
        try:
            found = await find_all(log, wanted)
        except NotFound:
            refused = [entry.readable() for entry in await rejections(log, wanted)]
            if not refused:
                raise
            return [event for event in refused if isinstance(event, SeedRejected)]
        names = await channel_names(log.redis, settings)
        return await traces.trace(log, [state.article_id for state in found], names)

    refused = False
    for one in ask(answer, without_log=1):
        if isinstance(one, SeedRejected):
            refused = True
            _show_rejection(one, as_json)
        elif as_json:
            print_json(one)
        else:
            typer.echo("\n".join(_tree(one)))
    if refused:
        raise typer.Exit(1)


def _show_rejection(event: SeedRejected, as_json: bool) -> None:
    if as_json:
        print_json(as_document(event))
    else:
        detail = f": {shown(event.detail)}" if event.detail else ""
        typer.echo(
            f"{shown(event.seed.path)} was rejected at {shown(event.recorded_at)}, {event.code}{detail}"
        )


def _tree(one: traces.Trace) -> Iterator[str]:
    yield f"article {one.article_id}  partition {one.partition}  correlation {one.correlation_id}"
    for version in one.versions:
        seed = version.seed
        yield f"  file {shown(seed.path)}  {seed.size_bytes} bytes  modified {shown(seed.modified_at)}"
        yield f"       sha256 {seed.sha256 or 'unknown'}"
        yield f"    {_event(version)}  v{version.version}"
        for enrichment in version.enrichments:
            yield f"      {_event(enrichment)}"
        yield from _deliveries(version.deliveries)
    for erasure in one.erasures:
        yield f"    {_event(erasure)}  v{erasure.version}  {shown(erasure.reason)}"
        yield from _deliveries(erasure.deliveries)
    for duplicate in one.duplicates:
        yield f"  file {shown(duplicate.seed.path)}"
        yield f"    {_event(duplicate)}"


def _event(step: traces.Step) -> str:
    cause = step.caused_by
    because = f"  because of {cause.type or 'an event not in the log'} {cause.event_id}" if cause else ""
    return f"{step.type} {step.event_id} at {step.position}  {shown(step.recorded_at)}{because}"


def _deliveries(deliveries: Sequence[traces.Delivery]) -> Iterator[str]:
    for told in deliveries:
        corrected = f", corrects digest {told.corrects.digest}" if told.corrects else ""
        where = f"digest {told.number} of {told.channel} ({told.stream_id})"
        yield f"        {told.kind} in {where}  {shown(told.published_at)}{corrected}"
        for one in told.receipts:
            why = f", {one.reason}" if one.reason else ""
            last = f"{shown(one.at)}, attempt {one.attempt}{why}"
            yield f"          {one.state} to {one.subscription_id}  {last}"
