"""JSON that follows no standard: where the records stand in it, by their shape and by common names."""

from __future__ import annotations

from collections import deque
from typing import Any

from services.ingest.article import Article, ReadingHint
from services.ingest.formats.dotted import at
from services.ingest.formats.records import Record, read_record
from services.ingest.progress import each

DIALECT = "json"

ITEMS = "items"
"""The key of a mapping that says where the records stand."""

_DEEPEST = 5
_LOOKED_AT = 2_000
"""Objects and lists that are looked into for records."""

_ASKED = 200
"""Objects of a list that are asked whether any of them is news; a list of other things is long."""


def find_records(value: object, mapping: dict[str, str]) -> list[Record]:
    """The records of a JSON value: where the mapping says, else the first list of them, else itself."""
    fields = {name: path for name, path in mapping.items() if name != ITEMS}
    if ITEMS in mapping:
        value = at(value, mapping[ITEMS])
        return _news(value if isinstance(value, list) else [value], fields)
    found = _first_list(value, fields)
    return found or _news([value], fields)


def read_records(records: list[Record], hint: ReadingHint) -> list[Article | None]:
    """The articles, in order; None for a record without a text."""
    return [read_record(record, hint, alone=len(records) == 1) for record in each(records)]


def _first_list(value: object, fields: dict[str, str]) -> list[Record]:
    """The records of the outermost list that has any; lists inside a record are not looked into."""
    queue: deque[tuple[object, int]] = deque([(value, 0)])
    for _ in range(_LOOKED_AT):
        if not queue:
            break
        current, depth = queue.popleft()
        if isinstance(current, list) and (records := _news(current, fields)):
            return records
        inner = (
            current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        )
        if depth < _DEEPEST:
            queue.extend((one, depth + 1) for one in inner if isinstance(one, dict | list))
    return []


def _news(values: list[Any], fields: dict[str, str]) -> list[Record]:
    objects = [value for value in values if isinstance(value, dict)]
    if not any(Record.of(value, fields).is_news for value in objects[:_ASKED]):
        return []
    records = [Record.of(value, fields) for value in objects]
    return [record for record in records if record.is_news]
