"""Tables: comma, semicolon or tab separated, with a header, one article a row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Literal

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.charset import decode
from services.ingest.formats.field_names import columns
from services.ingest.formats.records import Record, read_record
from services.ingest.formats.shape import CERTAIN, LIKELY, NEVER, Head
from services.ingest.progress import each

FORMAT = "table"
VERSION = 1

ROWS_UNEVEN = "rows_of_uneven_length"
ROWS_SKIPPED = "rows_skipped"

_SUFFIXES = frozenset({".csv", ".tsv", ".tab", ".psv"})
_DELIMITERS = ",;\t|"
_SAYS_DELIMITER = re.compile(r"\Asep=(.)\n", re.IGNORECASE)
_FIELD_CHARACTERS = 4 * 1024 * 1024
_HEADER_CHARACTERS = 8 * 1024
_CELL_CHARACTERS = 40
_NAMES_THAT_TELL = 2
_CELLS_THAT_TELL = 3


def recognise(head: Head) -> int:
    """By the name of the file, or by a first line that is nothing but names of fields."""
    if head.suffix in _SUFFIXES:
        return CERTAIN - 1
    names = _header(head.text, _delimiter(head.text))
    if len(names) < _CELLS_THAT_TELL or any(not name or len(name) > _CELL_CHARACTERS for name in names):
        return NEVER
    known = columns(names)
    tells = bool(known.keys() & {"title", "body"}) and len(known) >= _NAMES_THAT_TELL
    return LIKELY + 2 if tells and len(known) * 2 >= len(names) else NEVER


def parse(data: bytes, hint: ReadingHint) -> Reading:
    """Every row as an article.

    Raises Rejection ``columns_unknown`` when no column is named for a title or a body, and
    ``no_articles`` without a row that has either.
    """
    decoded = decode(data, hint.charset)
    text = decoded.text.lstrip("\n")
    delimiter = _delimiter(text)
    text = _SAYS_DELIMITER.sub("", text)
    header, *rows = _rows(text, delimiter)
    _refuse_unknown(header, hint.mapping)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    articles = [_read(header, row, hint) for row in each(filled)]
    found = tuple(article for article in articles if article)
    if not found:
        raise Rejection("no_articles", f"a table of {len(filled)} rows without a title or a text")
    uneven = sum(len(row) != len(header) for row in filled)
    lost = len(filled) - len(found)
    warnings = [f"{ROWS_UNEVEN}: {uneven}"] if uneven else []
    warnings += [f"{ROWS_SKIPPED}: {lost}"] if lost else []
    name = "tsv" if delimiter == "\t" else "csv"
    shown = tuple(_warned(article, decoded.warnings) for article in found)
    return Reading(
        format=name,
        parser_version=VERSION,
        charset=decoded.charset,
        articles=shown,
        warnings=tuple(warnings),
    )


def _refuse_unknown(header: list[str], mapping: Mapping[str, str]) -> None:
    known = {*columns(header), *(field for field, name in mapping.items() if name in header)}
    if not known & {"title", "body"}:
        raise Rejection("columns_unknown", f"none of {len(header)} columns is named for a title or a body")


def _read(header: list[str], row: list[str], hint: ReadingHint) -> Article | None:
    cells = {name: cell for name, cell in zip(header, row, strict=False) if name and cell.strip()}
    return read_record(Record.of(cells, hint.mapping), hint, alone=False) if cells else None


def _warned(article: Article, warnings: tuple[str, ...]) -> Article:
    return article.model_copy(update={"warnings": (*warnings, *article.warnings)}) if warnings else article


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The header and the rows; when a quote is never closed, quotes are taken for letters."""
    try:
        rows = _cells(text, delimiter, strict=True)
    except csv.Error as error:
        is_open = "end of data" in str(error)
        rows = _cells(text, delimiter, quoting=csv.QUOTE_NONE if is_open else csv.QUOTE_MINIMAL)
    if not rows:
        raise Rejection("corrupt", "a table without a header")
    return [[name.strip() for name in rows[0]], *rows[1:]]


def _cells(
    text: str, delimiter: str, *, quoting: Literal[0, 3] = csv.QUOTE_MINIMAL, strict: bool = False
) -> list[list[str]]:
    csv.field_size_limit(_FIELD_CHARACTERS)
    source = io.StringIO(text, newline="")
    rows = csv.reader(source, delimiter=delimiter, quoting=quoting, strict=strict, skipinitialspace=True)
    try:
        return [row for row in rows if row]
    except csv.Error:
        if strict:
            raise
        raise Rejection("corrupt", f"a table: line {rows.line_num}") from None


def _delimiter(text: str) -> str:
    """What parts the cells: as the file says, as the header suggests, as the rest of it does."""
    said = _SAYS_DELIMITER.match(text)
    if said and said[1] in _DELIMITERS:
        return said[1]
    rated = [
        (len(columns(_header(text, one))), len(_header(text, one)), -place)
        for place, one in enumerate(_DELIMITERS)
    ]
    best = max(rated)
    if best[1] > 1:
        return _DELIMITERS[-best[2]]
    try:
        return csv.Sniffer().sniff(text[:_HEADER_CHARACTERS], _DELIMITERS).delimiter
    except csv.Error:
        return ","


def _header(text: str, delimiter: str) -> list[str]:
    first = _SAYS_DELIMITER.sub("", text.lstrip("\ufeff\r\n"))[:_HEADER_CHARACTERS]
    try:
        return [name.strip() for name in next(csv.reader(io.StringIO(first), delimiter=delimiter), [])]
    except csv.Error:
        return []
