"""Bringing the digests of one channel to its subscriptions, in order, each until it is settled.

Any number of processes may: what is due is held by one of them for as long as it lives. Who dies
after an attempt and before it is settled leaves a repetition: the same id with the same bytes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from newsfeed import logs
from newsfeed.deliveries import delivery_id
from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog, DeliveryState, Settlement
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.quiet import quiet_until
from newsfeed.registry import Destination, Registry, Subscription
from newsfeed.subscribing import SubscriptionUnfit, pause
from newsfeed.websub import is_over
from services.publish.cancelling import hurry, replaced_by, superseded, unsubscribed
from services.publish.holding import LEASE_MS, Round, holding
from services.publish.retrying import consequence
from services.publish.standing import standing
from services.publish.transports import Delivery, Outcome, Transport

PAUSED_MS = 3600 * 1000
"""When a delivery beside the others is looked at again while its subscription is paused."""
LOOKED_BACK = 10
"""Digests that came out since the last look, of which is looked whether they replace another one."""
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
    superseded_by: int | None
    """The digest that goes out in its place; then it does not go out any more."""


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
        self._hurried = 0
        """The newest digest of which was looked whether it replaces another one."""

    async def deliver_due(self, now: datetime) -> int:
        """Make the attempts that are due; how many claims were settled."""
        looked = Round.at(_milliseconds(now))
        registry = await self._registry_log.read()
        newest = await self._facts.newest_public()
        if newest is None:
            return 0
        await self.fan_out(registry, newest.number, now)
        await self._hurry(newest, now)
        claims = await self._log.claim(looked.now, looked.lease_ms, AT_ONCE)
        batch = _Batch(registry, newest, now)
        async with holding(self._log, claims, looked), asyncio.TaskGroup() as group:
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

    async def _hurry(self, newest: PublicDigest, now: datetime) -> None:
        """Let nobody wait for a digest that was replaced since; doing it again changes nothing."""
        if newest.number == self._hurried:
            return
        count = min(newest.number - self._hurried, LOOKED_BACK)
        page = [newest] if count == 1 else await self._facts.newest_page(count)
        if replaced := replaced_by(page):
            await hurry(self._log, replaced, _milliseconds(now), 2 * LEASE_MS)
        self._hurried = newest.number

    async def _settle(self, batch: _Batch, claim: Claim) -> bool:
        registry, newest, now = batch.registry, batch.newest, batch.now
        subscription = registry.subscriptions.get(claim.subscription_id)
        if subscription is None or subscription.status == "cancelled":
            return await self._log.settle(claim, unsubscribed(self._channel, claim, newest.number, now))
        state = await self._state(claim, subscription)
        if subscription.status != "active" or is_over(subscription, now):
            later = None if claim.number is None else _milliseconds(now) + PAUSED_MS
            return await self._log.settle(claim, Settlement(None, state, later))
        if claim.number is not None and _is_sent_in_order(subscription, claim.number, state):
            return await self._log.settle(claim, Settlement(None, None, None))
        return await self._settle_next(batch, claim, subscription, state)

    async def _settle_next(
        self, batch: _Batch, claim: Claim, subscription: Subscription, state: DeliveryState
    ) -> bool:
        """What follows for an active subscription: an attempt, if its next digest is out and it is time."""
        newest, now = batch.newest, batch.now
        number = claim.number or state.after + 1
        if number > newest.number:
            rest = Settlement(None, state, None, seen=newest.stream_id, now=_milliseconds(now))
            return await self._log.settle(claim, rest)
        content = await self._content(batch, number)
        if content.superseded_by is not None:
            return await self._log.settle(claim, superseded(self._channel, claim, state, content, now))
        if until := _quiet_until(subscription, now):
            return await self._log.settle(claim, Settlement(None, state, _milliseconds(until)))
        return await self._attempt(subscription, claim, state, content, now)

    async def _state(self, claim: Claim, subscription: Subscription) -> DeliveryState:
        """What the claim holds; a subscription that became active since begins where that says."""
        if claim.state and claim.number is not None:
            head = await self._log.state(claim.subscription_id)
            return claim.state.model_copy(update={"failing_since": head.failing_since if head else None})
        return await standing(self._facts, subscription, claim.state)

    async def _attempt(
        self, subscription: Subscription, claim: Claim, state: DeliveryState, content: _Content, now: datetime
    ) -> bool:
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
            number=content.number,
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
                    superseded_by=await self._facts.superseded_by(number),
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
