"""`newsfeed stories`: the index that articles find their stories by, made anew."""

from __future__ import annotations

import typer

from newsfeed.cli import session
from newsfeed.cli.printing import AsJson, emit
from newsfeed.eventlog import EventLog
from newsfeed.settings import Settings
from services.enrich.story_fill import fill
from services.enrich.story_index import RedisIndex

stories = typer.Typer(no_args_is_help=True, help="The index that articles find their stories by.")


@stories.callback()
def _stories() -> None:
    """Keep the one command from being taken for the whole."""


@stories.command()
def rebuild(*, as_json: AsJson = False) -> None:
    """Make the index of stories anew from the log; what was decided stands there and stays."""

    async def answer(log: EventLog, _: Settings) -> int:
        index = RedisIndex(log.redis)
        await index.clear()
        count = await fill(log, index)
        await index.mark_filled()
        return count

    count = session.ask(answer)
    emit({"articles": count}, f"{count} articles are in the index of stories", as_json=as_json)
