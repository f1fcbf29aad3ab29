"""What follows from an attempt: the schedule of Standard Webhooks 1.0.0, for every way out. Pure.

Attempts come at once and then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each
time ± 20 %, so that many that failed together do not come back together.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from newsfeed.deliveries import (
    BOUNCED,
    DeliveryEvent,
    DeliveryFact,
    DeliveryFailed,
    DeliveryParked,
    DeliverySucceeded,
)
from newsfeed.envelope import derive_id
from newsfeed.eventlog.delivery_log import Claim, DeliveryState, Settlement
from services.publish.transports import Delivery, Outcome

F = TypeVar("F", bound=DeliveryFact)

DELAYS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds after the failure of attempt 1, 2 … until the next one."""

JITTER = 0.2
BUSY_SECONDS = 60
"""At least so long after a time-out, and when the other side said that it has too much to do."""
BUSY_STATUS = 429
LONGEST_BLOCK_MS = 24 * 3600 * 1000
"""After so long a failing delivery no longer holds up those behind it."""
DISABLED_AFTER_MS = 120 * 3600 * 1000
"""A subscription to which nothing was delivered for so long is paused, once an attempt is the last."""
MOST_BOUNCES = 2
"""A subscription whose address did not exist so many times in a row is paused."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """What is written of an attempt; ``pauses`` is the reason to pause the subscription for."""

    settlement: Settlement
    pauses: str | None = None


def delay_seconds(delivery_id: UUID, attempt: int, outcome: Outcome) -> float | None:
    """How long to wait after a failed attempt (from 1); None when it was the last."""
    if attempt > len(DELAYS):
        return None
    base = float(DELAYS[attempt - 1])
    if outcome.reason == "timeout" or outcome.status_code == BUSY_STATUS:
        base = max(base, BUSY_SECONDS)
    if outcome.retry_after is not None:
        return min(max(outcome.retry_after, base), 2 * base)
    digest = hashlib.sha256(f"{delivery_id}:{attempt}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return base * (1 - JITTER + 2 * JITTER * share)


def consequence(claim: Claim, state: DeliveryState, delivery: Delivery, outcome: Outcome) -> Consequence:
    """What an attempt leads to; ``state`` is what the claim holds, or began with."""
    if outcome.verdict == "delivered":
        succeeded = _fact(DeliverySucceeded, delivery, status_code=outcome.status_code)
        return Consequence(_settled(claim, state, delivery, succeeded, failing_since=None))
    now = _milliseconds(delivery.now)
    failing_since = state.failing_since or now
    wait = delay_seconds(delivery.delivery_id, delivery.attempt, outcome)
    if outcome.verdict == "retry" and wait is not None:
        return Consequence(_retried(claim, state, delivery, outcome, wait))
    fact = _fact(DeliveryParked, delivery, reason=outcome.reason, status_code=outcome.status_code)
    settlement = _settled(claim, state, delivery, fact, failing_since=failing_since)
    reasons = {
        "gone": outcome.verdict == "gone",
        "failing": outcome.verdict == "retry" and now - failing_since >= DISABLED_AFTER_MS,
        BOUNCED: outcome.reason == BOUNCED and state.bounces_after(fact) >= MOST_BOUNCES,
    }
    return Consequence(settlement, next((reason for reason, is_so in reasons.items() if is_so), None))


def _retried(
    claim: Claim, state: DeliveryState, delivery: Delivery, outcome: Outcome, wait: float
) -> Settlement:
    now = _milliseconds(delivery.now)
    due = now + int(wait * 1000)
    fact = _fact(
        DeliveryFailed,
        delivery,
        reason=outcome.reason,
        status_code=outcome.status_code,
        next_attempt_at=datetime.fromtimestamp(due / 1000, UTC),
    )
    failed = state.model_copy(
        update={
            "attempt": delivery.attempt,
            "failed_at": state.failed_at or now,
            "failing_since": state.failing_since or now,
        }
    )
    assert failed.failed_at is not None
    if claim.number is not None or now - failed.failed_at < LONGEST_BLOCK_MS:
        return Settlement(fact, failed, due)
    beside = DeliveryState(number=delivery.number, attempt=failed.attempt, failed_at=failed.failed_at)
    return Settlement(fact, passed(failed, delivery.number), now, beside, due)


def _settled(
    claim: Claim, state: DeliveryState, delivery: Delivery, fact: DeliveryEvent, failing_since: int | None
) -> Settlement:
    """Done with this delivery: the next one is due at once; one that went beside leaves nothing."""
    if claim.number is not None:
        return Settlement(fact, None, None, now=_milliseconds(delivery.now))
    changes = {"failing_since": failing_since, "bounces": state.bounces_after(fact)}
    now = _milliseconds(delivery.now)
    return Settlement(fact, passed(state, delivery.number).model_copy(update=changes), now, now=now)


def passed(state: DeliveryState, number: int) -> DeliveryState:
    """The state of a subscription that is done with a digest."""
    return state.model_copy(update={"after": number, "attempt": 0, "failed_at": None})


def _fact(kind: type[F], delivery: Delivery, **fields: object) -> F:
    """A fact of a kind about this attempt."""
    return kind.model_validate(
        {
            "event_id": derive_id("attempt", delivery.delivery_id, delivery.attempt, delivery.now),
            "occurred_at": delivery.now,
            "correlation_id": derive_id("digest", delivery.channel, delivery.stream_id),
            "delivery_id": delivery.delivery_id,
            "subscription_id": delivery.subscription_id,
            "channel": delivery.channel,
            "number": delivery.number,
            "attempt": delivery.attempt,
            **fields,
        }
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
