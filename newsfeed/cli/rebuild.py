"""`newsfeed rebuild`: make a read model anew beside the live one, swap it in, or go back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from newsfeed.cli.printing import AsJson, emit, print_json, print_table
from newsfeed.cli.rebuild_all import rebuild_all
from newsfeed.cli.session import ask
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.current import Current
from newsfeed.readmodel.progress import VersionProgress, progress
from newsfeed.readmodel.projection import Projection
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.rebuilding import build, built, give_up, roll_back, swap
from newsfeed.readmodel.store import ModelStore
from newsfeed.settings import Settings

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="One read model; all of them without.")]
NoSwap = Annotated[bool, typer.Option("--no-swap", help="Only build; the live version stays.")]
Swap = Annotated[bool, typer.Option("--swap", help="Make the version that was built live.")]
Rollback = Annotated[bool, typer.Option("--rollback", help="Make the version before live again.")]
GiveUp = Annotated[bool, typer.Option("--give-up", help="Drop the version that is being built.")]
Listing = Annotated[bool, typer.Option("--list", help="Show every version and how far it is.")]
Hash = Annotated[bool, typer.Option("--hash", help="With --list: the sha256 of what each version says.")]
Everything = Annotated[
    bool, typer.Option("--all", help="Also the ledgers of channels and of seeds; compare before and after.")
]

Deed = Callable[[EventLog, Projection[Any], bool], Awaitable[None]]
"""What is done to a read model; it tells of it, in JSON if that is True."""


def rebuild(  # noqa: PLR0913 each is an option of the command
    name: Name = None,
    *,
    no_swap: NoSwap = False,
    swap_in: Swap = False,
    rollback: Rollback = False,
    give_up_built: GiveUp = False,
    listing: Listing = False,
    with_hash: Hash = False,
    everything: Everything = False,
    as_json: AsJson = False,
) -> None:
    """Make read models anew from the log. What is live answers until the new version is whole."""
    wishes: dict[Deed, bool] = {
        _build: no_swap,
        _swap: swap_in,
        _roll_back: rollback,
        _give_up: give_up_built,
    }
    if sum((*wishes.values(), listing, everything)) > 1 or (with_hash and not listing):
        raise typer.BadParameter("choose one of the options; --hash goes with --list")
    chosen = _chosen(name, everything=everything)
    deeds = [deed for deed, wished in wishes.items() if wished] or [_build, _swap]

    async def answer(log: EventLog, settings: Settings) -> bool:
        if everything:
            return await rebuild_all(log, settings, as_json=as_json)
        if listing:
            await _list(log, chosen, with_hash=with_hash, as_json=as_json)
            return True
        for projection in chosen:
            for deed in deeds:
                await deed(log, projection, as_json)
        return True

    if not ask(answer):
        raise typer.Exit(1)


def _chosen(name: str | None, *, everything: bool) -> list[Projection[Any]]:
    if name is None:
        return list(PROJECTIONS.values())
    if everything or name not in PROJECTIONS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(PROJECTIONS)}, or goes with --all")
    return [PROJECTIONS[name]]


async def _build(log: EventLog, projection: Projection[Any], as_json: bool) -> None:
    store = await build(log, projection)
    _tell(projection, store.version, "built", as_json)


async def _swap(log: EventLog, projection: Projection[Any], as_json: bool) -> None:
    versions = await swap(log, projection, await built(log, projection))
    _tell(projection, versions.live, "live", as_json)


async def _roll_back(log: EventLog, projection: Projection[Any], as_json: bool) -> None:
    versions = await roll_back(log, projection)
    _tell(projection, versions.live, "live", as_json)


async def _give_up(log: EventLog, projection: Projection[Any], as_json: bool) -> None:
    versions = await give_up(log, projection)
    _tell(projection, versions.live, "live", as_json)


def _tell(projection: Projection[Any], version: int | None, state: str, as_json: bool) -> None:
    told = {"projection": projection.name, "version": version, "state": state}
    emit(told, f"version {version} of {projection.name} is {state}", as_json=as_json)


async def _list(log: EventLog, chosen: Sequence[Projection[Any]], *, with_hash: bool, as_json: bool) -> None:
    names = {projection.name for projection in chosen}
    tails = await log.tails()
    rows: list[list[object]] = []
    for one in await progress(log):
        if one.projection not in names:
            continue
        sha256 = await _sha256(log, one, tails) if with_hash else None
        if as_json:
            print_json({**asdict(one), "sha256": sha256})
        else:
            rows.append(
                [one.projection, one.version, one.state, one.checkpoints, one.lag, one.parked, sha256]
            )
    if not as_json:
        print_table(["read model", "version", "state", "checkpoints", "lag", "parked", "sha256"], rows)


async def _sha256(log: EventLog, one: VersionProgress, tails: Sequence[int]) -> str | None:
    """What a version says at the end of the log; None for one that this release cannot read."""
    if not one.fits or one.checkpoints is None:
        return None
    projection = PROJECTIONS[one.projection]
    return await Current(log, projection, ModelStore(log, projection, one.version), tails).sha256()
