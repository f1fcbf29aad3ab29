"""`newsfeed archive`: sealed segments of the log, outside Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import uuid4

import orjson
import typer

from newsfeed import streams
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import ask
from newsfeed.errors import ArchiveUnusable
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.archive.archiver import held, seal_up_to
from newsfeed.eventlog.archive.query import query
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.segments import Piece, SegmentManifest
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.leases import Leases
from newsfeed.health import instance_name
from newsfeed.settings import Settings

archive = typer.Typer(no_args_is_help=True, help="Sealed segments of the log, outside Redis.")


def _archive_of(log: EventLog) -> Archive:
    if log.archive is None:
        raise ArchiveUnusable("this log was opened without its archive")
    return log.archive


@archive.command()
def run(as_json: AsJson = False) -> None:
    """Seal everything up to the tail, now; the segments that were sealed."""

    async def answer(log: EventLog, settings: Settings) -> None:
        leases = Leases(
            log.redis, streams.ARCHIVE, f"{instance_name()}:{uuid4().hex[:8]}", settings.lease_seconds
        )
        sealed: list[SegmentManifest] = []
        for partition in range(log.manifest.partitions):
            sealed += await _seal(log, leases, partition, settings)
        _show(sealed, as_json)

    ask(answer)


async def _seal(
    log: EventLog, leases: Leases, partition: int, settings: Settings
) -> Sequence[SegmentManifest]:
    """Wait for our turn, then seal a partition."""
    while True:
        async with held(leases, partition, settings.renew_seconds) as lease:
            if lease:
                return await seal_up_to(
                    log,
                    _archive_of(log),
                    partition,
                    through=await log.tail(partition),
                    limit=settings.archive_events,
                )
        await rest(settings.renew_seconds)


@archive.command("list")
def list_segments(as_json: AsJson = False) -> None:
    """List every sealed segment, by partition and position."""

    async def answer(log: EventLog, _settings: Settings) -> None:
        for_all = [await _archive_of(log).segments(p) for p in range(log.manifest.partitions)]
        _show([segment for segments in for_all for segment in segments], as_json)

    ask(answer)


def _show(segments: Sequence[SegmentManifest], as_json: bool) -> None:
    if as_json:
        for segment in segments:
            print_json({"segment": segment.name, **segment.model_dump(mode="json")})
        return
    rows = [[s.name, s.count, s.size_bytes, s.first_recorded_at, s.last_recorded_at] for s in segments]
    print_table(["segment", "events", "bytes", "from", "to"], rows)


@archive.command("query")
def ask_archive(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; the table is `events`.")],
    as_json: AsJson = False,
) -> None:
    """Ask the archive in SQL: `events` has a row for each archived event."""

    async def answer(log: EventLog, _settings: Settings) -> None:
        store = _archive_of(log)
        pieces = [piece for p in range(log.manifest.partitions) for piece in await store.pieces(p)]
        await asyncio.to_thread(_answer, store, pieces, sql, as_json)

    ask(answer)


def _answer(store: Archive, pieces: Sequence[Piece], sql: str, as_json: bool) -> None:
    with query(store, pieces, sql) as result:
        if not as_json:
            print_table(result.columns, result.rows)
            return
        for row in result.rows:
            line = dict(zip(result.columns, row, strict=True))
            typer.echo(orjson.dumps(line, default=_plain, option=orjson.OPT_NON_STR_KEYS))


def _plain(value: object) -> object:
    """What JSON has no word for: decimals, intervals, bytes."""
    return value.hex() if isinstance(value, bytes) else str(value)
