"""An entry of the log as a row of a segment: its exact bytes, and beside them what one may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, cast

from newsfeed.errors import LogDamaged
from newsfeed.eventlog.entries import (
    FIELD_DATA,
    FIELD_EVENT_ID,
    FIELD_PREVIOUS,
    FIELD_VERSION,
    Entry,
    entry_id,
    position_of,
    read_entry,
)
from newsfeed.events import ArticleEvent

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Stored(NamedTuple):
    """What the log keeps of an entry."""

    position: int
    event_id: str
    version: int
    previous: int
    data: bytes


class Row(NamedTuple):
    """A row; times are microseconds of Unix time, None stands for what an unreadable event does not tell."""

    partition: int
    position: int
    event_id: str
    type: str | None
    subject: str | None
    article_id: str | None
    version: int
    previous: int
    recorded_at: int | None
    occurred_at: int | None
    correlation_id: str | None
    data: bytes


def row_of(partition: int, raw: object) -> Row:
    """The row of redis-py's ``(id, fields)``; raises :class:`LogDamaged` for one that no commit wrote."""
    stored = _stored(partition, raw)
    event = read_entry(raw).event
    if isinstance(event, Exception):
        return _row(partition, stored)
    return _row(
        partition,
        stored,
        type=event.type,
        subject=event.subject,
        article_id=event.article_id if isinstance(event, ArticleEvent) else None,
        recorded_at=_microseconds(event.recorded_at),
        occurred_at=_microseconds(event.occurred_at),
        correlation_id=str(event.correlation_id),
    )


def _row(partition: int, stored: Stored, **told: str | int | None) -> Row:
    known = {**dict.fromkeys(Row._fields), **told, **stored._asdict(), "partition": partition}
    return Row(**known)


def _stored(partition: int, raw: object) -> Stored:
    stream_id, fields = cast("tuple[bytes, Mapping[bytes, bytes]]", raw)
    try:
        stored = Stored(
            position_of(stream_id),
            fields[FIELD_EVENT_ID].decode(),
            int(fields[FIELD_VERSION]),
            int(fields[FIELD_PREVIOUS]),
            fields[FIELD_DATA],
        )
    except (KeyError, ValueError):
        stored = None
    if stored is None or raw_of(stored) != (stream_id, fields):
        where = stream_id.decode(errors="replace")
        raise LogDamaged(f"partition {partition}: entry {where} was not written by a commit of ours")
    return stored


def raw_of(stored: Stored) -> tuple[bytes, dict[bytes, bytes]]:
    """The entry as redis-py gave it."""
    return entry_id(stored.position).encode(), {
        FIELD_EVENT_ID: stored.event_id.encode(),
        FIELD_VERSION: str(stored.version).encode(),
        FIELD_PREVIOUS: str(stored.previous).encode(),
        FIELD_DATA: stored.data,
    }


def entry_of(stored: Stored) -> Entry:
    """The entry as any reader of the log gets it."""
    return read_entry(raw_of(stored))


def moment(microseconds: int | None) -> datetime | None:
    """A time of a row."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def _microseconds(time: datetime | None) -> int | None:
    return None if time is None else (time - EPOCH) // timedelta(microseconds=1)
