"""`newsfeed channels backtest`: the digests that a channel would have published, from the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsfeed.cli import session
from newsfeed.cli.printing import AsJson, harmless, print_bytes, shown
from newsfeed.eventlog import EventLog
from newsfeed.health import server_time
from newsfeed.settings import Settings
from newsfeed.vocabulary import ancestors
from services.publish.choosing import Choice
from services.publish.digests import Digest
from services.publish.rehearsing import rehearse


def backtest(  # noqa: PLR0913, PLR0917 - each is an option of the command
    name: Annotated[str | None, typer.Argument(help="A channel that is defined.")] = None,
    query: Annotated[str | None, typer.Option(help="A query in its place: docs/queries.md.")] = None,
    every: Annotated[str | None, typer.Option(help="With --query: a digest every 30s, 10m or 2h.")] = None,
    cron: Annotated[str | None, typer.Option(help='With --query: by the clock, "0 8 * * *".')] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to go back.")] = 7,
    fresh: Annotated[bool, typer.Option("--fresh", help="As if its readers had got nothing yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the digests that a channel would have published; nothing is written."""
    choice = Choice(name, query, {"every": every, "cron": cron or (None if every else "0 * * * *")})

    async def answer(log: EventLog, settings: Settings) -> list[Digest]:
        channel = await choice.channel(log.redis, settings)
        now = datetime.fromtimestamp(await server_time(log.redis), UTC)
        is_fresh = fresh or query is not None
        return await rehearse(log, channel, ancestors, now - timedelta(days=days), now, fresh=is_fresh)

    found = session.ask(answer)
    if as_json:
        for digest in found:
            print_bytes(digest.canonical_bytes() + b"\n")
        return
    for digest in found:
        _show(digest)
    typer.echo(f"{len(found)} digests with {sum(len(one.items) for one in found)} items")


def _show(digest: Digest) -> None:
    typer.echo(f"no. {digest.number}  {shown(digest.published_at)}  {len(digest.items)} items")
    for item in digest.items:
        section = f"{item.section}: " if item.section else ""
        typer.echo(harmless(f"    {section}{item.title or item.article_id}"))
    for notice in digest.notices:
        typer.echo(harmless(f"    {notice.kind}: {notice.title or notice.article_id}"))
