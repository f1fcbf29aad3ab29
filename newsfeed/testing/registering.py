"""Facts of the registry with sensible defaults."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import uuid4

from newsfeed.channels import Channel
from newsfeed.envelope import derive_id
from newsfeed.registry import (
    ChannelDefined,
    ChannelRetired,
    RegistryFact,
    SubscriptionCreated,
    SubscriptionFact,
)
from newsfeed.testing.facts import NOON

F = TypeVar("F", bound=RegistryFact)
S = TypeVar("S", bound=SubscriptionFact)


def channel_defined(name: str, **fields: Any) -> ChannelDefined:  # noqa: ANN401 # any field of a channel
    """A definition; a channel of two seconds unless it says otherwise."""
    cadence = {} if {"cron", "every_seconds"} & fields.keys() else {"every_seconds": 2}
    channel = Channel.model_validate({"name": name, "title": name.title(), **cadence, **fields})
    return _fact(
        ChannelDefined,
        channel=name,
        channel_version=channel.version,
        definition=channel.model_dump(mode="json"),
        defined_by="file",
    )


def channel_retired(name: str) -> ChannelRetired:
    """The end of a channel."""
    return _fact(ChannelRetired, channel=name)


def subscription_created(subscription_id: str, **fields: Any) -> SubscriptionCreated:  # noqa: ANN401
    """A subscription of a webhook to `latest` that needs no confirmation, unless it says otherwise."""
    usual = {"channel": "latest", "transport": "webhook", "destination_sha256": "d" * 64, "needs": "nothing"}
    return fact(SubscriptionCreated, subscription_id, **{**usual, **fields})


def fact(kind: type[S], subscription_id: str, **fields: Any) -> S:  # noqa: ANN401 # the fields of the kind
    """Any fact about a subscription."""
    return _fact(kind, subscription_id=subscription_id, **fields)


def _fact(kind: type[F], **fields: Any) -> F:  # noqa: ANN401 # the fields of the kind
    envelope = {"event_id": uuid4(), "occurred_at": NOON, "correlation_id": derive_id(*fields.values())}
    return kind.model_validate({**envelope, **fields})
