"""The registry: the ordered facts about channels and about who subscribes to them, and what they mean now.

It is small and is read whole. A destination (an address, a URL, a secret) is personal: facts name it
by the sha256 of a document that can be erased.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, get_args

from pydantic import AwareDatetime, Field, TypeAdapter

from newsfeed.documents import Document
from newsfeed.envelope import Event, Sha256
from newsfeed.upcasters import parse_event

Status = Literal["pending", "active", "paused", "cancelled"]
"""Of a subscription: ``pending`` until its owner confirmed it; only an active one gets digests."""

Options = dict[str, str | int | bool]


class Destination(Document):
    """Where a subscription goes: an ``address`` (e-mail, URL), and ``secrets``, the newest first.

    ``salt`` is random, so that nobody can tell an address by trying hashes.
    """

    salt: str
    address: str
    secrets: tuple[str, ...] = ()


class RegistryFact(Event, ABC):
    """A fact of the registry."""

    @property
    @abstractmethod
    def subject(self) -> str:
        """The channel or the subscription that it is about."""


class ChannelDefined(RegistryFact):
    """A channel was defined, or defined anew; ``definition`` is all of it, ``channel_version`` its sha256."""

    type: Literal["channel.defined"] = "channel.defined"
    schema_version: Literal[1] = 1
    channel: str
    channel_version: Sha256
    definition: dict[str, Any]
    defined_by: Literal["file", "command", "api"]

    @property
    def subject(self) -> str:
        """The channel."""
        return f"channel:{self.channel}"


class ChannelRetired(RegistryFact):
    """A channel closes no more windows; its digests stay."""

    type: Literal["channel.retired"] = "channel.retired"
    schema_version: Literal[1] = 1
    channel: str

    @property
    def subject(self) -> str:
        """The channel."""
        return f"channel:{self.channel}"


class SubscriptionFact(RegistryFact):
    """A fact about one subscription."""

    subscription_id: str

    @property
    def subject(self) -> str:
        """The subscription."""
        return f"subscription:{self.subscription_id}"


class SubscriptionCreated(SubscriptionFact):
    """Somebody asked for the digests of a channel; ``needs`` says how that must be confirmed.

    ``options`` are the subscriber's: ``quiet_hours``, ``time_zone``, ``urgent`` and what the transport knows.
    """

    type: Literal["subscription.created"] = "subscription.created"
    schema_version: Literal[1] = 1
    channel: str
    transport: str
    destination_sha256: Sha256
    needs: Literal["nothing", "link", "handshake"]
    options: Options = Field(default_factory=dict)


class SubscriptionConfirmed(SubscriptionFact):
    """The owner of the destination said yes; ``method`` is how."""

    type: Literal["subscription.confirmed"] = "subscription.confirmed"
    schema_version: Literal[1] = 1
    method: Literal["link", "handshake", "echo", "operator"]


class SubscriptionChanged(SubscriptionFact):
    """Its options or its destination (a rotated secret, say) changed; what is None stays."""

    type: Literal["subscription.changed"] = "subscription.changed"
    schema_version: Literal[1] = 1
    destination_sha256: Sha256 | None = None
    options: Options | None = None


class SubscriptionPaused(SubscriptionFact):
    """It gets nothing until it is resumed; ``reason`` is a code such as ``failing`` or ``bounced``."""

    type: Literal["subscription.paused"] = "subscription.paused"
    schema_version: Literal[1] = 1
    reason: str


class SubscriptionResumed(SubscriptionFact):
    """It gets digests again: those after number ``after``, or only new ones."""

    type: Literal["subscription.resumed"] = "subscription.resumed"
    schema_version: Literal[1] = 1
    after: int | None = None


class SubscriptionCancelled(SubscriptionFact):
    """It has ended; ``reason`` is a code such as ``one_click``, ``unsubscribed``, ``operator``."""

    type: Literal["subscription.cancelled"] = "subscription.cancelled"
    schema_version: Literal[1] = 1
    reason: str


RegistryEvent = Annotated[
    ChannelDefined
    | ChannelRetired
    | SubscriptionCreated
    | SubscriptionConfirmed
    | SubscriptionChanged
    | SubscriptionPaused
    | SubscriptionResumed
    | SubscriptionCancelled,
    Field(discriminator="type"),
]
"""Every fact of the registry."""

REGISTRY_EVENTS: tuple[type[Event], ...] = get_args(get_args(RegistryEvent)[0])
REGISTRY_VERSIONS = {
    model.model_fields["type"].default: model.model_fields["schema_version"].default
    for model in REGISTRY_EVENTS
}
_REGISTRY_EVENT: TypeAdapter[RegistryEvent] = TypeAdapter(RegistryEvent)


def parse_registry_event(data: bytes) -> RegistryEvent:
    """Read an entry of the registry; raises ``EventUnreadable``."""
    return parse_event(_REGISTRY_EVENT, REGISTRY_VERSIONS, data)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One destination of one channel's digests, as the registry says it is now.

    ``position`` is where the newest fact about it stands; ``resumed_after`` the digest after which it
    goes on, None for only those that come out later. ``destination_since`` is when its destination was
    changed, None while it is the first one.
    """

    subscription_id: str
    channel: str
    transport: str
    destination_sha256: str
    status: Status
    position: int
    created_at: AwareDatetime
    options: Options = field(default_factory=dict)
    reason: str | None = None
    active_since: AwareDatetime | None = None
    resumed_after: int | None = None
    destination_since: AwareDatetime | None = None


@dataclass(frozen=True, slots=True)
class Registry:
    """What the registry means at a position: the definition in force of each channel, every subscription."""

    position: int = 0
    recorded_at: AwareDatetime | None = None
    channels: Mapping[str, ChannelDefined] = field(default_factory=dict)
    subscriptions: Mapping[str, Subscription] = field(default_factory=dict)

    def of_channel(self, channel: str) -> list[Subscription]:
        """The active subscriptions of a channel, by id."""
        chosen = (one for one in self.subscriptions.values() if one.channel == channel)
        return sorted((one for one in chosen if one.status == "active"), key=lambda one: one.subscription_id)


def evolve(registry: Registry, events: Iterable[RegistryEvent]) -> Registry:
    """The registry after some facts more; one that no longer applies changes nothing but the position."""
    position, recorded_at = registry.position, registry.recorded_at
    channels, subscriptions = dict(registry.channels), dict(registry.subscriptions)
    for event in events:
        assert event.position is not None
        position, recorded_at = event.position, event.recorded_at
        match event:
            case ChannelDefined():
                channels[event.channel] = event
            case ChannelRetired():
                channels.pop(event.channel, None)
            case SubscriptionCreated():
                subscriptions[event.subscription_id] = _created(event)
            case _:
                known = subscriptions.get(event.subscription_id)
                changed = _changed(known, event) if known and known.status != "cancelled" else None
                if changed:
                    subscriptions[event.subscription_id] = replace(changed, position=position)
    return Registry(position, recorded_at, channels, subscriptions)


def _created(event: SubscriptionCreated) -> Subscription:
    is_active = event.needs == "nothing"
    return Subscription(
        subscription_id=event.subscription_id,
        channel=event.channel,
        transport=event.transport,
        destination_sha256=event.destination_sha256,
        status="active" if is_active else "pending",
        position=event.position or 0,
        created_at=event.occurred_at,
        options=event.options,
        active_since=event.occurred_at if is_active else None,
    )


def _changed(
    known: Subscription,
    event: SubscriptionConfirmed
    | SubscriptionChanged
    | SubscriptionPaused
    | SubscriptionResumed
    | SubscriptionCancelled,
) -> Subscription | None:
    match event:
        case SubscriptionConfirmed() if known.status == "pending":
            return replace(known, status="active", active_since=event.occurred_at)
        case SubscriptionChanged():
            return replace(
                known,
                destination_sha256=event.destination_sha256 or known.destination_sha256,
                destination_since=event.occurred_at if event.destination_sha256 else known.destination_since,
                options=known.options if event.options is None else event.options,
            )
        case SubscriptionPaused() if known.status == "active":
            return replace(known, status="paused", reason=event.reason)
        case SubscriptionResumed() if known.status == "paused":
            return replace(
                known,
                status="active",
                reason=None,
                active_since=event.occurred_at,
                resumed_after=event.after,
            )
        case SubscriptionCancelled():
            return replace(known, status="cancelled", reason=event.reason)
        case _:
            return None
