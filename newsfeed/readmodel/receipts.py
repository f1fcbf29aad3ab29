"""What became of each delivery: the newest fact about it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from newsfeed.deliveries import (
    DeliveryCancelled,
    DeliveryEvent,
    DeliveryFailed,
    DeliveryParked,
    DeliveryRequeued,
    DeliverySucceeded,
)
from newsfeed.envelope import Frozen
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog

State = Literal["delivered", "waiting", "parked", "cancelled", "requeued"]
"""``waiting``: an attempt failed, another comes. ``requeued``: an operator wants it made again."""

STATES: dict[type[DeliveryEvent], State] = {
    DeliverySucceeded: "delivered",
    DeliveryFailed: "waiting",
    DeliveryParked: "parked",
    DeliveryCancelled: "cancelled",
    DeliveryRequeued: "requeued",
}


class Receipt(Frozen):
    """One delivery as it stands. ``reason`` is the newest one; ``at`` is when that was told."""

    channel: str
    number: int
    subscription_id: str
    delivery_id: UUID
    state: State
    attempt: int
    at: AwareDatetime
    reason: str | None = None
    status_code: int | None = None
    next_attempt_at: AwareDatetime | None = None


def receipt(fact: DeliveryEvent) -> Receipt:
    """What the newest fact about a delivery says of it."""
    return Receipt(
        channel=fact.channel,
        number=fact.number,
        subscription_id=fact.subscription_id,
        delivery_id=fact.delivery_id,
        state=STATES[type(fact)],
        attempt=fact.attempt,
        at=fact.occurred_at,
        reason=getattr(fact, "reason", None) or getattr(fact, "requested_by", None),
        status_code=getattr(fact, "status_code", None),
        next_attempt_at=getattr(fact, "next_attempt_at", None),
    )


async def receipts(
    redis: Client, channel: str, wanted: Callable[[DeliveryEvent], bool] = lambda _: True, after: str = "-"
) -> list[Receipt]:
    """Every delivery of a channel of which a wanted fact tells, in the order of first telling.

    ``after`` is an id in the stream of facts: what was told before it is not looked at.
    """
    found: dict[UUID, Receipt] = {}
    async with aclosing(DeliveryLog(redis, channel).facts(after)) as facts:
        async for _, fact in facts:
            if wanted(fact):
                found[fact.delivery_id] = receipt(fact)
    return [*found.values()]
