"""What is said of a subscription when somebody wants something of it. Pure: time and randomness come in.

Every function that wants something gives a decision for ``RegistryLog.change``: asked on the newest
registry, it answers with the facts to append, none where that is so already.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from newsfeed.envelope import derive_id
from newsfeed.errors import NewsfeedError
from newsfeed.registry import (
    Destination,
    Options,
    Registry,
    RegistryEvent,
    Status,
    Subscription,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionCreated,
    SubscriptionFact,
    SubscriptionPaused,
    SubscriptionResumed,
)

F = TypeVar("F", bound=SubscriptionFact)

Random = Callable[[int], bytes]
"""So many random bytes, such as ``os.urandom``."""

Decision = Callable[[Registry], Sequence[RegistryEvent]]

ID_BYTES = 10
SALT_BYTES = 16
SECRET_BYTES = 32

ROTATION = timedelta(hours=24)
"""How long a receiver may still check with the secret before."""


class SubscriptionUnknown(NewsfeedError):
    """There is no subscription of that id."""

    def __init__(self, subscription_id: str) -> None:
        super().__init__(f"there is no subscription {subscription_id!r}")


class SubscriptionUnfit(NewsfeedError):
    """The subscription is in no state for what is wanted of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks for the digests of a channel at a time; ``needs`` is how that must be confirmed."""

    subscription_id: str
    channel: str
    transport: str
    destination: Destination
    needs: Literal["nothing", "link", "handshake"]
    at: datetime
    options: Options = field(default_factory=dict)


def new_subscription_id(random: Random) -> str:
    """16 lower-case letters and digits, which nobody can guess."""
    return base64.b32encode(random(ID_BYTES)).decode().lower()


def new_secret(random: Random) -> str:
    """A secret of Standard Webhooks: ``whsec_`` and 32 bytes in base64."""
    return f"whsec_{base64.b64encode(random(SECRET_BYTES)).decode()}"


def new_destination(address: str, random: Random, secrets: Sequence[str] = ()) -> Destination:
    """An address with a salt of its own."""
    return Destination(salt=random(SALT_BYTES).hex(), address=address, secrets=tuple(secrets))


def rotated(destination: Destination, random: Random) -> Destination:
    """The same address with a new secret before the newest one it had."""
    return new_destination(destination.address, random, (new_secret(random), *destination.secrets[:1]))


def settled(destination: Destination, random: Random) -> Destination:
    """The same address with its newest secret only."""
    return new_destination(destination.address, random, destination.secrets[:1])


def has_rotated(subscription: Subscription, now: datetime) -> bool:
    """Whether its destination was changed so long ago that an older secret has had its time."""
    since = subscription.destination_since
    return subscription.status != "cancelled" and since is not None and now - since >= ROTATION


def known(registry: Registry, subscription_id: str) -> Subscription:
    """A subscription; raises :class:`SubscriptionUnknown`."""
    found = registry.subscriptions.get(subscription_id)
    if found is None:
        raise SubscriptionUnknown(subscription_id)
    return found


def create(asked: Asked) -> Decision:
    """Subscribe."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        if asked.subscription_id in registry.subscriptions:
            return []
        return [
            _fact(
                SubscriptionCreated,
                asked.subscription_id,
                0,
                asked.at,
                channel=asked.channel,
                transport=asked.transport,
                destination_sha256=asked.destination.sha256,
                needs=asked.needs,
                options=asked.options,
            )
        ]

    return decide


def confirm(
    subscription_id: str, method: Literal["link", "handshake", "echo", "operator"], at: datetime
) -> Decision:
    """Its owner said yes."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = known(registry, subscription_id)
        if one.status != "pending":
            return []
        return [_fact(SubscriptionConfirmed, subscription_id, one.position, at, method=method)]

    return decide


def cancel(subscription_id: str, reason: str, at: datetime, among: Sequence[Status] = ()) -> Decision:
    """End it; with ``among`` only in one of these states. Doing it again changes nothing."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = known(registry, subscription_id)
        if one.status == "cancelled" or (among and one.status not in among):
            return []
        return [_fact(SubscriptionCancelled, subscription_id, one.position, at, reason=reason)]

    return decide


def pause(subscription_id: str, reason: str, at: datetime) -> Decision:
    """Send it nothing until it is resumed; raises :class:`SubscriptionUnfit`."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = _live(registry, subscription_id, "active", "paused")
        if one.status == "paused":
            return []
        return [_fact(SubscriptionPaused, subscription_id, one.position, at, reason=reason)]

    return decide


def resume(subscription_id: str, at: datetime, after: int | None = None) -> Decision:
    """Send it digests again: those after one, or only those that come out later."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = _live(registry, subscription_id, "active", "paused")
        if one.status == "active":
            return []
        return [_fact(SubscriptionResumed, subscription_id, one.position, at, after=after)]

    return decide


def rewind(subscription_id: str, at: datetime, after: int) -> Decision:
    """Have it get everything after one digest, in order, whatever it had; wakes one that is paused."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = _live(registry, subscription_id, "active", "paused")
        paused = _fact(SubscriptionPaused, subscription_id, one.position, at, reason="replay")
        again = _fact(SubscriptionResumed, subscription_id, one.position, at, after=after)
        return [again] if one.status == "paused" else [paused, again]

    return decide


def change(subscription_id: str, at: datetime, *, destination: Destination, was: str) -> Decision:
    """Give it another destination, in the place of the one with the sha256 ``was``.

    Raises :class:`SubscriptionUnfit` when it has another one meanwhile.
    """

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = _live(registry, subscription_id, "pending", "active", "paused")
        sha256 = destination.sha256
        if sha256 == one.destination_sha256:
            return []
        if one.destination_sha256 != was:
            raise SubscriptionUnfit(f"somebody else changed the subscription {subscription_id!r}; try again")
        return [_fact(SubscriptionChanged, subscription_id, one.position, at, destination_sha256=sha256)]

    return decide


def amend(
    subscription_id: str, at: datetime, options: Options, destination_sha256: str | None = None
) -> Decision:
    """Give it other options, and another destination if one is named; raises :class:`SubscriptionUnfit`."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = _live(registry, subscription_id, "pending", "active", "paused")
        return [
            _fact(
                SubscriptionChanged,
                subscription_id,
                one.position,
                at,
                options=options,
                destination_sha256=destination_sha256,
            )
        ]

    return decide


def _live(registry: Registry, subscription_id: str, *wanted: Status) -> Subscription:
    one = known(registry, subscription_id)
    if one.status not in wanted:
        raise SubscriptionUnfit(f"the subscription {subscription_id!r} is {one.status}")
    return one


def _fact(kind: type[F], subscription_id: str, position: int, at: datetime, **fields: object) -> F:
    """A fact that follows on the newest one about a subscription, with the same id each time it is asked."""
    return kind.model_validate(
        {
            "event_id": derive_id(kind.__name__, subscription_id, position),
            "occurred_at": at,
            "correlation_id": derive_id("subscription", subscription_id),
            "subscription_id": subscription_id,
            **fields,
        }
    )
