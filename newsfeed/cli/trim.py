"""`newsfeed trim`: let Redis forget what the archive holds and no reader needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import ask
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.trimming import Trim, trim
from newsfeed.settings import Settings


def trim_log(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: AsJson = False,
) -> None:
    """Trim the log up to where every reader is done and all is archived; reading goes on as before."""

    async def answer(log: EventLog, _settings: Settings) -> list[Trim]:
        return [await trim(log, partition, dry_run=dry_run) for partition in range(log.manifest.partitions)]

    trims = ask(answer) or []
    if as_json:
        for one in trims:
            print_json({**asdict(one), "dry_run": dry_run})
    else:
        _print(trims, dry_run)
    if any(one.refused for one in trims):
        raise typer.Exit(1)


def _print(trims: Sequence[Trim], dry_run: bool) -> None:
    rows = [
        [one.partition, one.count, one.floor, one.holder or f"refused: {one.refused} is not known"]
        for one in trims
    ]
    print_table(["partition", "would go" if dry_run else "went", "floor", "held by"], rows)
