"""`newsfeed dead-letters`: what a group could not process, why, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

import typer

from newsfeed import streams
from newsfeed.cli.parked import (
    ParkedDeed,
    complain,
    drop_parked,
    is_of_read_model,
    list_parked,
    requeue_parked,
)
from newsfeed.cli.printing import AsJson, Table, print_fields, print_json
from newsfeed.cli.session import ask
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.dead_letters import Chosen, DeadLetter, DeadLetters, Waiting
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.queries import NotFound
from newsfeed.readmodel.releasing import ParkedArticles
from newsfeed.readmodel.timeline import entry_document
from newsfeed.settings import Settings

dead_letters = typer.Typer(no_args_is_help=True, help="What a group could not process, and the way back.")

Letter = Annotated[
    str, typer.Argument(metavar="LETTER", help="GROUP:PARTITION:POSITION, as `dead-letters list` shows it.")
]

Names = Annotated[list[str] | None, typer.Argument(metavar="[LETTER]...")]

Everything = Annotated[bool, typer.Option("--all", help="Every dead letter.")]

PAGE_ROWS = 100
"""Rows whose columns are aligned together."""

Deed = Callable[[DeadLetters, Chosen, DeadLetter | None], Awaitable[bool]]
"""What is done about chosen letters, and the letter that they were named by; False for bad news."""


def _letters(log: EventLog) -> DeadLetters:
    return DeadLetters(log.redis, log.manifest.partitions)


def _name(letter: DeadLetter) -> str:
    return f"{letter.group}:{letter.partition}:{letter.position}"


def _parse(name: str) -> tuple[str, int, int]:
    group, _, place = name.partition(":")
    partition, _, position = place.partition(":")
    known = group in streams.GROUPS or is_of_read_model(group)
    if not known or not partition.isdecimal() or not position.isdecimal():
        groups = ", ".join((*streams.GROUPS, *(f"{name}@VERSION" for name in PROJECTIONS)))
        raise typer.BadParameter(f"{name!r} is not GROUP:PARTITION:POSITION; groups are {groups}")
    return group, int(partition), int(position)


@dead_letters.command("list")
def list_letters(as_json: AsJson = False) -> None:
    """List the dead letters: with --json each, else by article the oldest and how many wait behind it."""

    async def answer(log: EventLog, _settings: Settings) -> None:
        for group in streams.GROUPS:
            if as_json:
                async for letter in _letters(log).all(group):
                    print_json({"letter": _name(letter), **letter.model_dump(mode="json")})
            else:
                await _print_waiting(_letters(log).waiting(group))
        await list_parked(log, as_json=as_json)

    ask(answer)


async def _print_waiting(found: AsyncIterator[Waiting]) -> None:
    table = Table(["letter", "died", "attempts", "type", "subject", "waiting", "reason"])
    page: list[list[object]] = []
    async for one in found:
        letter = one.letter
        subject = letter.subject or letter.event_id
        tried = [_name(letter), letter.died_at, letter.attempts, letter.type]
        page.append([*tried, subject, one.behind, letter.reason])
        if len(page) == PAGE_ROWS:
            table.print(page)
            page.clear()
    table.print(page)


@dead_letters.command()
def show(name: Letter, as_json: AsJson = False) -> None:
    """Show one dead letter, its event, and what its article is parked behind."""
    group, partition, position = _parse(name)

    async def answer(log: EventLog, _settings: Settings) -> None:
        letters = ParkedArticles(log) if is_of_read_model(group) else _letters(log)
        letter = await letters.get(group, partition, position)
        if letter is None:
            raise _missing(name)
        oldest = await letters.oldest_of(letter)
        parked = {
            "parked_behind": _name(oldest.letter) if oldest else None,
            "waiting_count": oldest.behind if oldest else 0,
        }
        entry = await log.entry(partition, position)
        event = entry_document(entry) if entry else None
        if as_json:
            print_json({"letter": name, **letter.model_dump(mode="json"), **parked, "event": event})
        else:
            fields = {**letter.model_dump(), **parked, **(event or {})}
            print_fields([("letter", name), *fields.items()])

    ask(answer, without_log=1)


@dead_letters.command()
def requeue(names: Names = None, everything: Everything = False) -> None:
    """Make events pending again in their old places, each with all that waits with it, oldest first."""
    _each(names or [], everything, _requeue, Chosen.article, requeue_parked)


@dead_letters.command()
def drop(
    names: Names = None,
    everything: Everything = False,
    article: Annotated[bool, typer.Option("--article", help="With all others of its article.")] = False,
) -> None:
    """Forget dead letters; their events stay in the log, and what waits behind them goes on waiting."""
    if everything and article:
        raise typer.BadParameter("--all drops every article; --article is for letters that are named")
    _each(names or [], everything, _drop, Chosen.article if article else _only, drop_parked)


def _only(letter: DeadLetter) -> Chosen:
    return Chosen.only(letter.group, letter.partition, letter.position)


def _each(
    names: list[str],
    everything: bool,
    deed: Deed,
    choose: Callable[[DeadLetter], Chosen],
    deed_of_parked: ParkedDeed,
) -> None:
    if everything == bool(names):
        raise typer.BadParameter("name the letters, or all of them with --all")
    places = {name: _parse(name) for name in names}
    parked = {name: place for name, place in places.items() if is_of_read_model(place[0])}

    async def answer(log: EventLog, _settings: Settings) -> bool:
        of_parked = await deed_of_parked(log, None if everything else list(parked.values()))
        return await of_groups(_letters(log)) and of_parked

    async def of_groups(letters: DeadLetters) -> bool:
        if everything:
            chosen = [one for group in streams.GROUPS for one in letters.everything(group)]
            return all([await deed(letters, one, None) for one in chosen])
        found = {name: await letters.get(*places[name]) for name in places if name not in parked}
        for name, letter in found.items():
            if letter is None:
                complain(str(_missing(name)))
        # Two letters of one article are one choice.
        choices = {choose(letter): letter for letter in found.values() if letter}
        return all([await deed(letters, one, letter) for one, letter in choices.items()]) and all(
            found.values()
        )

    if not ask(answer, without_log=0 if everything else 1):
        raise typer.Exit(1)


async def _requeue(letters: DeadLetters, chosen: Chosen, letter: DeadLetter | None) -> bool:
    """Requeue what was chosen and say so; False when some of it cannot come back."""
    count = trimmed_count = 0
    async for taken in letters.requeue(chosen):
        count += taken.count
        trimmed_count += len(taken.trimmed)
        for position in taken.trimmed:
            name = f"{chosen.group}:{chosen.partition}:{position}"
            complain(f"{name} stays a dead letter: its event is not in the log any more")
    return _told("requeued", count, chosen, letter) and not trimmed_count


async def _drop(letters: DeadLetters, chosen: Chosen, letter: DeadLetter | None) -> bool:
    """Drop what was chosen; say so, and what of its article still waits."""
    count = sum([taken.count async for taken in letters.drop(chosen)])
    told = _told("dropped", count, chosen, letter)
    if letter and (left := await letters.oldest_of(letter)):
        waiting = f"{left.behind + 1} of its events wait, {_name(left.letter)} is the first"
        typer.echo(f"{letter.subject} stays parked: {waiting}")
    return told


def _told(done: str, count: int, chosen: Chosen, letter: DeadLetter | None) -> bool:
    """Say what was done; False when a letter was named and is not there any more."""
    if letter and not count:
        complain(str(_missing(_name(letter))))
        return False
    if letter:
        whole = f" with its article: {count} events" if chosen.subject else ""
        typer.echo(f"{done} {_name(letter)}{whole}")
    elif count:
        typer.echo(f"{done} {count} events of {chosen.group}, partition {chosen.partition}")
    return True


def _missing(name: str) -> NotFound:
    return NotFound(f"there is no dead letter {name}")
