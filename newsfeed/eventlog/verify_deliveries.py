"""Are the deliveries of a channel what they were? Their facts, against its digests and the registry."""

from __future__ import annotations

from typing import cast

from newsfeed import streams
from newsfeed.deliveries import DeliveryEvent, delivery_id, parse_delivery_event
from newsfeed.errors import EventUnreadable, LogDamaged
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.delivery_log import PAGE_COUNT
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.eventlog.verify import Problem, Problems
from newsfeed.registry import Registry


async def verify_deliveries(log: EventLog) -> Problems:
    """Everything that is wrong with the facts about deliveries; none where the registry cannot be read."""
    try:
        registry = await RegistryLog(log.redis).read()
    except (LogDamaged, EventUnreadable):
        return
    for channel in sorted({one.channel for one in registry.subscriptions.values()}):
        newest = await ChannelLog(log.redis, channel).newest_public()
        start, number = "-", newest.number if newest else 0
        while page := await log.redis.xrange(streams.deliveries(channel), start, count=PAGE_COUNT):
            for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
                start = f"({stream_id.decode()}"
                for code, detail in _wrong(fields.get(FIELD_DATA, b""), channel, number, registry):
                    yield Problem(code, detail, channel=channel, stream_id=stream_id.decode())


def _wrong(data: bytes, channel: str, newest: int, registry: Registry) -> list[tuple[str, str]]:
    try:
        fact = parse_delivery_event(data)
    except EventUnreadable as error:
        return [("event_unreadable", error.detail)]
    return _wrong_with(fact, channel, newest, registry)


def _wrong_with(fact: DeliveryEvent, channel: str, newest: int, registry: Registry) -> list[tuple[str, str]]:
    """What is wrong with a fact, as codes and sentences. Pure."""
    found: list[tuple[str, str]] = []
    if fact.channel != channel:
        found.append(("channel_wrong", f"the fact is of the channel {fact.channel}"))
    if fact.number > newest:
        found.append(("number_wrong", f"digest {fact.number} never came out, the newest is {newest}"))
    if fact.subscription_id not in registry.subscriptions:
        found.append(("subscription_unknown", f"nobody subscribed as {fact.subscription_id}"))
    if fact.delivery_id != delivery_id(fact.channel, fact.number, fact.subscription_id):
        found.append(("delivery_id_wrong", f"{fact.delivery_id} is the id of another delivery"))
    return found
