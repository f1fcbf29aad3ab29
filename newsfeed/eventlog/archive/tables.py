"""Segments as Parquet files, by arro3 (Arrow for Rust): written from rows, read back by position.

arro3 is loaded when it is first needed. Every call may take long: use a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsfeed.eventlog.archive.rows import Row, Stored

if TYPE_CHECKING:
    from arro3.core import DataType, RecordBatch
    from arro3.core.types import ArrayInput

BLOCK = 2048
"""Rows of a row group: what is decoded for one position."""

_TIMES = ("recorded_at", "occurred_at")

_RISING = ("position", "previous", *_TIMES)
"""Columns of numbers that grow from row to row."""

_LIKE_NO_OTHER = ("event_id", "correlation_id", "data", *_RISING)
"""Columns of values of which each stands once or little more."""


class NotATable(Exception):
    """The bytes are no Parquet file with the columns of a segment."""


@cache
def _types() -> dict[str, DataType]:
    """The columns of a segment; a time is a number until it stands in the file."""
    from arro3.core import DataType

    numbers = dict.fromkeys(("position", "version", "previous", *_TIMES), DataType.int64())
    special = {"partition": DataType.uint16(), "data": DataType.binary(), **numbers}
    return {name: special.get(name, DataType.utf8()) for name in Row._fields}


def parquet(rows: Sequence[Row]) -> bytes:
    """The bytes of a segment; the same rows give the same bytes with the same arro3."""
    from arro3.core import Array, DataType, RecordBatch
    from arro3.io import write_parquet

    moment = DataType.timestamp("us", tz="UTC")
    columns: dict[str, ArrayInput] = {}
    for (name, type_), values in zip(_types().items(), zip(*rows, strict=True), strict=True):
        column = Array(values, type=type_)
        columns[name] = column.cast(moment) if name in _TIMES else column
    file = BytesIO()
    write_parquet(
        RecordBatch(columns),
        file,
        compression="zstd(3)",
        max_row_group_size=BLOCK,
        column_dictionary_enabled=dict.fromkeys(_LIKE_NO_OTHER, False),
        column_encoding=dict.fromkeys(_RISING, "delta_binary_packed"),
    )
    return file.getvalue()


def rows_in(file: Path | bytes) -> list[Row]:
    """Every row of a segment; raises :class:`NotATable`."""
    return [Row(*row) for batch in _batches(file) for row in _tuples(batch, Row._fields)]


def read_block(file: Path, number: int) -> list[Stored]:
    """The entries of one block, counted from 0; raises :class:`NotATable`."""
    batches = islice(_batches(file), number, number + 1)
    return [Stored(*row) for batch in batches for row in _tuples(batch, Stored._fields)]


def _batches(file: Path | bytes) -> Iterator[RecordBatch]:
    """The blocks of a file, each decoded when it is asked for.

    What arro3 cannot make sense of can end in a panic of Rust, which is no :class:`Exception`.
    """
    from arro3.io import read_parquet

    try:
        yield from read_parquet(file, batch_size=BLOCK)
    except (GeneratorExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise NotATable(str(error)) from error


def _tuples(batch: RecordBatch, names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """The rows of a block with only these columns."""
    try:
        columns = [batch[name].cast(_types()[name]).to_pylist() for name in names]
    except Exception as error:
        raise NotATable(str(error)) from error
    return zip(*columns, strict=True)
