"""`newsfeed events`: the log, over all partitions in the order of recording."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from newsfeed.cli.printing import AsJson, harmless, print_json
from newsfeed.cli.session import NothingYet, Session, ask, run, until_interrupted
from newsfeed.cloudevents import to_cloudevent
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.events import LOG_EVENTS, ArticleEvent, SeedRejected, versions_of
from newsfeed.health import server_time
from newsfeed.readmodel.queries import find
from newsfeed.readmodel.timeline import Recorded, entry_document, position_before, timeline

AWAIT_SECONDS = 0.5
"""How often a follower looks for a log, or for a Redis, that is not there yet."""

FOLLOW_SECONDS = 2.0
"""How long one blocking read waits; it must stay below the client's read timeout."""

WAITED_FOR: tuple[type[Exception], ...] = (NothingYet, *PASSING_ERRORS)

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

TYPES = versions_of(LOG_EVENTS).keys()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which events are shown."""

    article: str | None
    type: str | None
    since: datetime | timedelta | None
    limit: int | None


def events(  # noqa: PLR0913, PLR0917 # each is an option of the command
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    article: Annotated[str | None, typer.Option(help="Only this article: an id or a seed's path.")] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="Only this type, such as article.revised.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From a time on (ISO 8601), or 10m, 2h, 1d ago.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=0, help="The newest so many.")] = None,
    as_json: AsJson = False,
    cloudevents: Annotated[
        bool, typer.Option("--cloudevents", help="One CloudEvent 1.0 a line, as JSON.")
    ] = False,
) -> None:
    """Show the log in the order of recording; with --follow also what comes."""
    if event_type is not None and event_type not in TYPES:
        raise typer.BadParameter(f"there is no type {event_type!r}; known are {', '.join(sorted(TYPES))}")
    wanted = _Wanted(article, event_type, moment(since) if since else None, limit)
    show = _show_cloudevent if cloudevents else _show_json if as_json else _show_line

    async def answer(log: EventLog, _settings: object) -> None:
        await _show_recorded(log, await _accepts(log, wanted), wanted, show)

    async def follow_all(session: Session) -> None:
        await _follow(await _awaited_log(session), wanted, show)

    with until_interrupted():
        if follow:
            run(follow_all)
        else:
            ask(answer)


def moment(text: str) -> datetime | timedelta:
    """What --since means: a moment, or how long ago; raises ``typer.BadParameter``."""
    if found := re.fullmatch(r"(\d{1,6})([smhd])", text):
        return timedelta(seconds=int(found[1]) * UNIT_SECONDS[found[2]])
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a time like 2026-03-01T08:00Z nor a duration like 10m"
        ) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


async def _accepts(log: EventLog, wanted: _Wanted) -> Callable[[Recorded], bool]:
    article_id = (await find(log, wanted.article)).article_id if wanted.article else None

    def accepts(recorded: Recorded) -> bool:
        event = recorded.entry.event
        if isinstance(event, Exception):
            return article_id is None and wanted.type is None
        return (article_id is None or event.subject == article_id) and wanted.type in (None, event.type)

    return accepts


async def _awaited_log(session: Session) -> EventLog:
    while True:
        try:
            return await session.log()
        except WAITED_FOR:
            await asyncio.sleep(AWAIT_SECONDS)


async def _show_recorded(
    log: EventLog, accepts: Callable[[Recorded], bool], wanted: _Wanted, show: Callable[[Recorded], None]
) -> dict[int, int]:
    """Show what the log holds now; where that ends in each partition."""
    through = dict(enumerate(await log.tails()))
    after = await _start(log, wanted)
    newest: deque[Recorded] = deque(maxlen=wanted.limit)
    async with aclosing(timeline(log, after, through)) as all_recorded:
        async for recorded in all_recorded:
            if not accepts(recorded):
                continue
            if wanted.limit is None:
                show(recorded)
            else:
                newest.append(recorded)
    for recorded in newest:
        show(recorded)
    return through


async def _start(log: EventLog, wanted: _Wanted) -> dict[int, int]:
    partitions = range(log.manifest.partitions)
    since = wanted.since
    if since is None:
        return dict.fromkeys(partitions, 0)
    if isinstance(since, timedelta):
        since = datetime.fromtimestamp(await server_time(log.redis), UTC) - since
    return {partition: await position_before(log, partition, since) for partition in partitions}


async def _follow(log: EventLog, wanted: _Wanted, show: Callable[[Recorded], None]) -> None:
    accepts = await _accepts(log, wanted)
    positions = await _show_recorded(log, accepts, wanted, show)
    async with aclosing(_coming(log, positions)) as coming:
        async for recorded in coming:
            if accepts(recorded):
                show(recorded)


async def _coming(log: EventLog, positions: dict[int, int]) -> AsyncGenerator[Recorded, None]:
    """Entries as they are appended, for ever; Redis may go away and come back meanwhile."""
    while True:
        try:
            await log.wait(positions, FOLLOW_SECONDS)
            through = dict(enumerate(await log.tails()))
        except PASSING_ERRORS:
            await asyncio.sleep(AWAIT_SECONDS)
            continue
        async with aclosing(timeline(log, positions, through)) as entries:
            async for recorded in entries:
                positions[recorded.partition] = recorded.entry.position
                yield recorded


def _show_json(recorded: Recorded) -> None:
    print_json({**entry_document(recorded.entry), "partition": recorded.partition})


def _show_cloudevent(recorded: Recorded) -> None:
    """What cannot be read is no event: it is told on the error output."""
    event = recorded.entry.event
    if isinstance(event, Exception):
        place = f"p{recorded.partition}:{recorded.entry.position}"
        typer.echo(harmless(f"{place} unreadable: {event}"), err=True)
    else:
        print_json(to_cloudevent(event))


def _show_line(recorded: Recorded) -> None:
    entry = recorded.entry
    place = f"p{recorded.partition}:{entry.position}"
    time = recorded.recorded_at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    event = entry.event
    if isinstance(event, Exception):
        said = f"unreadable: {event}"
    elif isinstance(event, ArticleEvent):
        seed = getattr(event, "seed", None)
        said = f"{event.type:<19} {event.article_id} v{event.version} {seed.path if seed else ''}"
    else:
        assert isinstance(event, SeedRejected)
        said = f"{event.type:<19} {event.seed.path} {event.code}"
    typer.echo(f"{time}Z {place:<8} {harmless(said)}")
