"""The facts about deliveries: what became of one digest on its way to one subscription.

They stand in a log of their own for each channel; addresses stand in none of them.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter

from newsfeed.envelope import Event, derive_id
from newsfeed.upcasters import parse_event

BOUNCED = "bounced"
"""The reason of a parked delivery whose address does not exist, as its server says."""


class DeliveryFact(Event):
    """A fact about one delivery; ``attempt`` counts from 1, 0 before the first."""

    delivery_id: UUID
    subscription_id: str
    channel: str
    number: Annotated[int, Field(ge=1)]
    attempt: Annotated[int, Field(ge=0)]


class DeliverySucceeded(DeliveryFact):
    """The other side took it; ``status_code`` is that of HTTP or SMTP."""

    type: Literal["delivery.succeeded"] = "delivery.succeeded"
    schema_version: Literal[1] = 1
    status_code: int | None = None


class DeliveryFailed(DeliveryFact):
    """An attempt failed and another will be made; ``reason`` is a code such as ``timeout``."""

    type: Literal["delivery.failed"] = "delivery.failed"
    schema_version: Literal[1] = 1
    reason: str
    status_code: int | None = None
    next_attempt_at: AwareDatetime


class DeliveryParked(DeliveryFact):
    """No attempt is left, or none can succeed: it waits for an operator."""

    type: Literal["delivery.parked"] = "delivery.parked"
    schema_version: Literal[1] = 1
    reason: str
    status_code: int | None = None


class DeliveryCancelled(DeliveryFact):
    """It will not be made: the digest was superseded or erased, or the subscription ended."""

    type: Literal["delivery.cancelled"] = "delivery.cancelled"
    schema_version: Literal[1] = 1
    reason: str


class DeliveryRequeued(DeliveryFact):
    """An operator wants it made, whatever became of it before."""

    type: Literal["delivery.requeued"] = "delivery.requeued"
    schema_version: Literal[1] = 1
    requested_by: Literal["resend", "replay", "resume"]


DeliveryEvent = Annotated[
    DeliverySucceeded | DeliveryFailed | DeliveryParked | DeliveryCancelled | DeliveryRequeued,
    Field(discriminator="type"),
]
"""Every fact about a delivery."""

DELIVERY_EVENTS: tuple[type[Event], ...] = get_args(get_args(DeliveryEvent)[0])
DELIVERY_VERSIONS = {
    model.model_fields["type"].default: model.model_fields["schema_version"].default
    for model in DELIVERY_EVENTS
}
_DELIVERY_EVENT: TypeAdapter[DeliveryEvent] = TypeAdapter(DeliveryEvent)


def parse_delivery_event(data: bytes) -> DeliveryEvent:
    """Read a fact about a delivery; raises ``EventUnreadable``."""
    return parse_event(_DELIVERY_EVENT, DELIVERY_VERSIONS, data)


def delivery_id(channel: str, number: int, subscription_id: str) -> UUID:
    """The id of the one delivery of a digest to a subscription, the same on every attempt."""
    return derive_id("delivery", channel, number, subscription_id)
