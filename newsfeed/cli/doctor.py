"""`newsfeed doctor`: what is wrong below the surface, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from newsfeed import streams
from newsfeed.bundles import Bundle
from newsfeed.cli.printing import AsJson, print_json
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.definitions import in_force
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.lost import ahead, set_aside
from newsfeed.eventlog.durability import judge, read_facts
from newsfeed.eventlog.groups import backlog
from newsfeed.eventlog.memory import forget, losses, memories
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.settings import Settings

LOST = "put back the newest copy of Redis's data; if there is none: `newsfeed doctor --accept-loss`"


@dataclass(frozen=True, slots=True)
class Ailment:
    """One thing that is wrong: what, its remedy, and whether a program refuses to work because of it."""

    detail: str
    remedy: str
    fatal: bool


def doctor(
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Let programs go on from where the log ends now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check how Redis is set up and whether the log still holds what programs saw of it."""

    async def answer(session: Session) -> list[Ailment]:
        found = [Ailment(one.detail, one.remedy, one.fatal) for one in judge(await read_facts(session.redis))]
        try:
            log = await session.log()
        except NothingYet:
            return found
        found += await _lost(log, session.settings, accept_loss=accept_loss)
        return found + await _groupless(log) + await _incomplete(session)

    found = run(answer)
    for ailment in found:
        if as_json:
            print_json(asdict(ailment))
        else:
            typer.echo(f"{ailment.detail}: {ailment.remedy}")
    if not found and not as_json:
        typer.echo("Nothing is wrong.")
    if any(ailment.fatal for ailment in found):
        raise typer.Exit(1)


async def _lost(log: EventLog, settings: Settings, *, accept_loss: bool) -> list[Ailment]:
    """What programs saw or sealed and the log does not hold; with ``accept_loss`` it is let go."""
    if accept_loss:
        forget(settings.var)
        await set_aside(log)
    seen = [
        f"{name}: {loss}"
        for name, memory in memories(settings.var).items()
        for loss in await losses(log, memory)
    ]
    sealed = [f"the archive holds {one.name}, the log ends before that" for one in await ahead(log)]
    return [Ailment(detail, LOST, fatal=True) for detail in seen + sealed]


async def _groupless(log: EventLog) -> list[Ailment]:
    """A group that is gone would not be trimmed for; its program makes it anew, from the first event on."""
    return [
        Ailment(
            f"partition {partition} has no group {group}", f"start {group}: it makes it anew", fatal=False
        )
        for partition in range(log.manifest.partitions)
        for group in streams.GROUPS
        if await backlog(log, group, partition) is None
    ]


async def _incomplete(session: Session) -> list[Ailment]:
    """Bundles that go on without a channel that they are made of."""
    defined = in_force(await RegistryLog(session.redis).read(), {})
    return [
        Ailment(
            f"the bundle {bundle} has no channel {name!r} any more",
            f"define {name}, or {bundle} without it",
            fatal=False,
        )
        for bundle, one in defined.items()
        if isinstance(one.channel, Bundle)
        for name in one.channel.missing
    ]
