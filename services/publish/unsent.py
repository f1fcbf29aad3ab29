"""Which digests of a channel have not reached everybody yet to whom they will be sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.websub import is_over
from services.publish.standing import standing


class Unsent:
    """The deliveries of one channel that are still to be made, as a question.

    One that is under way counts: nobody knows yet whether it arrives. One that is parked does not: it
    waits for an operator.
    """

    def __init__(self, redis: Client, channel: str, facts: ChannelLog, registry_log: RegistryLog) -> None:
        self._channel = channel
        self._facts = facts
        self._registry_log = registry_log
        self._deliveries = DeliveryLog(redis, channel)

    async def any_up_to(self, newest: int, now: datetime) -> bool:
        """Whether any digest up to the newest has not reached everybody."""
        if await self.among([newest], now):
            return True
        states = await self._deliveries.states()
        return any(state.number is not None for state in states.values())

    async def among(self, numbers: Iterable[int], now: datetime) -> list[int]:
        """The digests of some numbers that are not with every active subscription, oldest first."""
        wanted = set(numbers)
        registry = await self._registry_log.read()
        active = [one for one in registry.of_channel(self._channel) if not is_over(one, now)]
        if not active or not wanted:
            return []
        states = await self._deliveries.states()
        beside = {
            state.number
            for member, state in states.items()
            if member.partition("|")[0] in {one.subscription_id for one in active}
        }
        found = wanted & beside
        for one in active:
            if found == wanted:
                break
            head = await standing(self._facts, one, states.get(one.subscription_id))
            found |= {number for number in wanted if number > head.after}
        return sorted(found)
