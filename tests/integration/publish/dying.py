"""Publishers that kill themselves at named points: a program that forks them, two at a time.

Each line of its input is a job (JSON): ``url`` of a Redis, ``slots`` with the points at which the
publishers of each slot die one after the other (name and at which time of coming there), ``bug`` to
plant. It answers with the name of each point when somebody died there, and with ``stopped`` when the
next line told it so. Publishers take the time from Redis, so that a test moves it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from newsfeed.channels import Channel
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.vocabulary import ancestors
from services.publish import publisher
from services.publish.delivering import ChannelDeliveries
from services.publish.publisher import ChannelPublisher
from services.publish.transports import DELIVERED, Delivery, Outcome
from tests.integration.publish import planted

CLOCK, RECEIVED = "test:clock", "test:received"
PARTITIONS = 3
CHANNEL = Channel(name="latest", title="Latest", every_seconds=600)


class Receiving:
    """A way out to a list in Redis: address, number, id, and the sha256 of the bytes."""

    name = "received"
    needs = "nothing"

    def __init__(self, redis: Any) -> None:  # noqa: ANN401 as in redis-py
        self._redis = redis

    def problems(self, address: str, options: Mapping[str, object]) -> list[str]:
        """Any address will do."""
        return [] if address or options else ["there is no address"]

    async def send(self, delivery: Delivery, destination: Any) -> Outcome:  # noqa: ANN401 of the registry
        """It always arrives."""
        sha256 = hashlib.sha256(delivery.bodies["json"]).hexdigest()
        told = [destination.address, delivery.number, str(delivery.delivery_id), sha256]
        await self._redis.rpush(RECEIVED, json.dumps(told))
        return DELIVERED

    async def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place to die: before or after a function, ``half`` way through the mapping that it is given.

    ``counts`` tells whether a call is one of those that are meant.
    """

    owner: object
    function: str
    when: str
    counts: Callable[..., bool] = lambda *_, **__: True


def _has_fact(_: object, __: object, settlement: Any) -> bool:  # noqa: ANN401 a settlement
    return settlement.fact is not None


def _rests(_: object, __: object, settlement: Any) -> bool:  # noqa: ANN401 a settlement
    return bool(settlement.seen)


POINTS = {
    "before the cursor is read": Point(ChannelLog, "cursor", "before"),
    "after the cursor is read": Point(ChannelLog, "cursor", "after"),
    "before the window is read": Point(publisher, "contents", "before"),
    "after the window is read": Point(publisher, "contents", "after"),
    "before the ledger is read": Point(ChannelLog, "delivered", "before"),
    "after the ledger is read": Point(ChannelLog, "delivered", "after"),
    "before the bodies are stored": Point(ChannelLog, "write_bodies", "before"),
    "half of the bodies are stored": Point(ChannelLog, "write_bodies", "half"),
    "after the bodies are stored": Point(ChannelLog, "write_bodies", "after"),
    "before the freeze": Point(ChannelLog, "close", "before"),
    "after the freeze": Point(ChannelLog, "close", "after"),
    "before the look for erased texts": Point(EventLog, "heads", "before"),
    "after the look for erased texts": Point(EventLog, "heads", "after"),
    "before the trim is told": Point(ChannelPublisher, "_told", "before"),
    "after the trim is told": Point(ChannelPublisher, "_told", "after"),
    "before the registry is read": Point(RegistryLog, "read", "before"),
    "before the newest digest is read": Point(ChannelLog, "newest_public", "before"),
    "before the fan-out": Point(DeliveryLog, "enqueue", "before"),
    "half of the fan-out": Point(DeliveryLog, "enqueue", "half"),
    "after the fan-out": Point(DeliveryLog, "enqueue", "after"),
    "before the claim": Point(DeliveryLog, "claim", "before"),
    "after the claim": Point(DeliveryLog, "claim", "after"),
    "before the bytes are read": Point(ChannelLog, "current_bodies", "before"),
    "after the bytes are read": Point(ChannelLog, "current_bodies", "after"),
    "before the send": Point(Receiving, "send", "before"),
    "after the send": Point(Receiving, "send", "after"),
    "before the settlement": Point(DeliveryLog, "settle", "before", _has_fact),
    "after the settlement": Point(DeliveryLog, "settle", "after", _has_fact),
    "before the rest": Point(DeliveryLog, "settle", "before", _rests),
    "after the rest": Point(DeliveryLog, "settle", "after", _rests),
}


def arm(point: Point, times: int) -> None:
    """Make this process die when it comes to a point for the n-th time."""
    function, count = getattr(point.owner, point.function), 0

    async def fatal(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 whatever the function takes
        nonlocal count
        if not point.counts(*args, **kwargs):
            return await function(*args, **kwargs)
        if point.when == "after":
            answer = await function(*args, **kwargs)
        count += 1
        if count == times:
            if point.when == "half":
                one, mapping = args
                await function(one, dict([*mapping.items()][: len(mapping) // 2]))
            os.kill(os.getpid(), signal.SIGKILL)
        return answer if point.when == "after" else await function(*args, **kwargs)

    setattr(point.owner, point.function, fatal)


async def work(url: str) -> None:
    """Publish and deliver for ever, at the time that Redis tells."""
    redis = connect(url)
    log = EventLog(redis, await open_manifest(redis, PARTITIONS))
    publishing = ChannelPublisher(log, CHANNEL, ancestors)
    transports = {"received": Receiving(redis)}
    deliveries = ChannelDeliveries(redis, CHANNEL.name, RegistryLog(redis), transports)  # type: ignore[arg-type] # by shape
    while True:
        now = datetime.fromtimestamp(int(await redis.get(CLOCK) or 0) / 1000, UTC)
        await publishing.publish_due(now)
        while await deliveries.deliver_due(now):
            pass
        await asyncio.sleep(0.005)


def _no_bug() -> None:
    pass


@dataclass
class Slot:
    """One of the publishers that are at work, and where those after it will die."""

    plan: Iterator[tuple[str, int]]
    point: str = ""
    pid: int = 0

    def begin(self, job: Mapping[str, Any]) -> None:
        """The next one: it dies at the next point, or never when there is none left."""
        self.point, times = next(self.plan, ("", 0))
        self.pid = os.fork()
        if self.pid:
            return
        planted.BUGS.get(job["bug"], _no_bug)()
        if self.point:
            arm(POINTS[self.point], times)
        asyncio.run(work(job["url"]))

    def has_died(self) -> bool:
        """Whether it did; who ended in any other way than at its point is an error."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid and not (os.WIFSIGNALED(status) and self.point):
            raise RuntimeError(f"a publisher ended at {self.point!r} with {status}")
        return bool(pid)


def tell(line: str) -> None:
    """An answer."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(job: Mapping[str, Any]) -> None:
    """Two publishers, and others for those that die, until the next line comes."""
    slots = [Slot(iter(plan)) for plan in job["slots"]]
    for slot in slots:
        slot.begin(job)
    while not select.select([sys.stdin], [], [], 0.002)[0]:
        for slot in slots:
            if slot.has_died():
                tell(slot.point)
                slot.begin(job)
    sys.stdin.readline()
    for slot in slots:
        os.kill(slot.pid, signal.SIGKILL)
        os.waitpid(slot.pid, 0)
    tell("stopped")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    ancestors("")
    while line := sys.stdin.readline():
        run(json.loads(line))
