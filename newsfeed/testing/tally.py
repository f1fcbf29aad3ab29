"""A projection that notices every event that is lost, comes twice, or comes out of order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from newsfeed.envelope import Event
from newsfeed.events import LOG_EVENTS
from newsfeed.readmodel.projection import Placed, Projection
from newsfeed.readmodel.store import ModelStore


@dataclass(frozen=True, slots=True)
class Tally:
    """How many events of a subject were folded, and a hash of their ids in order."""

    count: int
    chain: str


def count(state: Tally | None, event: Event) -> Tally:
    """One more. Unlike the fold of articles it does not forgive an event that it saw before."""
    before = state or Tally(0, "")
    chain = hashlib.sha256(f"{before.chain}{event.event_id}".encode()).hexdigest()
    return Tally(before.count + 1, chain)


def _encode(state: Tally) -> bytes:
    return f"{state.count} {state.chain}".encode()


def _decode(stored: bytes) -> Tally:
    number, chain = stored.decode().split(" ")
    return Tally(int(number), chain)


TALLY = Projection("tally", 1, LOG_EVENTS, count, _encode, _decode)
"""Every event of the log, by subject."""


async def everything(store: ModelStore[Any], partitions: int) -> dict[str, bytes]:
    """All states of a version, as they are kept."""
    found: dict[str, bytes] = {}
    for partition in range(partitions):
        async for _, states in store.buckets(partition):
            found |= states
    return found


async def tallied(store: ModelStore[Tally], partitions: int) -> int:
    """How many events are in the states of a version."""
    kept = (await everything(store, partitions)).values()
    return sum(_count(store.projection.unpacked(stored)) for stored in kept)


def _count(placed: Placed[Tally]) -> int:
    return placed.state.count
