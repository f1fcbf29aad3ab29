"""Parked articles of read models, beside the dead letters of the groups in `newsfeed dead-letters`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import typer

from newsfeed.cli.printing import Table, print_json
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.releasing import ParkedArticles

Place = tuple[str, int, int]
"""The read model as ``<projection>@<version>``, the partition, and the position of the bad event."""

ParkedDeed = Callable[[EventLog, Sequence[Place] | None], Awaitable[bool]]
"""What is done about parked articles, or with None about all of them; False for bad news."""


def is_of_read_model(group: str) -> bool:
    """Whether a name of a group is that of a version of a read model."""
    name, at, version = group.partition("@")
    return name in PROJECTIONS and bool(at) and version.isdecimal()


def complain(sentence: str) -> None:
    """Tell bad news."""
    typer.echo(f"newsfeed: {sentence}", err=True)


async def list_parked(log: EventLog, *, as_json: bool) -> None:
    """List the parked articles; nothing where there are none."""
    table: Table | None = None
    async for one in ParkedArticles(log).all():
        name = f"{one.group}:{one.partition}:{one.position}"
        if as_json:
            print_json({"letter": name, **one.model_dump(mode="json")})
            continue
        table = table or Table(["letter", "parked", "type", "subject", "waiting", "reason"])
        table.print([[name, one.died_at, one.type, one.subject, one.waiting - 1, one.reason]])


async def requeue_parked(log: EventLog, places: Sequence[Place] | None) -> bool:
    """Fold what waited and let the articles go on; False when one of them cannot."""
    articles = ParkedArticles(log)
    if places is not None:
        return all([await _requeued(articles, place) for place in places])
    done = True
    async for one in articles.all():
        done &= await _requeued(articles, (one.group, one.partition, one.position))
    return done


async def _requeued(articles: ParkedArticles, place: Place) -> bool:
    name = ":".join(map(str, place))
    try:
        if await articles.requeue(*place):
            typer.echo(f"requeued {name}")
            return True
        complain(f"there is no dead letter {name}")
    except NewsfeedError as error:
        complain(str(error))
    return False


async def drop_parked(_log: EventLog, places: Sequence[Place] | None) -> bool:
    """Never: the read model would say less than the log does, and nobody would know."""
    for place in places or ():
        complain(f"{':'.join(map(str, place))} is an article of a read model: it can only be requeued")
    return not places
