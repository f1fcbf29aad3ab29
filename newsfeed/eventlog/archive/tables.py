"""Segments as Parquet files, by DuckDB: written from rows, read back by position.

DuckDB is loaded when it is first needed, never reaches for the network, and keeps within its limits.
Every call may take long: use a thread.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import orjson

from newsfeed.eventlog.archive.rows import Row, Stored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BLOCK = 2048
"""Rows of a row group, the least that DuckDB makes: what is decoded for one position."""

LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "512MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
"""What every connection of ours is made with."""

_COLUMNS = {
    "partition": "USMALLINT",
    "position": "BIGINT",
    "event_id": "VARCHAR",
    "type": "VARCHAR",
    "subject": "VARCHAR",
    "article_id": "VARCHAR",
    "version": "BIGINT",
    "previous": "BIGINT",
    "recorded_at": "BIGINT",
    "occurred_at": "BIGINT",
    "correlation_id": "VARCHAR",
    "data": "VARCHAR",
}
"""The columns as they stand in the file between us and DuckDB: times as numbers, bytes in base64."""

_MEANT = (
    "make_timestamptz(recorded_at) AS recorded_at, make_timestamptz(occurred_at) AS occurred_at, "
    "from_base64(data) AS data"
)
_SPELT = "epoch_us(recorded_at) AS recorded_at, epoch_us(occurred_at) AS occurred_at"


@cache
def _database() -> DuckDBPyConnection:
    import duckdb

    return duckdb.connect(":memory:", config=LIMITS)


def parquet(rows: Sequence[Row]) -> bytes:
    """The bytes of a segment; the same rows give the same bytes with the same DuckDB."""
    with TemporaryDirectory(prefix="newsfeed-") as folder:
        lines, target = Path(folder) / "rows.jsonl", Path(folder) / "rows.parquet"
        with lines.open("wb") as file:
            for row in rows:
                line = {**row._asdict(), "data": base64.b64encode(row.data).decode()}
                file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        with _database().cursor() as cursor:
            cursor.execute(
                f"COPY (SELECT * REPLACE ({_MEANT}) FROM read_json({quoted(lines)}, "  # noqa: S608 nothing of it is from outside
                f"format = 'newline_delimited', columns = {_COLUMNS})) "
                f"TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {BLOCK})"
            )
        return target.read_bytes()


def read_rows(path: Path) -> list[Row]:
    """Every row of a segment; raises ``duckdb.Error`` for a file that is none."""
    with _database().cursor() as cursor:
        found = cursor.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM (SELECT * REPLACE ({_SPELT}) FROM read_parquet(?)) "  # noqa: S608 as above
            "ORDER BY position",
            [str(path)],
        ).fetchall()
    return [Row(*row) for row in found]


def rows_in(data: bytes) -> list[Row] | None:
    """Every row of a segment by its bytes; None when they are no table of ours."""
    import duckdb

    with TemporaryDirectory(prefix="newsfeed-") as folder:
        path = Path(folder) / "rows.parquet"
        path.write_bytes(data)
        try:
            return read_rows(path)
        except duckdb.Error:
            return None


def read_block(path: Path, first: int, last: int) -> list[Stored]:
    """The entries at the positions from ``first`` to ``last``."""
    with _database().cursor() as cursor:
        found = cursor.execute(
            f"SELECT {', '.join(Stored._fields)} FROM read_parquet(?) "  # noqa: S608 as above
            "WHERE position BETWEEN ? AND ? ORDER BY position",
            [str(path), first, last],
        ).fetchall()
    return [Stored(*row) for row in found]


def quoted(path: Path | str) -> str:
    """A string of SQL."""
    return "'" + str(path).replace("'", "''") + "'"
