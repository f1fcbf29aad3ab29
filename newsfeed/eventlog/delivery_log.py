"""The deliveries of one channel: the facts, and what is due when, by whom it is held.

Digests are numbered without gaps, so a subscription needs no list of deliveries: ``after`` is the
digest up to which everything is settled, and the next delivery is the one behind it. A delivery that
no longer holds up the ones after it goes on beside them, as a member of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import orjson
from pydantic import BaseModel, ConfigDict

from newsfeed import streams
from newsfeed.deliveries import (
    BOUNCED,
    DeliveryCancelled,
    DeliveryEvent,
    DeliveryFailed,
    DeliveryParked,
    DeliveryRequeued,
    DeliverySucceeded,
    parse_delivery_event,
)
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.eventlog.scripts import script

PAGE_COUNT = 1000
"""Members that become due together: about 1 ms of the server's time."""


class DeliveryState(BaseModel):
    """How far a subscription is, or where one delivery beside it stands.

    ``after`` is the digest up to which all is settled; ``number`` the digest of a delivery beside.
    ``attempt`` counts the failed ones of the delivery in hand, of which the first was at ``failed_at``
    (ms). ``failing_since`` (ms) is the first failure after which nothing succeeded, ``bounces`` how many
    deliveries in a row met an address that does not exist. ``since`` says for which activation of the
    subscription ``after`` was found.
    """

    model_config = ConfigDict(frozen=True)

    after: int = 0
    number: int | None = None
    attempt: int = 0
    failed_at: int | None = None
    failing_since: int | None = None
    bounces: int = 0
    since: str = ""

    def bounces_after(self, fact: DeliveryEvent) -> int:
        """How many deliveries in a row bounced once this one has ended so."""
        if isinstance(fact, DeliverySucceeded):
            return 0
        return self.bounces + (isinstance(fact, DeliveryParked) and fact.reason == BOUNCED)


@dataclass(frozen=True, slots=True)
class Claim:
    """A member that is due and ours for the length of a lease."""

    subscription_id: str
    number: int | None
    token: int
    state: DeliveryState | None

    @property
    def member(self) -> str:
        """Its name in Redis."""
        return member_of(self.subscription_id, self.number)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a claim: a fact, the state it leaves, and when (ms) it is due again, None for never.

    Whoever goes to rest says which digest it saw last (``seen``): if another came out it is due ``now``.
    """

    fact: DeliveryEvent | None
    state: DeliveryState | None
    due: int | None
    beside: DeliveryState | None = None
    beside_due: int = 0
    seen: str = ""
    now: int = 0


def member_of(subscription_id: str, number: int | None = None) -> str:
    """A subscription, or one delivery of it that goes on beside the others."""
    return subscription_id if number is None else f"{subscription_id}|{number}"


class DeliveryLog:
    """The deliveries of one channel on one Redis."""

    def __init__(self, redis: Client, channel: str) -> None:
        self._redis = redis
        self._channel = channel
        self._claim = script(redis, "claim")
        self._hold = script(redis, "hold")
        self._settle = script(redis, "settle")
        self._hurry = script(redis, "hurry")
        self._keys = [
            streams.due(channel),
            streams.delivery_states(channel),
            streams.deliveries(channel),
            streams.digests(channel),
            streams.parked_deliveries(channel),
        ]

    async def enqueue(self, due: Mapping[str, int]) -> None:
        """Make subscriptions due at a time (ms) each; one that is due already keeps its time."""
        members = [*due.items()]
        pipeline = self._redis.pipeline(transaction=False)
        for start in range(0, len(members), PAGE_COUNT):
            page: dict[str, float] = dict(members[start : start + PAGE_COUNT])
            pipeline.zadd(self._keys[0], page, nx=True)
        await pipeline.execute()

    async def claim(self, now: int, lease: int, limit: int) -> list[Claim]:
        """Up to so many members that are due at a time (ms), for the length of a lease (ms)."""
        reply = await self._claim(keys=self._keys[:2], args=[now, lease, limit])
        return [_claim(*one) for one in cast("list[tuple[bytes, int, bytes]]", reply)]

    async def hurry(self, waiting: Mapping[str, int], now: int) -> None:
        """Make members due now (ms) that still are due at the time (ms) that is told of each."""
        members = [*waiting.items()]
        for start in range(0, len(members), PAGE_COUNT):
            page = members[start : start + PAGE_COUNT]
            await self._hurry(keys=self._keys[:1], args=[now, *(part for one in page for part in one)])

    async def hold(self, claims: Iterable[Claim], until: int) -> int:
        """Hold on to claims until a time (ms); how many are still ours, those that are settled left out."""
        arguments: list[str | int] = [until]
        for claim in claims:
            arguments += [claim.member, claim.token]
        return int(await self._hold(keys=self._keys[:2], args=arguments))

    async def settle(self, claim: Claim, settlement: Settlement) -> bool:
        """Say what became of a claim; False when its lease was over and somebody else has it."""
        beside = settlement.beside
        arguments: list[str | int] = [
            claim.member,
            claim.token,
            settlement.fact.model_dump_json(exclude_none=True) if settlement.fact else "",
            settlement.state.model_dump_json(exclude_defaults=True) if settlement.state else "",
            "" if settlement.due is None else settlement.due,
            member_of(claim.subscription_id, beside.number) if beside else "",
            beside.model_dump_json(exclude_defaults=True) if beside else "",
            settlement.beside_due,
            settlement.seen,
            settlement.now,
            *_parking(settlement.fact),
        ]
        return bool(await self._settle(keys=self._keys, args=arguments))

    async def requeue(self, fact: DeliveryRequeued, due: int) -> None:
        """Have one delivery made again, whatever became of it; it goes on beside the others."""
        member = member_of(fact.subscription_id, fact.number)
        state = DeliveryState(number=fact.number).model_dump_json(exclude_defaults=True)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xadd(self._keys[2], {FIELD_DATA: fact.model_dump_json(exclude_none=True)})
        pipeline.hset(self._keys[1], member, state)
        pipeline.zadd(self._keys[0], {member: due})
        pipeline.zrem(self._keys[4], member)
        await pipeline.execute()

    async def give_up(self, fact: DeliveryCancelled) -> None:
        """Have one delivery that went beside the others, or is parked, not made any more."""
        member = member_of(fact.subscription_id, fact.number)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xadd(self._keys[2], {FIELD_DATA: fact.model_dump_json(exclude_none=True)})
        pipeline.hdel(self._keys[1], member, f"{member}:token")
        pipeline.zrem(self._keys[0], member)
        pipeline.zrem(self._keys[4], member)
        await pipeline.execute()

    async def facts(self, after: str = "-") -> AsyncGenerator[tuple[str, DeliveryEvent], None]:
        """What became of the deliveries after an id, oldest first, each with its id."""
        start = after if after == "-" else f"({after}"
        while page := await self._redis.xrange(self._keys[2], start, count=PAGE_COUNT):
            for stream_id, fields in cast("list[tuple[bytes, dict[bytes, bytes]]]", page):
                yield stream_id.decode(), parse_delivery_event(fields.get(FIELD_DATA, b""))
                start = f"({stream_id.decode()}"

    async def state(self, member: str) -> DeliveryState | None:
        """Where one member stands; None before its first attempt, and when it is done."""
        stored = await self._redis.hget(self._keys[1], member)
        return DeliveryState.model_validate_json(stored) if stored else None

    async def states(self) -> dict[str, DeliveryState]:
        """Where every subscription, and every delivery beside one, stands; by member."""
        stored = cast("dict[bytes, bytes]", await self._redis.hgetall(self._keys[1]))
        return {
            member.decode(): DeliveryState.model_validate_json(value)
            for member, value in stored.items()
            if not member.endswith(b":token")
        }

    async def due(self) -> dict[str, int]:
        """When (ms) each member is due that is."""
        page = await self._redis.zrange(self._keys[0], 0, -1, withscores=True)
        return {member.decode(): int(score) for member, score in cast("list[tuple[bytes, float]]", page)}

    async def parked(self) -> dict[str, int]:
        """Since when (ms) each delivery is parked that is, by ``subscription|number``."""
        page = await self._redis.zrange(self._keys[4], 0, -1, withscores=True)
        return {member.decode(): int(score) for member, score in cast("list[tuple[bytes, float]]", page)}

    async def restore(
        self, states: Mapping[str, DeliveryState], due: Mapping[str, int], parked: Mapping[str, int]
    ) -> None:
        """Put a folded state in the place of the stored one; nobody may deliver meanwhile."""
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.delete(*self._keys[:2], self._keys[4])
        for member, at in parked.items():
            pipeline.zadd(self._keys[4], {member: at})
        for member, state in states.items():
            pipeline.hset(self._keys[1], member, state.model_dump_json(exclude_defaults=True))
        for member, at in due.items():
            pipeline.zadd(self._keys[0], {member: at})
        await pipeline.execute()


def _parking(fact: DeliveryEvent | None) -> tuple[str, str]:
    """The delivery that a fact parks, and the one that it ends well; '' for none."""
    if fact is None or isinstance(fact, DeliveryFailed):
        return "", ""
    delivery = member_of(fact.subscription_id, fact.number)
    return (delivery, "") if isinstance(fact, DeliveryParked) else ("", delivery)


def _claim(member: bytes, token: int, state: bytes) -> Claim:
    subscription_id, beside, number = member.decode().partition("|")
    return Claim(
        subscription_id=subscription_id,
        number=int(number) if beside else None,
        token=int(token),
        state=DeliveryState.model_validate(orjson.loads(state)) if state else None,
    )
