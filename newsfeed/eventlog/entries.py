"""An entry of the log and how it is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson

from newsfeed.errors import EventUnreadable, LogDamaged
from newsfeed.events import LogEvent, parse_log_event

FIELD_EVENT_ID, FIELD_VERSION, FIELD_PREVIOUS, FIELD_DATA = b"e", b"v", b"p", b"__data__"

_ARTICLE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
"""What is believed of an event that cannot be read: nothing that could be text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of one partition: its place, the chain of its subject, and its event or why not.

    ``previous`` is the position of the subject's event before (0 = none), ``version`` the article's
    version after this event. ``article_id`` is what an unreadable event, and only that, says of its article.
    """

    position: int
    event_id: str
    version: int
    previous: int
    event: LogEvent | EventUnreadable
    article_id: str | None = None

    @property
    def subject(self) -> str | None:
        """The chain that the entry belongs to, as far as the entry tells."""
        return self.article_id if isinstance(self.event, EventUnreadable) else self.event.subject

    @property
    def nameless(self) -> bool:
        """Whether only the entries before it can tell which chain it belongs to."""
        return self.article_id is None and isinstance(self.event, EventUnreadable)

    def readable(self) -> LogEvent:
        """The event; raises :class:`EventUnreadable`."""
        if isinstance(self.event, EventUnreadable):
            raise self.event
        return self.event


def entry_id(position: int) -> str:
    """The stream id of a position."""
    return f"0-{position}"


def position_of(stream_id: bytes) -> int:
    """The position of a stream id; raises :class:`LogDamaged` for one that is not ours."""
    milliseconds, _, position = stream_id.partition(b"-")
    if milliseconds != b"0":
        raise LogDamaged(f"entry {stream_id!r} was written by somebody else")
    return int(position)


def read_entry(raw: object) -> Entry:
    """An entry from redis-py's ``(id, fields)``; what cannot be read becomes the entry's error.

    Raises :class:`LogDamaged` for an entry that is not of this log, or that was trimmed while pending.
    """
    stream_id, fields = cast("tuple[bytes, Mapping[bytes, bytes] | None]", raw)
    if fields is None:
        raise LogDamaged(f"entry {stream_id!r} was trimmed while it was pending")
    event: LogEvent | EventUnreadable
    article_id = None
    try:
        event = parse_log_event(fields[FIELD_DATA])
    except KeyError:
        event = EventUnreadable("event_unreadable", "the entry has no __data__ field")
    except EventUnreadable as error:
        event, article_id = error, _article_id(fields[FIELD_DATA])
    return Entry(
        position=position_of(stream_id),
        event_id=fields.get(FIELD_EVENT_ID, b"").decode(errors="replace"),
        version=_integer(fields.get(FIELD_VERSION)),
        previous=_integer(fields.get(FIELD_PREVIOUS)),
        event=event,
        article_id=article_id,
    )


def _article_id(data: bytes) -> str | None:
    """The article that an event names which cannot be read otherwise."""
    try:
        document: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    named = document.get("article_id") if isinstance(document, dict) else None
    return named if isinstance(named, str) and _ARTICLE_ID.fullmatch(named) else None


def _integer(value: bytes | None) -> int:
    return int(value) if value and value.isdigit() else 0
