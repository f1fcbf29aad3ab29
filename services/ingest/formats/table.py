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
_BRACKETS = ("<", "{", "[")
"""What no name of a column opens with, but every document in XML, HTML and JSON."""

_FIELD_CHARACTERS = 4 * 1024 * 1024
_HEADER_CHARACTERS = 8 * 1024
_CELL_CHARACTERS = 40
_NAMES_THAT_TELL = 2
_CELLS_THAT_TELL = 3


def recognise(head: Head) -> int:
    """By the name of the file, or by a first line that is nothing but names of fields."""
    if head.suffix in _SUFFIXES:
        return CERTAIN - 1
    if head.text.lstrip().startswith(_BRACKETS):
        return NEVER
    names = _telling_header(head.text)
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


def _telling_header(text: str) -> list[str]:
    """The cells of the first line, where it is parted into some and each is as short as a name."""
    headers = _headers(text)
    if not any(map(_is_header, headers.values())):
        return []
    delimiter = _named_delimiter(text, headers)
    header = _header(text, delimiter) if delimiter else []
    return header if _is_header(header) else []


def _is_header(names: list[str]) -> bool:
    return len(names) >= _CELLS_THAT_TELL and all(name and len(name) <= _CELL_CHARACTERS for name in names)


def _headers(text: str) -> dict[str, list[str]]:
    """The cells of the first line by what may part them; of what is not in the text, only the first."""
    absent = [one for one in _DELIMITERS if one not in text]
    return {one: _header(text, one) for one in _DELIMITERS if one not in absent[1:]}


def _named_delimiter(text: str, headers: Mapping[str, list[str]]) -> str | None:
    """What parts the cells: as the file says, or as the header suggests; None when both are silent."""
    said = _SAYS_DELIMITER.match(text)
    if said and said[1] in _DELIMITERS:
        return said[1]
    best = max(headers, key=lambda one: (len(columns(headers[one])), len(headers[one])))
    return best if len(headers[best]) > 1 else None


def _delimiter(text: str) -> str:
    """What parts the cells, as the rest of the table suggests where nothing else does."""
    if named := _named_delimiter(text, _headers(text)):
        return named
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
