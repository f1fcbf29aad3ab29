"""What is said of a subscription when somebody wants something of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from newsfeed.registry import Registry, Subscription, evolve
from newsfeed.subscribing import (
    ROTATION,
    Asked,
    Decision,
    SubscriptionUnfit,
    SubscriptionUnknown,
    cancel,
    change,
    confirm,
    create,
    has_rotated,
    new_destination,
    new_secret,
    new_subscription_id,
    pause,
    resume,
    rewind,
    rotated,
    settled,
)
from newsfeed.testing.facts import NOON

LATER = NOON + timedelta(hours=1)
random = os.urandom
HOME = new_destination("https://example.org/", random, [new_secret(random)])


def after(*decisions: Decision) -> Registry:
    """The registry once each was decided and appended, twice: the second time nothing is left to say."""
    registry = Registry()
    for decide in decisions:
        said = list(decide(registry))
        assert [one.event_id for one in decide(registry)] == [one.event_id for one in said]
        placed = [
            one.model_copy(update={"position": registry.position + index, "recorded_at": NOON})
            for index, one in enumerate(said, start=1)
        ]
        registry = evolve(registry, placed)
    return registry


def ada(*decisions: Decision, needs: str = "nothing") -> Subscription:
    asked = Asked("ada", "latest", "webhook", HOME, needs, NOON)  # type: ignore[arg-type] # a word of the test
    return after(create(asked), *decisions).subscriptions["ada"]


def test_ids_and_secrets_are_long_and_of_harmless_letters() -> None:
    names = {new_subscription_id(random) for _ in range(100)}

    assert len(names) == 100
    assert all(len(name) == 16 and name.isalnum() and name == name.lower() for name in names)
    assert len(new_secret(random)) == len("whsec_") + 44
    assert new_destination("a", random).sha256 != new_destination("a", random).sha256


def test_a_subscription_has_a_life() -> None:
    assert ada().status == "active"
    assert ada(needs="link").status == "pending"
    assert ada(confirm("ada", "link", LATER), needs="link").status == "active"
    assert ada(confirm("ada", "link", LATER)).position == 1
    assert ada(pause("ada", "operator", LATER)).reason == "operator"
    assert ada(pause("ada", "operator", LATER), resume("ada", LATER, 4)).resumed_after == 4
    assert ada(resume("ada", LATER, 4)).resumed_after is None
    assert ada(cancel("ada", "one_click", LATER), cancel("ada", "other", LATER)).reason == "one_click"
    assert ada(cancel("ada", "unconfirmed", LATER, ("pending",))).status == "active"


def test_a_rewind_wakes_a_paused_one_and_moves_an_active_one() -> None:
    for one in (ada(rewind("ada", LATER, 2)), ada(pause("ada", "gone", LATER), rewind("ada", LATER, 2))):
        assert (one.status, one.resumed_after, one.active_since) == ("active", 2, LATER)


def test_a_rotation_keeps_the_secret_before_until_its_time_is_over() -> None:
    second = rotated(HOME, random)
    third = rotated(second, random)
    one = ada(change("ada", LATER, destination=second, was=HOME.sha256))

    assert second.secrets[1:] == HOME.secrets
    assert third.secrets[1:] == second.secrets[:1]
    assert settled(third, random).secrets == third.secrets[:1]
    assert (one.destination_sha256, one.destination_since) == (second.sha256, LATER)
    assert not has_rotated(one, LATER + ROTATION - timedelta(seconds=1))
    assert has_rotated(one, LATER + ROTATION)
    assert not has_rotated(ada(), LATER + ROTATION)


@pytest.mark.parametrize(
    "wanted",
    [
        lambda: pause("ada", "operator", LATER),
        lambda: resume("ada", LATER),
        lambda: rewind("ada", LATER, 0),
        lambda: change("ada", LATER, destination=rotated(HOME, random), was=HOME.sha256),
    ],
)
def test_what_has_ended_or_never_was_cannot_be_changed(wanted: Callable[[], Decision]) -> None:
    with pytest.raises(SubscriptionUnfit):
        ada(cancel("ada", "operator", LATER), wanted())
    with pytest.raises(SubscriptionUnknown):
        after(wanted())


def test_of_two_rotations_at_once_one_is_told() -> None:
    first = change("ada", LATER, destination=rotated(HOME, random), was=HOME.sha256)
    second = change("ada", LATER, destination=rotated(HOME, random), was=HOME.sha256)

    with pytest.raises(SubscriptionUnfit, match="somebody else"):
        ada(first, second)
