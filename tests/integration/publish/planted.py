"""Bugs of digests and deliveries for the test that must find them, each planted into a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import orjson

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.delivery_log import Claim, DeliveryState
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.registry import Subscription
from services.publish import cadence, delivering, publisher
from services.publish.delivering import ChannelDeliveries
from services.publish.delivering import _Batch as Batch
from services.publish.delivering import _Content as Content
from services.publish.retrying import consequence
from services.publish.transports import DELIVERED


def end_the_window_now() -> None:
    """A window ends when somebody comes to close it, not at its boundary."""

    def now_if_due(channel: Channel, since: datetime | None, now: datetime) -> datetime | None:
        return cadence.due_boundary(channel, since, now) and now

    _plant(publisher, "due_boundary", now_if_due)


def query_when_sending() -> None:
    """What is sent is what there is when it is sent; that it was is noted afterwards."""
    content = ChannelDeliveries._content

    async def queried(self: ChannelDeliveries, batch: Batch, number: int) -> Content:
        frozen = await content(self, batch, number)
        redis = self._log._redis
        log = EventLog(redis, await open_manifest(redis, 1))
        known = [
            str(entry.event_id)
            for partition in range(log.manifest.partitions)
            async for entry in log.read(partition)
            if (at := entry.readable().recorded_at) and at <= batch.now
        ]
        return replace(frozen, bodies={"json": orjson.dumps(known)})

    _plant(ChannelDeliveries, "_content", queried)


def note_before_sending() -> None:
    """It counts as delivered when it is about to be sent."""

    async def attempt(
        self: ChannelDeliveries,
        subscription: Subscription,
        claim: Claim,
        state: DeliveryState,
        content: Content,
        now: datetime,
    ) -> bool:
        delivery = self._delivery(subscription, state, content, now)
        settlement = consequence(claim, state, delivery, DELIVERED).settlement
        settled = await self._log.settle(claim, settlement)
        await self._sent(subscription, delivery)
        return settled

    _plant(ChannelDeliveries, "_attempt", attempt)


def new_id_for_every_attempt() -> None:
    """A receiver cannot know a repetition."""
    _plant(delivering, "delivery_id", lambda *_: uuid4())


def _plant(owner: object, name: str, wrong: Callable[..., object]) -> None:
    assert hasattr(owner, name)
    setattr(owner, name, wrong)


BUGS: Mapping[str, Callable[[], None]] = {
    "end the window now": end_the_window_now,
    "query when sending": query_when_sending,
    "note before sending": note_before_sending,
    "new id for every attempt": new_id_for_every_attempt,
}
"""By what is wrong."""
