"""Sending one subscription a test: the newest digest, or one that says nothing, marked as a test.

No fact tells of it, and nothing waits for it.
"""

from __future__ import annotations

from datetime import datetime

import orjson

from newsfeed.envelope import derive_id
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.registry import Destination, Subscription
from services.publish.transports import Delivery, Outcome, Transport


async def send_test(
    redis: Client, transport: Transport, subscription: Subscription, destination: Destination, now: datetime
) -> Outcome:
    """One attempt; ``options`` of the delivery say that it is a test."""
    return await transport.send(await sample(redis, subscription, now), destination)


async def sample(redis: Client, subscription: Subscription, now: datetime) -> Delivery:
    """The newest digest of the channel as it would go to a subscription."""
    log = ChannelLog(redis, subscription.channel)
    newest = await log.newest_public()
    number = newest.number if newest else 0
    bodies = await log.current_bodies(number) if newest else {}
    return Delivery(
        delivery_id=derive_id("test", subscription.subscription_id, now),
        subscription_id=subscription.subscription_id,
        channel=subscription.channel,
        number=number,
        stream_id=newest.stream_id if newest else "0-0",
        occurred_at=now,
        bodies=bodies or _nothing(subscription.channel),
        corrects=(),
        attempt=1,
        now=now,
        options={**subscription.options, "test": True},
    )


def _nothing(channel: str) -> dict[str, bytes]:
    """Bodies of a digest that is none."""
    sentence = f"This is a test of your subscription to {channel}; no digest has come out yet."
    shown = {"channel": channel, "number": 0, "items": [], "notices": []}
    return {
        "json": orjson.dumps(shown),
        "text": f"{sentence}\n".encode(),
        "html": f"<!DOCTYPE html>\n<title>Test</title>\n<p>{sentence}</p>\n".encode(),
    }
