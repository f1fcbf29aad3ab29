"""Ending subscriptions of WebSub: those whose lease is over, and those whose receivers want to leave."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Protocol, runtime_checkable

from newsfeed import logs
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Destination, Registry, Subscription
from newsfeed.subscribing import SubscriptionUnfit, cancel
from newsfeed.websub import is_leaving, is_over, stayed
from services.publish.transports import Transport


@runtime_checkable
class Leaving(Protocol):
    """What a way out has besides if somebody else may say that a receiver wants nothing more."""

    async def leaves(self, subscription: Subscription, destination: Destination) -> bool:
        """Ask it."""


class Leases:
    """What one process ends; who does it twice changes nothing."""

    def __init__(self, log: RegistryLog, transports: Mapping[str, Transport]) -> None:
        self._log = log
        self._transports = transports
        self._followed = 0
        self._leased: list[Subscription] = []

    async def work(self, registry: Registry, now: datetime) -> None:
        """Everything that is due at a time."""
        if registry.position != self._followed:
            everything = registry.subscriptions.values()
            self._leased = [
                one for one in everything if one.status != "cancelled" and "lease_seconds" in one.options
            ]
            self._followed = registry.position
        for one in self._leased:
            if is_over(one, now):
                await self._log.change(cancel(one.subscription_id, "lease_over", now))
            elif is_leaving(one):
                await self._ask(one, now)

    async def _ask(self, one: Subscription, now: datetime) -> None:
        transport = self._transports.get(one.transport)
        destination = await self._log.destination(one.destination_sha256)
        if not isinstance(transport, Leaving):
            return
        leaves = destination is None or await transport.leaves(one, destination)
        logs.get_logger().info("publish.leaving_asked", subscription_id=one.subscription_id, is_meant=leaves)
        with suppress(SubscriptionUnfit):  # It ended meanwhile.
            if leaves:
                await self._log.change(cancel(one.subscription_id, "unsubscribed", now))
            else:
                await self._log.change(stayed(one, now))
