"""Making anew, from the facts, how far every subscription of a channel is."""

from __future__ import annotations

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from datetime import datetime

from newsfeed.deliveries import (
    DeliveryCancelled,
    DeliveryEvent,
    DeliveryFailed,
    DeliveryParked,
    DeliveryRequeued,
    DeliverySucceeded,
)
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog, DeliveryState, member_of
from newsfeed.registry import Registry, Subscription


@dataclass(slots=True)
class DeliveryFold:
    """What the facts say so far; :meth:`take` takes them in order. Pure."""

    states: dict[str, DeliveryState] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    told_at: dict[str, datetime] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)

    def take(self, fact: DeliveryEvent) -> None:
        """One fact more."""
        subscription = fact.subscription_id
        head = self.states.get(subscription, DeliveryState(after=fact.number - 1))
        beside = member_of(subscription, fact.number)
        self.told_at[subscription] = fact.occurred_at
        self._park(beside, fact)
        if isinstance(fact, DeliveryRequeued):
            self._put(beside, DeliveryState(number=fact.number), fact.occurred_at)
        elif beside in self.states:
            self._beside(beside, fact)
        elif isinstance(fact, DeliveryCancelled) and fact.number <= head.after:
            pass  # It was parked, and the others had passed it.
        else:
            self._head(subscription, head, fact)

    def _park(self, delivery: str, fact: DeliveryEvent) -> None:
        if isinstance(fact, DeliveryParked):
            self.parked[delivery] = _milliseconds(fact.occurred_at)
        elif not isinstance(fact, DeliveryFailed):
            self.parked.pop(delivery, None)

    def _put(self, member: str, state: DeliveryState, due: datetime | None) -> None:
        self.states[member] = state
        if due is None:
            self.due.pop(member, None)
        else:
            self.due[member] = _milliseconds(due)

    def _beside(self, member: str, fact: DeliveryEvent) -> None:
        if isinstance(fact, DeliveryFailed):
            state = _failed(self.states[member], fact)
            self._put(member, state, fact.next_attempt_at)
        else:
            del self.states[member]
            self.due.pop(member, None)

    def _head(self, subscription: str, head: DeliveryState, fact: DeliveryEvent) -> None:
        """A delivery that others overtake goes on beside them."""
        if fact.number > head.after + 1 and head.attempt:
            waiting = DeliveryState(number=head.after + 1, attempt=head.attempt, failed_at=head.failed_at)
            member = member_of(subscription, head.after + 1)
            self.states[member] = waiting
            self.due[member] = self.due[subscription]
            head = head.model_copy(update={"attempt": 0, "failed_at": None})
        head = head.model_copy(update={"after": fact.number - 1})
        match fact:
            case DeliveryFailed():
                self._put(subscription, _failed(head, fact), fact.next_attempt_at)
            case DeliverySucceeded() | DeliveryParked() | DeliveryCancelled():
                self._put(subscription, _ended(head, fact), fact.occurred_at)
            case _:
                pass


def _failed(state: DeliveryState, fact: DeliveryFailed) -> DeliveryState:
    at = _milliseconds(fact.occurred_at)
    return state.model_copy(
        update={
            "attempt": fact.attempt,
            "failed_at": state.failed_at or at,
            "failing_since": None if state.number is not None else state.failing_since or at,
        }
    )


def _ended(head: DeliveryState, fact: DeliveryEvent) -> DeliveryState:
    since = None if isinstance(fact, DeliverySucceeded) else head.failing_since
    if isinstance(fact, DeliveryParked):
        since = since or _milliseconds(fact.occurred_at)
    return head.model_copy(
        update={
            "after": fact.number,
            "attempt": 0,
            "failed_at": None,
            "failing_since": since,
            "bounces": head.bounces_after(fact),
        }
    )


async def rebuild_deliveries(redis: Client, channel: str, registry: Registry) -> int:
    """Put the fold of the facts in the place of the stored states; nobody may deliver meanwhile.

    How many members there are.
    """
    log, fold = DeliveryLog(redis, channel), DeliveryFold()
    facts: AsyncIterable[tuple[str, DeliveryEvent]] = log.facts()
    async for _, fact in facts:
        fold.take(fact)
    for member, state in [*fold.states.items()]:
        subscription = registry.subscriptions.get(member.partition("|")[0])
        if subscription is None or subscription.status == "cancelled":
            del fold.states[member]
            fold.due.pop(member, None)
        elif state.number is None:
            fold.states[member] = _activated(state, subscription, fold.told_at[member])
    await log.restore(fold.states, fold.due, fold.parked)
    return len(fold.states)


def _activated(state: DeliveryState, subscription: Subscription, told_at: datetime) -> DeliveryState:
    """The state as of the subscription's activation, if anything was told of it since."""
    active_since = subscription.active_since
    is_of_it = active_since is not None and told_at >= active_since
    return state.model_copy(update={"since": str(active_since) if is_of_it else ""})


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
