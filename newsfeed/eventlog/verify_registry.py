"""Is the registry what it was? Its positions, its facts, and the destinations that they name."""

from __future__ import annotations

from typing import cast

from newsfeed import streams
from newsfeed.errors import EventUnreadable, LogDamaged
from newsfeed.eventlog.entries import FIELD_DATA, position_of
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.registry_log import PAGE_COUNT
from newsfeed.eventlog.verify import Problem, Problems, wrong_with
from newsfeed.registry import RegistryEvent, SubscriptionChanged, SubscriptionCreated, parse_registry_event


async def verify_registry(log: EventLog) -> Problems:
    """Everything that is wrong with the registry; an erased destination is not wrong."""
    expected, start = 1, "-"
    while page := await log.redis.xrange(streams.REGISTRY, start, count=PAGE_COUNT):
        for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
            start = f"({stream_id.decode()}"
            try:
                position = position_of(stream_id)
                event = parse_registry_event(fields.get(FIELD_DATA, b""))
            except LogDamaged as error:
                yield Problem("registry_foreign", str(error), stream_id=stream_id.decode())
                continue
            except EventUnreadable as error:
                yield Problem("event_unreadable", error.detail, stream_id=stream_id.decode())
            else:
                if what := await _destination_wrong(log, event):
                    yield Problem(f"destination_{what}", event.subject, stream_id=stream_id.decode())
            if position != expected:
                detail = f"position {position} stands where {expected} belongs"
                yield Problem("registry_gap", detail, stream_id=stream_id.decode())
            expected = position + 1


async def _destination_wrong(log: EventLog, event: RegistryEvent) -> str | None:
    sha256 = (
        event.destination_sha256 if isinstance(event, SubscriptionCreated | SubscriptionChanged) else None
    )
    if sha256 is None:
        return None
    return wrong_with(sha256, cast("bytes | None", await log.redis.get(streams.destination(sha256))))
