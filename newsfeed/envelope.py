"""The envelope that every fact comes in, and ids that are the same for the same parts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

NAMESPACE = UUID("5c4f0d7e-7d0b-5a51-9f0a-6e6577736664")
"""The root of every deterministic id."""

ENVELOPE = (
    "event_id",
    "type",
    "schema_version",
    "occurred_at",
    "recorded_at",
    "position",
    "correlation_id",
    "causation_id",
)
"""The fields that every event has; all others are its data."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def derive_id(*parts: object) -> UUID:
    """The same UUID (version 5) for the same parts, everywhere and for ever."""
    return uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))


def schema_uri(kind: str, version: int) -> str:
    """The ``$id`` of the JSON Schema of one version of a type of event."""
    return f"urn:newsfeed:schema:{kind}-v{version}"


class Frozen(BaseModel):
    """A value inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Frozen):
    """The envelope. Times are aware and in UTC; ``occurred_at`` is the writer's clock."""

    event_id: UUID
    type: str
    schema_version: int
    occurred_at: AwareDatetime
    correlation_id: UUID
    causation_id: UUID | None = None
    position: int | None = None
    recorded_at: AwareDatetime | None = None


def as_document(event: Event) -> dict[str, object]:
    """The envelope and, under ``data``, the rest: the shape that people and programs are shown."""
    fields = event.model_dump(mode="json")
    shown = {name: fields.pop(name) for name in ENVELOPE}
    return {**shown, "data": fields}
