"""Deliveries that are not made any more: the subscription ended, or the digest was replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Protocol

import orjson

from newsfeed.deliveries import DeliveryCancelled, delivery_id
from newsfeed.envelope import derive_id
from newsfeed.eventlog.channel_log import PublicDigest
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog, DeliveryState, Settlement
from services.publish.retrying import passed


class Superseded(Protocol):
    """A digest in whose place another one goes out."""

    @property
    def number(self) -> int:
        """Which."""

    @property
    def stream_id(self) -> str:
        """Its id in the stream of the channel."""

    @property
    def superseded_by(self) -> int | None:
        """The number of the other."""


def unsubscribed(channel: str, claim: Claim, newest: int, now: datetime) -> Settlement:
    """The end of a member; of a delivery that was begun or is due it is told. Pure."""
    number = claim.number or (claim.state.after + 1 if claim.state else 0)
    if not 0 < number <= newest:
        return Settlement(None, None, None)
    identity = delivery_id(channel, number, claim.subscription_id)
    fact = DeliveryCancelled(
        event_id=derive_id("cancelled", identity),
        occurred_at=now,
        correlation_id=identity,
        delivery_id=identity,
        subscription_id=claim.subscription_id,
        channel=channel,
        number=number,
        attempt=claim.state.attempt if claim.state else 0,
        reason="unsubscribed",
    )
    return Settlement(fact, None, None)


def superseded(
    channel: str, claim: Claim, state: DeliveryState, digest: Superseded, now: datetime
) -> Settlement:
    """The end of one delivery; the next one is due at once. Pure."""
    identity = delivery_id(channel, digest.number, claim.subscription_id)
    fact = DeliveryCancelled(
        event_id=derive_id("superseded", identity, digest.superseded_by, now),
        occurred_at=now,
        correlation_id=derive_id("digest", channel, digest.stream_id),
        delivery_id=identity,
        subscription_id=claim.subscription_id,
        channel=channel,
        number=digest.number,
        attempt=state.attempt,
        reason=f"superseded by {digest.superseded_by}",
    )
    at = int(now.astimezone(UTC).timestamp() * 1000)
    if claim.number is not None:
        return Settlement(fact, None, None, now=at)
    return Settlement(fact, passed(state, digest.number), at, now=at)


def replaced_by(digests: Iterable[PublicDigest]) -> set[int]:
    """The numbers of the digests that some others replace. Pure."""
    found: set[int] = set()
    for one in digests:
        number = orjson.loads(one.data).get("supersedes") if b'"supersedes"' in one.data else None
        found |= {number} if isinstance(number, int) else set()
    return found


async def hurry(log: DeliveryLog, replaced: Collection[int], now: int, lease: int) -> None:
    """Whoever waits to be sent one of some digests again need not: make it due now (ms).

    What is due within the length of a lease is left alone: somebody may hold it.
    """
    states, waiting = await log.states(), dict[str, int]()
    for member, score in (await log.due()).items():
        state = states.get(member)
        if state is None or score <= now + lease:
            continue
        if (state.number or state.after + 1) in replaced:
            waiting[member] = score
    await log.hurry(waiting, now)
