"""`newsfeed re-enrich`: what a new enricher says of old articles; looked at first, then appended."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import typer

from newsfeed.bundles import assembled
from newsfeed.channel_tables import load_channels
from newsfeed.cli import session
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH, Append
from newsfeed.readmodel.articles import ArticleState
from newsfeed.readmodel.queries import current_articles
from newsfeed.settings import Settings
from services.enrich.re_enriching import Change, Tally, changes
from services.enrich.settings import EnrichSettings

MOST_SHOWN = 20
"""Ids that came or went most often, in a table each."""


@dataclass(slots=True)
class Outcome:
    """What was looked at, a sample of what differs, and how many facts were appended."""

    tally: Tally = field(default_factory=Tally)
    sample: list[Change] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    appended_count: int = 0


def re_enrich(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Ingested since; UTC.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change; append nothing.")
    ] = False,
    sample: Annotated[int, typer.Option(min=0, help="Articles to show.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Enrich articles again with this enricher; what was found before stays in their history."""
    begin = since.replace(tzinfo=UTC) if since else None

    def wanted(state: ArticleState) -> bool:
        is_since = begin is None or (state.ingested_at is not None and state.ingested_at >= begin)
        return state.status == "active" and is_since and source in (None, state.source_id)

    async def answer(log: EventLog, settings: Settings) -> Outcome:
        states = (await current_articles(log, wanted)).values()
        outcome = await _enriched_again(log, states, dry_run, sample)
        channels = assembled(load_channels(settings.config))
        outcome.channels = outcome.tally.affected([*channels.values()])
        return outcome

    _show(session.ask(answer), as_json, dry_run)


async def _enriched_again(
    log: EventLog, states: Iterable[ArticleState], dry_run: bool, sample: int
) -> Outcome:
    """Look at every article, and append what is said of it now unless it is a dry run."""
    from services.enrich.choosing import chosen_enricher

    outcome = Outcome()
    waiting: dict[int, list[Append]] = {}
    async with aclosing(changes(log, chosen_enricher(EnrichSettings()), states)) as found:
        async for change in found:
            outcome.tally.add(change)
            if change.is_seen and len(outcome.sample) < sample:
                outcome.sample.append(change)
            batch = waiting.setdefault(log.partition_of(change.state.article_id), [])
            batch.append(change.append)
            if len(batch) == MAX_BATCH:
                outcome.appended_count += 0 if dry_run else await _append(log, batch)
                batch.clear()
    for batch in waiting.values():
        outcome.appended_count += 0 if dry_run else await _append(log, batch)
    return outcome


async def _append(log: EventLog, batch: list[Append]) -> int:
    """How many of a partition's are new: what this enricher said of an article is not said again."""
    if not batch:
        return 0
    partition = log.partition_of(batch[0].event.subject)
    return sum(position > 0 for position in await log.append(partition, batch))


def _show(outcome: Outcome, as_json: bool, dry_run: bool) -> None:
    tally = outcome.tally
    if as_json:
        print_json(
            {
                "articles": tally.article_count,
                "changed": tally.changed_count,
                "appended": outcome.appended_count,
                "channels": outcome.channels,
                "came": dict(tally.came.most_common()),
                "went": dict(tally.went.most_common()),
                "sample": [_sampled(one) for one in outcome.sample],
            }
        )
        return
    verb = "would change" if dry_run else "changed"
    typer.echo(
        f"{tally.changed_count} of {tally.article_count} articles {verb}; {outcome.appended_count} appended"
    )
    typer.echo(f"channels that ask for what came or went: {', '.join(outcome.channels) or 'none'}")
    for title, counts in (("came", tally.came), ("went", tally.went)):
        typer.echo(f"\n{title}")
        print_table(["articles", "id"], [[count, one] for one, count in counts.most_common(MOST_SHOWN)])
    typer.echo("\nsample")
    rows = [
        [one.state.article_id, " ".join(sorted(one.came)), " ".join(sorted(one.went))]
        for one in outcome.sample
    ]
    print_table(["article", "came", "went"], rows)


def _sampled(change: Change) -> dict[str, object]:
    return {"article_id": change.state.article_id, "came": sorted(change.came), "went": sorted(change.went)}
