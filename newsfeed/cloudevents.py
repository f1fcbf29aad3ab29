"""Events as CloudEvents 1.0 in their JSON format, and back.

The attributes are those of the specification and of its extensions for partitioning, sequence and
recorded time; ``correlationid`` and ``causationid`` are ours. What is not known is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from newsfeed.deliveries import DELIVERY_VERSIONS, DeliveryEvent, DeliveryFact, parse_delivery_event
from newsfeed.envelope import ENVELOPE, Event, schema_uri
from newsfeed.errors import EventUnreadable
from newsfeed.events import (
    CHANNEL_EVENTS,
    LOG_EVENTS,
    ChannelEvent,
    DigestPublished,
    LogEvent,
    WindowSkipped,
    parse_channel_event,
    parse_log_event,
    versions_of,
)
from newsfeed.registry import REGISTRY_VERSIONS, RegistryEvent, RegistryFact, parse_registry_event

AnyEvent = LogEvent | ChannelEvent | RegistryEvent | DeliveryEvent

SOURCE = "urn:newsfeed:log"
"""The source of everything in the article log; a channel's facts come from ``urn:newsfeed:channel``."""

SEQUENCE_DIGITS = 20
"""Positions are padded: the order of a sequence is that of its characters."""

ATTRIBUTES = {
    "id": "event_id",
    "type": "type",
    "time": "occurred_at",
    "recordedtime": "recorded_at",
    "sequence": "position",
    "correlationid": "correlation_id",
    "causationid": "causation_id",
}
"""The fields of the envelope by attribute; ``schema_version`` stands in ``dataschema``."""

VERSION = re.compile(r"-v([1-9][0-9]{0,8})$")

PARSERS: dict[str, Callable[[bytes], AnyEvent]] = {
    **dict.fromkeys(versions_of(LOG_EVENTS), parse_log_event),
    **dict.fromkeys(versions_of(CHANNEL_EVENTS), parse_channel_event),
    **dict.fromkeys(REGISTRY_VERSIONS, parse_registry_event),
    **dict.fromkeys(DELIVERY_VERSIONS, parse_delivery_event),
}
"""What reads an event of a wire type, whichever log holds it."""


def to_cloudevent(event: AnyEvent) -> dict[str, Any]:
    """The event as a CloudEvent: a JSON object."""
    fields = event.model_dump(mode="json", exclude_none=True)
    if event.position is not None:
        fields["position"] = f"{event.position:0{SEQUENCE_DIGITS}}"
    source, subject = _origin(event)
    return {
        "specversion": "1.0",
        **{name: fields[field] for name, field in ATTRIBUTES.items() if field in fields},
        "source": source,
        "subject": subject,
        "partitionkey": subject,
        "datacontenttype": "application/json",
        "dataschema": schema_uri(event.type, event.schema_version),
        "data": {name: value for name, value in fields.items() if name not in ENVELOPE},
    }


def from_cloudevent(cloudevent: Mapping[str, Any]) -> AnyEvent:
    """The event in a CloudEvent of ours, of any version; raises :class:`EventUnreadable`."""
    kind, data = cloudevent.get("type"), cloudevent.get("data")
    if cloudevent.get("specversion") != "1.0" or not isinstance(kind, str) or not isinstance(data, dict):
        raise EventUnreadable("event_unreadable", "not a CloudEvent 1.0 with a type and an object as data")
    envelope = {field: cloudevent[name] for name, field in ATTRIBUTES.items() if name in cloudevent}
    document = {**data, **envelope, "schema_version": _version(kind, cloudevent.get("dataschema"))}
    try:
        return PARSERS.get(kind, parse_log_event)(orjson.dumps(document))
    except orjson.JSONEncodeError as error:
        raise EventUnreadable("event_unreadable", f"{kind}: {error}") from error


def _origin(event: Event) -> tuple[str, str]:
    if isinstance(event, DigestPublished | WindowSkipped):
        return "urn:newsfeed:channel", event.channel
    if isinstance(event, DeliveryFact):
        return "urn:newsfeed:deliveries", event.channel
    if isinstance(event, RegistryFact):
        return "urn:newsfeed:registry", event.subject
    return SOURCE, str(getattr(event, "subject", ""))


def _version(kind: str, dataschema: object) -> int:
    found = VERSION.search(str(dataschema))
    if not found or dataschema != schema_uri(kind, int(found[1])):
        raise EventUnreadable("event_unreadable", f"{kind}: its dataschema is not one of ours")
    return int(found[1])
