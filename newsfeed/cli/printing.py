"""How answers look: one JSON object a line for programs, plain columns for people and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import orjson
import typer
from pydantic import BaseModel

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

UNKNOWN = "-"


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    typer.echo(orjson.dumps(value, default=_plain) + b"\n", nl=False)


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(type(value).__name__)


def emit(value: object, line: str, *, as_json: bool) -> None:
    """Print one answer of many: the value for programs, the line for people."""
    if as_json:
        print_json(value)
    else:
        typer.echo(harmless(line))


def print_bytes(value: bytes) -> None:
    """Print exactly these bytes."""
    typer.echo(value, nl=False)


class Table:
    """Columns as wide as their widest cell so far; the last one ends where it ends.

    Rows may come in pages: a listing of any length is printed in the memory of a page.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self._header: Sequence[str] | None = [name.upper() for name in header]
        self._widths = [0] * (len(header) - 1)

    def print(self, rows: Iterable[Sequence[object]]) -> None:
        """Print a page, the first one under the header."""
        lines = [[shown(cell) for cell in row] for row in rows]
        if self._header is not None:
            lines.insert(0, list(self._header))
            self._header = None
        for line in lines:
            self._widths = [max(width, len(cell)) for width, cell in zip(self._widths, line, strict=False)]
        for line in lines:
            padded = [cell.ljust(width) for cell, width in zip(line, self._widths, strict=False)]
            typer.echo("  ".join([*padded, line[-1]]).rstrip())


def print_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table that is known as a whole."""
    Table(header).print(rows)


def print_fields(fields: Iterable[tuple[str, object]]) -> None:
    """Print a paragraph of names and values, one a line."""
    pairs = [(name, shown(value)) for name, value in fields]
    width = max(len(name) for name, _ in pairs)
    for name, value in pairs:
        typer.echo(f"{name.ljust(width)}  {value}".rstrip())


def shown(value: object) -> str:
    """A value on one line: times to the second in UTC, no control characters."""
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, float):
        return f"{value:.2f}"
    return harmless(" ".join(str(value).split()))


def harmless(line: str) -> str:
    """A line without control characters, which could move the cursor of a terminal."""
    return "".join(character if character.isprintable() else "\ufffd" for character in line)
