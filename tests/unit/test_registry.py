"""What the facts of the registry mean together."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from newsfeed.registry import (
    Registry,
    RegistryEvent,
    SubscriptionCancelled,
    SubscriptionChanged,
    SubscriptionConfirmed,
    SubscriptionPaused,
    SubscriptionResumed,
    evolve,
)
from newsfeed.testing.registering import channel_defined, channel_retired, fact, subscription_created


def folded(events: Iterable[RegistryEvent]) -> Registry:
    """What the events mean, one after the other."""
    placed = [one.model_copy(update={"position": n}) for n, one in enumerate(events, start=1)]
    return evolve(Registry(), placed)


def status(*events: RegistryEvent) -> str:
    return folded(events).subscriptions["s1"].status


def test_the_newest_definition_of_a_channel_is_in_force() -> None:
    registry = folded(
        [channel_defined("latest", every_seconds=2), channel_defined("latest", every_seconds=9)]
    )

    assert registry.channels["latest"].definition["every_seconds"] == 9
    assert registry.position == 2


def test_a_retired_channel_is_no_channel_until_it_is_defined_again() -> None:
    gone: list[RegistryEvent] = [channel_defined("latest"), channel_retired("latest")]

    assert "latest" not in folded(gone).channels
    assert "latest" in folded([*gone, channel_defined("latest")]).channels


@pytest.mark.parametrize(("needs", "expected"), [("nothing", "active"), ("link", "pending")])
def test_a_subscription_waits_for_its_owner_where_one_is_asked(needs: str, expected: str) -> None:
    assert status(subscription_created("s1", needs=needs)) == expected


def test_the_life_of_a_subscription() -> None:
    created = subscription_created("s1", needs="link")
    confirmed = fact(SubscriptionConfirmed, "s1", method="link")
    paused = fact(SubscriptionPaused, "s1", reason="failing")
    resumed = fact(SubscriptionResumed, "s1", after=3)

    assert status(created, confirmed) == "active"
    assert status(created, confirmed, paused) == "paused"
    assert status(created, confirmed, paused, resumed) == "active"
    assert folded([created, confirmed, paused, resumed]).subscriptions["s1"].resumed_after == 3


def test_what_no_longer_applies_changes_nothing() -> None:
    """A confirmation link that is opened again after the end must not bring the mails back."""
    created = subscription_created("s1", needs="link")
    cancelled = fact(SubscriptionCancelled, "s1", reason="one_click")
    late: list[RegistryEvent] = [
        fact(SubscriptionConfirmed, "s1", method="link"),
        fact(SubscriptionResumed, "s1"),
    ]

    assert status(created, cancelled, *late) == "cancelled"
    assert status(created, fact(SubscriptionPaused, "s1", reason="failing")) == "pending"
    assert folded([fact(SubscriptionConfirmed, "nobody", method="link")]).subscriptions == {}


def test_a_rotated_secret_keeps_the_options() -> None:
    created = subscription_created("s1", options={"time_zone": "Europe/Paris"})
    rotated = fact(SubscriptionChanged, "s1", destination_sha256="f" * 64)

    subscription = folded([created, rotated]).subscriptions["s1"]

    assert subscription.destination_sha256 == "f" * 64
    assert subscription.options == {"time_zone": "Europe/Paris"}


def test_only_active_subscriptions_get_digests() -> None:
    registry = folded(
        [
            subscription_created("s2"),
            subscription_created("s1"),
            subscription_created("s3", needs="link"),
            subscription_created("s4", channel="world"),
        ]
    )

    assert [one.subscription_id for one in registry.of_channel("latest")] == ["s1", "s2"]
