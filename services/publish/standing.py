"""How far a subscription is: the digest up to which everything of it is settled."""

from __future__ import annotations

from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.cursor import window_milliseconds
from newsfeed.eventlog.delivery_log import DeliveryState
from newsfeed.registry import Subscription


async def standing(
    facts: ChannelLog, subscription: Subscription, stored: DeliveryState | None
) -> DeliveryState:
    """What is stored of it; one that became active since begins where that says."""
    since = str(subscription.active_since)
    if stored and stored.since == since:
        return stored
    return DeliveryState(after=await _begins_after(facts, subscription), since=since)


async def _begins_after(facts: ChannelLog, subscription: Subscription) -> int:
    """The newest digest that is not for it: the one before it became active, or the one it was told."""
    if subscription.resumed_after is not None:
        return subscription.resumed_after
    if subscription.active_since is None:
        return 0
    return await facts.number_at(window_milliseconds(subscription.active_since))
