"""Asking destinations whether they want digests, and letting old secrets go.

When a subscription is asked again follows from when it was made, so that a restart changes nothing;
of several processes one asks, because one of them only can move the time of the next question.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from typing import cast

from newsfeed import logs, streams
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.invitations import Invitations
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.registry import Destination, Registry, Subscription
from newsfeed.runtime import Runtime
from newsfeed.subscribing import (
    Decision,
    Random,
    SubscriptionUnfit,
    cancel,
    change,
    confirm,
    has_rotated,
    settled,
)
from newsfeed.websub import granted
from services.publish.leasing import Leases
from services.publish.retrying import DELAYS
from services.publish.transports import LANGUAGE, TITLE, Handshaking, Transport, Word

AT_ONCE = 20
"""Destinations that are asked at the same time."""

MOMENTS = (0, *accumulate(DELAYS))
"""Seconds after a subscription was made at which its destination is asked."""


async def confirm_subscriptions(
    runtime: Runtime, transports: Mapping[str, Transport], tick_seconds: float
) -> None:
    """Ask, and let go, for ever."""
    desk = Confirmations(runtime.redis, transports, os.urandom)
    try:
        while True:
            await desk.work(datetime.fromtimestamp(await server_time(runtime.redis), UTC))
            await rest(tick_seconds)
    finally:
        for transport in transports.values():
            await transport.close()


class Confirmations:
    """What one process asks."""

    def __init__(self, redis: Client, transports: Mapping[str, Transport], random: Random) -> None:
        self._redis = redis
        self._transports = transports
        self._random = random
        self._log = RegistryLog(redis)
        self._invitations = Invitations(redis)
        self._leases = Leases(self._log, transports)
        self._followed = 0
        """How much of the registry was looked through."""
        self._rotated: list[Subscription] = []
        """Those whose destination was changed, and may have more than one secret."""

    async def work(self, now: datetime) -> None:
        """Everything that is due at a time; what is not answered is asked again later."""
        registry = await self._log.read()
        if registry.position != self._followed:
            await self._follow(registry)
        page = await self._redis.zrangebyscore(streams.HANDSHAKES, "-inf", _milliseconds(now), 0, AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for member in cast("list[bytes]", page):
                group.create_task(self._ask(registry, member.decode(), now))
        await self._leases.work(registry, now)
        for one in [one for one in self._rotated if has_rotated(one, now)]:
            await self._settle(one, now)
            self._rotated.remove(one)

    async def _follow(self, registry: Registry) -> None:
        due = {
            one.subscription_id: float(_milliseconds(one.created_at))
            for one in registry.subscriptions.values()
            if self._is_asked(one)
        }
        if due:
            await self._redis.zadd(streams.HANDSHAKES, due, nx=True)
        self._rotated = [one for one in registry.subscriptions.values() if one.destination_since]
        self._followed = registry.position

    def _is_asked(self, one: Subscription | None) -> bool:
        """Whether it waits for a word of its destination."""
        return (
            one is not None
            and one.status == "pending"
            and isinstance(self._transports.get(one.transport), Handshaking)
        )

    async def _ask(self, registry: Registry, subscription_id: str, now: datetime) -> None:
        one = registry.subscriptions.get(subscription_id)
        if one is None or not self._is_asked(one):
            await self._redis.zrem(streams.HANDSHAKES, subscription_id)
            return
        following = next_moment(one.created_at, now)
        score = float(following or _milliseconds(now) + 1000 * DELAYS[-1])
        if not await self._redis.zadd(streams.HANDSHAKES, {subscription_id: score}, gt=True, ch=True):
            return  # Somebody else asks.
        destination = await self._log.destination(one.destination_sha256)
        is_last = following is None
        asked = _introduced(one, registry)
        word = await self._word(asked, destination, now, is_last=is_last) if destination else None
        logs.get_logger().info(
            "publish.confirmation_asked",
            subscription_id=subscription_id,
            transport=one.transport,
            answered=word,
            is_last=is_last,
        )
        decision = _decision(one, word, now, is_last=is_last or destination is None)
        if decision:
            await self._log.change(decision)
            await self._redis.zrem(streams.HANDSHAKES, subscription_id)
        elif word == "invited":
            last = float(_milliseconds(one.created_at) + MOMENTS[-1] * 1000)
            await self._redis.zadd(streams.HANDSHAKES, {subscription_id: last}, xx=True)

    async def _word(
        self, one: Subscription, destination: Destination, now: datetime, *, is_last: bool
    ) -> Word | None:
        """Ask; the owner of an address gets no link any more when the time to follow it is over."""
        transport = self._transports[one.transport]
        asks = cast("Handshaking", transport)
        if transport.needs != "link":
            return await _asked(asks, one, destination, now)
        if is_last or not await self._invitations.take(destination.address, _milliseconds(now)):
            return None
        word = await _asked(asks, one, destination, now)
        if word == "deferred":
            await self._invitations.give_back(destination.address)
        return word

    async def _settle(self, one: Subscription, now: datetime) -> None:
        """Let the secret before go, if there still is one."""
        destination = await self._log.destination(one.destination_sha256)
        if destination is None or len(destination.secrets) <= 1:
            return
        fresh = settled(destination, self._random)
        with suppress(SubscriptionUnfit):  # It was rotated again, or it ended.
            decision = change(one.subscription_id, now, destination=fresh, was=one.destination_sha256)
            await self._log.change(decision, [fresh])


def _introduced(one: Subscription, registry: Registry) -> Subscription:
    """The subscription as its destination is asked about it: in the language of its channel, by its title."""
    fact = registry.channels.get(one.channel)
    told = fact.definition if fact else {}
    named = {LANGUAGE: str(told.get("language", "en")), TITLE: str(told.get("title", ""))}
    return replace(one, options={**one.options, **named})


async def _asked(
    transport: Handshaking, one: Subscription, destination: Destination, now: datetime
) -> Word | None:
    """A transport that breaks its promise and raises has a bug; it is asked again later."""
    try:
        return await transport.confirm(one, destination, now)
    except Exception:  # noqa: BLE001 one broken transport must not hold up the others
        logs.get_logger().exception("publish.transport_failed", transport=one.transport)
        return None


def _decision(one: Subscription, word: Word | None, now: datetime, *, is_last: bool) -> Decision | None:
    """What is said of a subscription once its destination was asked; None to wait. Pure."""
    if word == "handshake" or word == "echo":  # noqa: PLR1714 the type checker follows this form
        yes = granted if "lease_seconds" in one.options else confirm
        return yes(one.subscription_id, word, now)
    if word == "refused":
        return cancel(one.subscription_id, "refused", now, ("pending",))
    return cancel(one.subscription_id, "unconfirmed", now, ("pending",)) if is_last else None


def next_moment(created_at: datetime, now: datetime) -> int | None:
    """When (ms) a destination is asked after now; None when now is the last time. Pure."""
    begin = _milliseconds(created_at)
    later = (begin + seconds * 1000 for seconds in MOMENTS)
    return next((moment for moment in later if moment > _milliseconds(now)), None)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
