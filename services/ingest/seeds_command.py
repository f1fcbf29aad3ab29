"""`newsfeed seeds`: what became of every file, another try for rejected ones, a word on deletions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import typer

from newsfeed.cli import printing, session
from newsfeed.cli.printing import AsJson
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog import EventLog
from services.ingest import orders
from services.ingest.ledger import Ledger
from services.ingest.ledger_entry import LedgerEntry
from services.ingest.looks import Look, parts_of
from services.ingest.paths import source_of
from services.ingest.scanning import scan
from services.ingest.settings import IngestSettings

State = Literal["waiting", "begun", "ingested", "duplicate", "rejected", "held", "deleted"]
"""``waiting``: ingest has not taken it in as it is now."""

T = TypeVar("T")

seeds = typer.Typer(no_args_is_help=True, help="What became of every file in the watched folder.")


@dataclass(frozen=True, slots=True)
class SeedView:
    """One file that is in the folder, or was; ``look`` is size, mtime, ctime (ns) and inode."""

    path: str
    source: str
    state: State
    present: bool
    article_ids: tuple[str, ...]
    code: str | None
    size_bytes: int | None
    look: tuple[int, ...] | None
    held_until: datetime | None
    vanished: bool


@seeds.command("list")
def list_seeds(
    source: Annotated[str | None, typer.Option(help="Only seeds of this folder.")] = None,
    state: Annotated[State | None, typer.Option(help="Only seeds in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show every seed: its state, its articles, and why it is not one."""
    shown = [
        one
        for one in _ask(_views)
        if (source is None or one.source == source) and (state is None or one.state == state)
    ]
    if as_json:
        for one in shown:
            printing.print_json(asdict(one))
        return
    header = ["state", "path", "articles", "code", "bytes", "held until"]
    rows = [
        [one.state, one.path, len(one.article_ids), one.code, one.size_bytes, one.held_until] for one in shown
    ]
    printing.print_table(header, rows)


@seeds.command()
def retry(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH]...", help="Rejected seeds.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All rejected seeds.")] = False,
) -> None:
    """Have rejected seeds tried again; the reason of one that succeeds disappears."""
    if bool(paths) == everything:
        raise typer.BadParameter("name the seeds, or say --all")
    wanted = set(paths or ())

    async def ask_again(log: EventLog) -> list[str]:
        rejected = [one.path for one in await _views(log) if one.state == "rejected"]
        unknown = wanted - set(rejected)
        if unknown:
            raise NewsfeedError(f"{min(unknown)} was not rejected; `newsfeed seeds list` shows what was")
        chosen = rejected if everything else sorted(wanted)
        await orders.ask_again(log.redis, chosen)
        return chosen

    chosen = _ask(ask_again)
    typer.echo(f"{len(chosen)} seeds are tried again as soon as ingest runs.")


@seeds.command("accept-deletions")
def accept_deletions() -> None:
    """Say that the seeds that vanished at once were deleted: their articles are withdrawn."""

    async def accept(log: EventLog) -> list[str]:
        return await orders.accept_deletions(log.redis)

    accepted = _ask(accept)
    if not accepted:
        raise NewsfeedError("no seeds vanished")
    for path in accepted:
        typer.echo(printing.harmless(path))
    typer.echo(f"These {len(accepted)} seeds count as deleted as soon as ingest runs.")


def _ask(question: Callable[[EventLog], Awaitable[T]]) -> T:
    return session.ask(lambda log, _: question(log))


async def _views(log: EventLog) -> list[SeedView]:
    """Every file that is in the folder or known to the ledger, by path."""
    ledger = Ledger(log)
    await ledger.load()
    found = await asyncio.to_thread(scan, IngestSettings().seeds)
    vanished = await orders.vanished(log.redis)
    known = dict(ledger.entries())
    return [
        _view(path, known.get(path), found.files.get(path), vanished)
        for path in sorted({*known, *found.files})
    ]


def _view(path: str, entry: LedgerEntry | None, look: Look | None, vanished: Iterable[str]) -> SeedView:
    known = entry.look if entry else None
    seen = parts_of(look) if look else None
    waits = entry is None or (seen is not None and known != seen)
    shown = seen or known
    return SeedView(
        path=path,
        source=source_of(path),
        state="waiting" if waits or entry is None else entry.outcome,
        present=look is not None,
        article_ids=entry.article_ids if entry else (),
        code=entry.code if entry else None,
        size_bytes=shown[0] if shown else None,
        look=tuple(shown) if shown else None,
        held_until=min(entry.held.values()) if entry and entry.held else None,
        vanished=path in vanished,
    )
