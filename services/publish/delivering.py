"""Bringing the digests of one channel to its subscriptions, in order, each until it is settled.

Any number of processes may: what is due is held by one of them for the length of a lease. Who dies
after an attempt and before it is settled leaves a repetition: the same id with the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsfeed import logs
from newsfeed.deliveries import DeliveryCancelled, delivery_id
from newsfeed.envelope import derive_id
from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import window_milliseconds
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog, DeliveryState, Settlement
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Destination, Registry, Subscription
from newsfeed.subscribing import SubscriptionUnfit, pause
from newsfeed.websub import is_over
from services.publish.quiet import quiet_until
from services.publish.retrying import consequence
from services.publish.transports import Delivery, Outcome, Transport

LEASE_MS = 60_000
"""Longer than any attempt may take."""
PAUSED_MS = 3600 * 1000
"""When a delivery beside the others is looked at again while its subscription is paused."""
AT_ONCE = 50
"""Attempts of one process at a time."""


@dataclass(frozen=True, slots=True)
class _Content:
    """One digest as it goes out to anybody."""

    number: int
    stream_id: str
    occurred_at: datetime
    bodies: Mapping[str, bytes]
    corrects: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Batch:
    """What the claims of one call have in common."""

    registry: Registry
    newest: PublicDigest
    now: datetime
    contents: dict[int, _Content] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)


class ChannelDeliveries:
    """Delivers one channel."""

    def __init__(
        self, redis: Client, channel: str, registry_log: RegistryLog, transports: Mapping[str, Transport]
    ) -> None:
        self._channel = channel
        self._registry_log = registry_log
        self._transports = transports
        self._facts = ChannelLog(redis, channel)
        self._log = DeliveryLog(redis, channel)
        self._known: tuple[int, int, int] = (0, 0, 0)
        """The newest digest, how many subscribe and what was told of them last, when all were made due."""

    async def deliver_due(self, now: datetime) -> int:
        """Make the attempts that are due; how many claims were settled."""
        registry = await self._registry_log.read()
        newest = await self._facts.newest_public()
        if newest is None:
            return 0
        await self.fan_out(registry, newest.number, now)
        claims = await self._log.claim(_milliseconds(now), LEASE_MS, AT_ONCE)
        batch = _Batch(registry, newest, now)
        async with asyncio.TaskGroup() as group:
            work = [group.create_task(self._settle(batch, claim)) for claim in claims]
        return sum(task.result() for task in work)

    async def fan_out(self, registry: Registry, newest: int, now: datetime) -> None:
        """Whoever is subscribed has something to look at; doing it again changes nothing."""
        active = registry.of_channel(self._channel)
        known = newest, len(active), max((one.position for one in active), default=0)
        if known == self._known:
            return
        subscribers = [one.subscription_id for one in active]
        await self._log.enqueue(dict.fromkeys(subscribers, _milliseconds(now)))
        self._known = known

    async def _settle(self, batch: _Batch, claim: Claim) -> bool:
        registry, newest, now = batch.registry, batch.newest, batch.now
        subscription = registry.subscriptions.get(claim.subscription_id)
        if subscription is None or subscription.status == "cancelled":
            return await self._log.settle(claim, self._cancelled(claim, newest.number, now))
        state = await self._state(claim, subscription)
        if subscription.status != "active" or is_over(subscription, now):
            later = None if claim.number is None else _milliseconds(now) + PAUSED_MS
            return await self._log.settle(claim, Settlement(None, state, later))
        if claim.number is not None and _is_sent_in_order(subscription, claim.number, state):
            return await self._log.settle(claim, Settlement(None, None, None))
        number = claim.number or state.after + 1
        if number > newest.number:
            rest = Settlement(None, state, None, seen=newest.stream_id, now=_milliseconds(now))
            return await self._log.settle(claim, rest)
        if until := _quiet_until(subscription, now):
            return await self._log.settle(claim, Settlement(None, state, _milliseconds(until)))
        return await self._attempt(batch, subscription, claim, state, number)

    async def _state(self, claim: Claim, subscription: Subscription) -> DeliveryState:
        """What the claim holds; a subscription that became active since begins where that says."""
        since = str(subscription.active_since)
        if claim.state and claim.number is not None:
            head = await self._log.state(claim.subscription_id)
            return claim.state.model_copy(update={"failing_since": head.failing_since if head else None})
        if claim.state and claim.state.since == since:
            return claim.state
        return DeliveryState(after=await self._begins_after(subscription), since=since)

    async def _begins_after(self, subscription: Subscription) -> int:
        """The newest digest that is not for it: the one before it became active, or the one it was told."""
        if subscription.resumed_after is not None:
            return subscription.resumed_after
        if subscription.active_since is None:
            return 0
        return await self._facts.number_at(window_milliseconds(subscription.active_since))

    def _cancelled(self, claim: Claim, newest: int, now: datetime) -> Settlement:
        """The end of a member; of a delivery that was begun or is due it is told."""
        number = claim.number or (claim.state.after + 1 if claim.state else 0)
        if not 0 < number <= newest:
            return Settlement(None, None, None)
        identity = delivery_id(self._channel, number, claim.subscription_id)
        fact = DeliveryCancelled(
            event_id=derive_id("cancelled", identity),
            occurred_at=now,
            correlation_id=identity,
            delivery_id=identity,
            subscription_id=claim.subscription_id,
            channel=self._channel,
            number=number,
            attempt=claim.state.attempt if claim.state else 0,
            reason="unsubscribed",
        )
        return Settlement(fact, None, None)

    async def _attempt(
        self, batch: _Batch, subscription: Subscription, claim: Claim, state: DeliveryState, number: int
    ) -> bool:
        now, content = batch.now, await self._content(batch, number)
        delivery = self._delivery(subscription, state, content, now)
        try:
            outcome = await self._sent(subscription, delivery)
        except asyncio.CancelledError:
            # Whoever comes next need not wait for the lease; what arrived comes again with the same id.
            await asyncio.shield(self._log.settle(claim, Settlement(None, state, _milliseconds(now))))
            raise
        follows = consequence(claim, state, delivery, outcome)
        if follows.pauses:
            await self._pause(subscription, follows.pauses, now)
        settled = await self._log.settle(claim, follows.settlement)
        logs.get_logger().info(
            f"publish.delivery_{outcome.verdict}",
            channel=self._channel,
            number=number,
            delivery_id=str(delivery.delivery_id),
            subscription_id=subscription.subscription_id,
            transport=subscription.transport,
            attempt=delivery.attempt,
            reason=outcome.reason,
            status_code=outcome.status_code,
            is_settled=settled,
        )
        return settled

    async def _content(self, batch: _Batch, number: int) -> _Content:
        """The bytes are those that the archive shows: what was retracted before they went is not in them.

        Read once for a batch, however many it goes to.
        """
        async with batch.reading:
            if number not in batch.contents:
                fact = await self._facts.digest(number)
                batch.contents[number] = _Content(
                    number=number,
                    stream_id=await self._facts.public_id(number) or "",
                    occurred_at=fact.occurred_at if fact else batch.now,
                    bodies=await self._facts.current_bodies(number),
                    corrects=tuple(sorted({one.corrects.digest for one in fact.notices})) if fact else (),
                )
        return batch.contents[number]

    def _delivery(
        self, subscription: Subscription, state: DeliveryState, content: _Content, now: datetime
    ) -> Delivery:
        return Delivery(
            delivery_id=delivery_id(self._channel, content.number, subscription.subscription_id),
            subscription_id=subscription.subscription_id,
            channel=self._channel,
            number=content.number,
            stream_id=content.stream_id,
            occurred_at=content.occurred_at,
            bodies=content.bodies,
            corrects=content.corrects,
            attempt=state.attempt + 1,
            now=now,
            options=subscription.options,
        )

    async def _sent(self, subscription: Subscription, delivery: Delivery) -> Outcome:
        """One attempt; a digest that is not kept any more, and an address that was erased, cannot be sent."""
        transport = self._transports.get(subscription.transport)
        destination = await self._registry_log.destination(subscription.destination_sha256)
        if transport is None or destination is None or not delivery.bodies:
            reasons = {"transport_unknown": transport is None, "destination_erased": destination is None}
            return Outcome("refused", next((name for name, is_so in reasons.items() if is_so), "digest_gone"))
        return await _attempted(transport, delivery, destination)

    async def _pause(self, subscription: Subscription, reason: str, now: datetime) -> None:
        with suppress(SubscriptionUnfit):  # It ended meanwhile.
            await self._registry_log.change(pause(subscription.subscription_id, reason, now))
        logs.get_logger().warning(
            "publish.subscription_paused", subscription_id=subscription.subscription_id, reason=reason
        )


async def _attempted(transport: Transport, delivery: Delivery, destination: Destination) -> Outcome:
    """A transport that breaks its promise and raises has a bug; its digests wait for a better one."""
    try:
        return await transport.send(delivery, destination)
    except Exception:  # noqa: BLE001 one broken transport must not hold up the others
        logs.get_logger().exception("publish.transport_failed", transport=transport.name)
        return Outcome("retry", "transport_failed")


def _is_sent_in_order(subscription: Subscription, number: int, state: DeliveryState) -> bool:
    """Whether a delivery beside the others is among those that a resumed subscription gets anyway."""
    after, since = subscription.resumed_after, subscription.active_since
    if after is None or since is None or state.failed_at is None:
        return False
    return number > after and state.failed_at < _milliseconds(since)


def _quiet_until(subscription: Subscription, now: datetime) -> datetime | None:
    hours = str(subscription.options.get("quiet_hours", ""))
    if not hours or subscription.options.get("urgent") is True:
        return None
    return quiet_until(hours, str(subscription.options.get("time_zone", "UTC")), now)


def _milliseconds(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
