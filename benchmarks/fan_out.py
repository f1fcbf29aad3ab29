"""Fan-out: one digest made due for 10,000 subscriptions, and delivered to them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from benchmarks.measuring import PrivateRedis, Ratio, alternate, private_redis, speed_ratio, timed
from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.delivery_log import DeliveryLog, DeliveryState, Settlement
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import Registry
from newsfeed.testing.channels import bring_out
from newsfeed.testing.registering import subscription_created
from newsfeed.testing.transports import ScriptedTransport
from services.publish.delivering import ChannelDeliveries
from services.publish.transports import DELIVERED

CHANNEL = "latest"
SUBSCRIPTIONS = 10_000
SENT = 500
"""Deliveries of one round that go all the way."""


class _Office:
    """A channel with its subscriptions, and whoever delivers."""

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.deliveries = DeliveryLog(log.redis, CHANNEL)
        self.rounds = count(1)

    def worker(self, transport: ScriptedTransport) -> ChannelDeliveries:
        """A process that knows nothing yet."""
        registry = RegistryLog(self.log.redis)
        return ChannelDeliveries(self.log.redis, CHANNEL, registry, {"scripted": transport})

    async def subscribe(self) -> Registry:
        """Ten thousand, a thousand a call."""
        registry = RegistryLog(self.log.redis)
        for start in range(0, SUBSCRIPTIONS, 1000):
            page = [
                subscription_created(f"s{number:05}", transport="scripted")
                for number in range(start, start + 1000)
            ]
            await registry.change(lambda _, page=page: page)  # type: ignore[misc] # the page of this turn
        return await registry.read()

    async def fan_out(self, registry: Registry) -> float:
        """Seconds a subscription until all of them are due."""
        await self.log.redis.delete(streams.due(CHANNEL))
        worker = self.worker(ScriptedTransport(lambda _: DELIVERED))
        with timed() as watch:
            await worker.fan_out(registry, 1, datetime.now(UTC))
            watch.stop()
        return watch.seconds / SUBSCRIPTIONS

    async def bare(self) -> float:
        """The same by one ZADD of all, with members made before."""
        key = f"bare:{next(self.rounds)}"
        members = {f"s{number:05}": float(number) for number in range(SUBSCRIPTIONS)}
        with timed() as watch:
            await self.log.redis.zadd(key, members)
            watch.stop()
        await self.log.redis.delete(key)
        return watch.seconds / SUBSCRIPTIONS

    async def deliver(self) -> float:
        """Seconds a delivery, from claim to settlement, to a transport that does nothing."""
        worker = await self._due()
        now = datetime.now(UTC)
        with timed() as watch:
            done = 0
            while done < SENT:
                done += await worker.deliver_due(now)
            watch.stop()
        return watch.seconds / done

    async def settle(self) -> float:
        """Seconds a claim and its settlement, one after the other, with nothing between them."""
        await self._due()
        now = int(datetime.now(UTC).timestamp() * 1000)
        with timed() as watch:
            for _ in range(SENT):
                [claim] = await self.deliveries.claim(now, 60_000, 1)
                await self.deliveries.settle(claim, Settlement(None, DeliveryState(after=1), None))
            watch.stop()
        return watch.seconds / SENT

    async def _due(self) -> ChannelDeliveries:
        """Some subscriptions that have everything before the newest digest."""
        await self.log.redis.delete(streams.due(CHANNEL), streams.delivery_states(CHANNEL))
        worker = self.worker(ScriptedTransport(lambda _: DELIVERED))
        await worker.deliver_due(datetime.fromtimestamp(0, UTC))
        await self.log.redis.zremrangebyrank(streams.due(CHANNEL), SENT, -1)
        return worker


async def measure(rounds: int) -> list[Ratio]:
    """How fast one digest is fanned out, against one ZADD; and delivered, against the least it takes."""
    async with private_redis() as redis:
        office = await _opened(redis)
        registry = await office.subscribe()
        arms = {"fan-out": lambda: office.fan_out(registry), "zadd": office.bare}
        fanned = await alternate(arms, rounds)
        sent = await alternate({"deliver": office.deliver, "settle": office.settle}, rounds)
    return [
        speed_ratio("fan-out / bare ZADD of 10,000", fanned, ("fan-out", "zadd"), "subscriptions", 0.5),
        speed_ratio("deliver / claim and settle", sent, ("deliver", "settle"), "deliveries"),
    ]


async def _opened(redis: PrivateRedis) -> _Office:
    log = EventLog(redis.client, await open_manifest(redis.client, 1))
    await bring_out(log, CHANNEL, [])
    assert await ChannelLog(log.redis, CHANNEL).newest_public()
    return _Office(log)
