"""A channel with its log, its publisher and whoever delivers it: what a replacement needs."""

from __future__ import annotations

from typing import Any

from newsfeed.channels import Channel
from newsfeed.deliveries import DeliveryCancelled, DeliveryEvent
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.eventlog.verify_deliveries import verify_deliveries
from newsfeed.registry import Destination, RegistryEvent
from newsfeed.testing.channels import digests
from newsfeed.testing.registering import subscription_created
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.transports import Script, ScriptedTransport
from newsfeed.vocabulary import ancestors
from services.publish.delivering import ChannelDeliveries
from services.publish.publisher import ChannelPublisher
from services.publish.transports import DELIVERED, Outcome

DOWN = Outcome("retry", "unreachable")


class Newsroom:
    """A channel that comes out once a minute, with subscriptions to one transport."""

    def __init__(self, timeline: Timeline, channel: Channel, script: Script = lambda _: DELIVERED) -> None:
        self.timeline, self.redis, self.channel = timeline, timeline.log.redis, channel
        self.transport = ScriptedTransport(script)
        self.registry = RegistryLog(self.redis)
        self.publisher = self.press()
        self.worker = self.carrier()

    def press(self, log: EventLog | None = None) -> ChannelPublisher:
        return ChannelPublisher(log or self.timeline.log, self.channel, ancestors)

    def carrier(self, log: EventLog | None = None) -> ChannelDeliveries:
        redis = (log or self.timeline.log).redis
        return ChannelDeliveries(redis, "latest", RegistryLog(redis), {"scripted": self.transport})

    async def subscribe(self, *names: str, **options: object) -> None:
        homes = [Destination(salt="00", address=name) for name in names]
        events: list[RegistryEvent] = [
            subscription_created(
                name, transport="scripted", destination_sha256=home.sha256, options=options
            ).model_copy(update={"occurred_at": moment(-3600)})
            for name, home in zip(names, homes, strict=True)
        ]
        await self.registry.change(lambda _: events, homes)

    async def publish(self, second: float) -> None:
        await self.publisher.publish_due(moment(second))

    async def deliver(self, second: float, worker: ChannelDeliveries | None = None) -> None:
        while await (worker or self.worker).deliver_due(moment(second)):
            pass

    async def told(self) -> list[Any]:
        return await digests(self.redis, "latest")

    async def shown(self, number: int) -> dict[str, bytes]:
        return await ChannelLog(self.redis, "latest").current_bodies(number)

    def got(self, name: str) -> list[int]:
        return [number for address, number, *_ in self.transport.sent if address == name]

    async def facts(self) -> list[DeliveryEvent]:
        return [one async for _, one in DeliveryLog(self.redis, "latest").facts()]

    async def cancelled(self) -> list[tuple[str, int, str]]:
        found = [one for one in await self.facts() if isinstance(one, DeliveryCancelled)]
        return sorted((one.subscription_id, one.number, one.reason) for one in found)

    async def problems(self) -> list[str]:
        log = self.timeline.log
        found = [one.code async for one in verify_channels(log)]
        return [*found, *[one.code async for one in verify_deliveries(log)]]

    async def first(self, *names: str, story_id: str | None = None) -> None:
        """Digest 1, with some articles."""
        await self.timeline.at(1)
        for name in names or ("a", "b"):
            await self.timeline.article(name, story_id=story_id)
        await self.publish(61)

    async def withdraw(self, name: str, second: float = 70, version: int = 2) -> None:
        await self.timeline.at(second)
        await self.timeline.withdraw(name, version)


async def story(room: Newsroom) -> None:
    """Digest 1 on its way, `a` withdrawn, and something for the next window."""
    await room.subscribe("ada", "bob")
    await room.timeline.at(1)
    for name in "abc":
        await room.timeline.article(name, story_id="town")
    await room.withdraw("a")
    await room.timeline.article("d")
    await room.press().publish_due(moment(61))


async def finish(room: Newsroom, log: EventLog | None = None) -> None:
    publisher, worker = room.press(log), room.carrier(log)
    for second in (71, 121):
        await publisher.publish_due(moment(second))
        await room.deliver(second + 1, worker)
