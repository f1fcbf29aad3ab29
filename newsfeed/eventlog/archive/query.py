"""Questions in SQL to the archive, answered by DuckDB: it reads the segments, and can do nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from newsfeed.errors import NewsfeedError
from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.segments import Piece, data_file

ROWS_AT_ONCE = 1000

MISSING = "DuckDB, which answers, is not installed: pip install 'newsfeed[sql]'"

_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""It never reaches for the network, and leaves the machine to the service."""

_COLUMNS = (
    "partition USMALLINT, position BIGINT, event_id VARCHAR, type VARCHAR, subject VARCHAR, "
    "article_id VARCHAR, version BIGINT, previous BIGINT, recorded_at TIMESTAMPTZ, "
    "occurred_at TIMESTAMPTZ, correlation_id VARCHAR, data JSON"
)


class QueryRefused(NewsfeedError):
    """The question cannot be answered: it is not one SELECT, or DuckDB says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Result:
    """The names of the columns, and the rows as they come."""

    columns: Sequence[str]
    rows: Iterator[tuple[Any, ...]]


@contextmanager
def query(archive: Archive, found: Sequence[Piece], sql: str) -> Iterator[Result]:
    """The answer to a question; its rows can be read inside. DuckDB is an extra: ``newsfeed[sql]``.

    The view ``events`` has a row for each archived event; ``data`` is its JSON, null where it is none.
    Raises :class:`QueryRefused` and :class:`SegmentDamaged`. It may take long: use a thread.
    """
    try:
        import duckdb
    except ModuleNotFoundError:
        raise QueryRefused(MISSING) from None

    with TemporaryDirectory(prefix="newsfeed-") as folder:
        files = [_file(archive, piece, Path(folder)) for piece in found]
        overlapping = any(piece.first > piece.segment.first for piece in found)
        try:
            statements = duckdb.extract_statements(sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise QueryRefused("ask one SELECT: the archive is never written")
            with _locked(files, overlapping=overlapping) as connection:
                cursor = connection.execute(statements[0])
                columns = [column[0] for column in cursor.description or ()]
                yield Result(columns, _rows(cursor))
        except duckdb.Error as error:
            raise QueryRefused(str(error)) from error


def _file(archive: Archive, piece: Piece, folder: Path) -> Path:
    """A name for a segment that DuckDB does not take for a pattern; its bytes were checked."""
    data = archive.checked(piece.segment)
    name = folder / f"{piece.segment.partition}-{piece.segment.first}-{piece.segment.last}.parquet"
    local = archive.store.path(data_file(piece.segment.name))
    if local is not None:
        name.symlink_to(local.resolve())
    else:
        name.write_bytes(data)
    return name


def _locked(files: Sequence[Path], *, overlapping: bool) -> Any:  # noqa: ANN401 DuckDB is loaded late
    """A connection that may open these files and nothing else, and whose limits cannot be changed."""
    import duckdb

    connection = duckdb.connect(":memory:", config=_LIMITS)
    listed = ", ".join(_quoted(path) for path in files)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET temp_directory = ''")
    connection.execute(f"SET allowed_paths = [{listed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute(_view(listed, overlapping=overlapping))
    connection.execute("SET lock_configuration = true")
    return connection


def _view(files: str, *, overlapping: bool) -> str:
    if not files:
        return f"CREATE TABLE events ({_COLUMNS})"
    once = " QUALIFY row_number() OVER (PARTITION BY partition, position) = 1" if overlapping else ""
    return (
        "CREATE VIEW events AS SELECT * REPLACE (try(json(decode(data))) AS data) "  # noqa: S608 nothing of it is from outside
        f"FROM read_parquet([{files}]){once}"
    )


def _rows(cursor: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 as above
    while page := cursor.fetchmany(ROWS_AT_ONCE):
        yield from page


def _quoted(path: Path) -> str:
    """A string of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
