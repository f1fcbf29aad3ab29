"""`newsfeed dead-letters`: what a group could not process, why, and the way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol

import typer

from newsfeed import streams
from newsfeed.cli.printing import AsJson, print_fields, print_json, print_table
from newsfeed.cli.session import ask
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.dead_letters import DeadLetter, DeadLetters
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.queries import NotFound
from newsfeed.readmodel.releasing import ParkedArticles
from newsfeed.readmodel.timeline import entry_document
from newsfeed.settings import Settings

dead_letters = typer.Typer(no_args_is_help=True, help="What a group could not process, and the way back.")

Letter = Annotated[
    str, typer.Argument(metavar="LETTER", help="GROUP:PARTITION:POSITION, as `dead-letters list` shows it.")
]

Deed = Callable[[str, int, int], Awaitable[bool]]
"""What is done about a letter of a group, by partition and position; False when it is not there."""


class Letters(Protocol):
    """Where dead letters are kept: those of the groups, or the parked articles of the read models."""

    async def get(self, group: str, partition: int, position: int) -> DeadLetter | None:
        """One of them."""

    async def requeue(self, group: str, partition: int, position: int) -> bool:
        """Bring one back; False when it is not there."""

    async def drop(self, group: str, partition: int, position: int) -> bool:
        """Forget one; False when it is not there."""


def _letters(log: EventLog, group: str) -> Letters:
    if group in streams.GROUPS:
        return DeadLetters(log.redis, log.manifest.partitions)
    return ParkedArticles(log)


def _name(letter: DeadLetter) -> str:
    return f"{letter.group}:{letter.partition}:{letter.position}"


def _parse(name: str) -> tuple[str, int, int]:
    group, _, place = name.partition(":")
    partition, _, position = place.partition(":")
    known = group in streams.GROUPS or group.partition("@")[0] in PROJECTIONS
    if not known or not partition.isdecimal() or not position.isdecimal():
        groups = ", ".join((*streams.GROUPS, *(f"{name}@VERSION" for name in PROJECTIONS)))
        raise typer.BadParameter(f"{name!r} is not GROUP:PARTITION:POSITION; groups are {groups}")
    return group, int(partition), int(position)


@dead_letters.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """List every dead letter of every group."""

    async def answer(log: EventLog, _settings: Settings) -> None:
        rows: list[list[object]] = []
        for letter in await _all(log):
            if as_json:
                print_json({"letter": _name(letter), **letter.model_dump(mode="json")})
            else:
                subject = letter.subject or letter.event_id
                rows.append(
                    [_name(letter), letter.died_at, letter.attempts, letter.type, subject, letter.reason]
                )
        if not as_json:
            print_table(["letter", "died", "attempts", "type", "subject", "reason"], rows)

    ask(answer)


async def _all(log: EventLog) -> list[DeadLetter]:
    letters = DeadLetters(log.redis, log.manifest.partitions)
    found = [letter for group in streams.GROUPS async for letter in letters.all(group)]
    found += [letter async for letter in ParkedArticles(log).all()]
    return sorted(found, key=lambda letter: (letter.group, letter.partition, letter.position))


@dead_letters.command()
def show(name: Letter, as_json: AsJson = False) -> None:
    """Show one dead letter and its event."""
    group, partition, position = _parse(name)

    async def answer(log: EventLog, _settings: Settings) -> None:
        letter = await _letters(log, group).get(group, partition, position)
        if letter is None:
            raise _missing(name)
        entry = await log.entry(partition, position)
        event = entry_document(entry) if entry else None
        if as_json:
            print_json({"letter": name, **letter.model_dump(mode="json"), "event": event})
        else:
            print_fields([("letter", name), *letter.model_dump().items(), *(event or {}).items()])

    ask(answer, without_log=1)


@dead_letters.command()
def requeue(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LETTER]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Make events pending again in their old places, and fold parked articles on: try once more."""
    _each(names or [], everything, "requeued", lambda letters: letters.requeue)


@dead_letters.command()
def drop(
    names: Annotated[list[str] | None, typer.Argument(metavar="[LETTER]...")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every dead letter.")] = False,
) -> None:
    """Forget dead letters; their events stay in the log."""
    _each(names or [], everything, "dropped", lambda letters: letters.drop)


def _each(names: list[str], everything: bool, done: str, deed: Callable[[Letters], Deed]) -> None:
    if everything == bool(names):
        raise typer.BadParameter("name the letters, or all of them with --all")
    chosen = [_parse(name) for name in names]

    async def answer(log: EventLog, _settings: Settings) -> int:
        places = (
            [(one.group, one.partition, one.position) for one in await _all(log)] if everything else chosen
        )
        return sum([await _done(deed(_letters(log, place[0])), place, done) for place in places])

    if ask(answer, without_log=0 if everything else 1):
        raise typer.Exit(1)


async def _done(act: Deed, place: tuple[str, int, int], done: str) -> int:
    """Do it and say so; 1 when it could not be done."""
    name = ":".join(map(str, place))
    try:
        if not await act(*place):
            raise _missing(name)
    except NewsfeedError as error:
        typer.echo(f"newsfeed: {error}", err=True)
        return 1
    typer.echo(f"{done} {name}")
    return 0


def _missing(name: str) -> NotFound:
    return NotFound(f"there is no dead letter {name}, or its event is not in the log any more")
