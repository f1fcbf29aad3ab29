"""What a hub is asked, and what it says to that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsfeed.registry import Registry, RegistryEvent, Subscription, evolve
from newsfeed.subscribing import Decision, pause
from newsfeed.testing.facts import NOON
from newsfeed.websub import (
    LONGEST_LEASE_SECONDS,
    SHORTEST_LEASE_SECONDS,
    USUAL_LEASE_SECONDS,
    HubRefused,
    HubRequest,
    granted,
    is_leaving,
    is_over,
    read_request,
    stayed,
    wished,
)

BASE = "https://news.example"
TOPIC = f"{BASE}/channels/latest.atom"
CALLBACK = "https://reader.example/call?id=1&x=%20"
KEY = b"key"


class Hub:
    """A registry in memory; what is random counts up."""

    def __init__(self) -> None:
        self.registry = Registry()
        self._count = 0

    def random(self, size: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(size, "big")

    def say(self, decision: Decision) -> list[RegistryEvent]:
        facts = [
            fact.model_copy(update={"position": self.registry.position + number, "recorded_at": NOON})
            for number, fact in enumerate(decision(self.registry), start=1)
        ]
        self.registry = evolve(self.registry, facts)
        return facts

    def ask(self, mode: str = "subscribe", callback: str = CALLBACK, **more: str) -> None:
        form = {"hub.mode": mode, "hub.topic": TOPIC, "hub.callback": callback, **more}
        decision, _ = wished(read_request([*form.items()], BASE), KEY, NOON, self.random)
        self.say(decision)

    def only(self, status: str) -> Subscription:
        [found] = [one for one in self.registry.subscriptions.values() if one.status == status]
        return found

    def statuses(self) -> list[str]:
        return [one.status for one in self.registry.subscriptions.values()]


def form(**changes: str | None) -> list[tuple[str, str]]:
    usual: dict[str, str | None] = {"mode": "subscribe", "topic": TOPIC, "callback": CALLBACK}
    return [(f"hub.{name}", value) for name, value in {**usual, **changes}.items() if value is not None]


def test_a_request_is_read_and_what_is_unknown_does_not_matter() -> None:
    """The specification has hubs ignore what they do not know."""
    read = read_request([*form(lease_seconds="3600", secret="s"), ("hub.verify", "async"), ("x", "y")], BASE)  # noqa: S106
    assert read == HubRequest("subscribe", TOPIC, "latest", CALLBACK, 3600, "s")


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": None},
        {"mode": "publish"},
        {"topic": None},
        {"topic": "https://elsewhere.example/channels/latest.atom"},
        {"topic": f"{BASE}/channels/latest"},
        {"topic": f"{BASE}/channels/../x.atom"},
        {"topic": f"{TOPIC}?before=1-0"},
        {"topic": f"{BASE}.evil.example/channels/latest.atom"},
        {"callback": None},
        {"callback": "ftp://reader.example/"},
        {"callback": "https:///x"},
        {"callback": f"{CALLBACK}#part"},
        {"callback": f"{CALLBACK}\r\nX: y"},
        {"callback": "https://reader.example/" + "x" * 2000},
        {"lease_seconds": "ten"},
        {"lease_seconds": "-1"},
        {"secret": "x" * 200},
        {"secret": "é" * 100},
    ],
)
def test_what_a_hub_cannot_do_is_refused_with_a_sentence(changes: dict[str, str | None]) -> None:
    """At once, as the specification asks."""
    with pytest.raises(HubRefused, match="hub"):
        read_request(form(**changes), BASE)


def test_a_field_that_stands_there_twice_is_refused() -> None:
    """Two readers of one form must not see two requests."""
    with pytest.raises(HubRefused):
        read_request([*form(), ("hub.topic", TOPIC)], BASE)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("", USUAL_LEASE_SECONDS),
        ("1", SHORTEST_LEASE_SECONDS),
        ("86400", 86_400),
        ("9" * 5000, LONGEST_LEASE_SECONDS),
    ],
)
def test_every_lease_ends(asked: str, given: int) -> None:
    """A hub may choose; what is asked for is kept to where it can be."""
    assert read_request(form(lease_seconds=asked), BASE).lease_seconds == given


def test_a_lease_begins_when_the_receiver_has_said_yes() -> None:
    """Before that it is nothing but asked for."""
    hub = Hub()
    hub.ask(**{"hub.lease_seconds": "3600"})
    one = hub.only("pending")
    assert not is_over(one, NOON + timedelta(days=99))
    hub.say(granted(one.subscription_id, "handshake", NOON))
    active = hub.only("active")
    assert not is_over(active, NOON + timedelta(seconds=3599))
    assert is_over(active, NOON + timedelta(seconds=3600))


def test_asking_again_renews_what_there_is() -> None:
    """One subscription goes on, with the new secret and lease; no digest is lost or doubled between them."""
    hub = Hub()
    hub.ask()
    hub.say(granted(hub.only("pending").subscription_id, "handshake", NOON))
    first = hub.only("active")
    hub.ask(**{"hub.secret": "other"})
    assert hub.only("active") == first
    asked, later = hub.only("pending"), NOON + timedelta(days=9)
    hub.say(granted(asked.subscription_id, "handshake", later))
    renewed = hub.only("active")
    assert (renewed.subscription_id, renewed.active_since) == (first.subscription_id, first.active_since)
    assert renewed.destination_sha256 == asked.destination_sha256
    assert not is_over(renewed, later + timedelta(days=9))
    assert sorted(hub.statuses()) == ["active", "cancelled"]


def test_of_many_requests_one_waits() -> None:
    """Whoever asks a thousand times for somebody else has him asked by the newest one only."""
    hub = Hub()
    for _ in range(5):
        hub.ask()
    hub.ask(callback="https://other.example/")
    assert sorted(hub.statuses()) == ["cancelled"] * 4 + ["pending"] * 2


def test_leaving_must_be_meant() -> None:
    """Anybody can ask for it; until the receiver was asked, it goes on."""
    hub = Hub()
    hub.ask("unsubscribe")
    assert hub.statuses() == []
    hub.ask()
    hub.say(granted(hub.only("pending").subscription_id, "handshake", NOON))
    hub.ask("unsubscribe")
    leaving = hub.only("active")
    assert is_leaving(leaving)
    hub.say(stayed(leaving, NOON))
    assert not is_leaving(hub.only("active"))


def test_a_receiver_that_was_paused_begins_anew() -> None:
    """It was gone; what came out meanwhile is in the feed."""
    hub = Hub()
    hub.ask()
    hub.say(granted(hub.only("pending").subscription_id, "handshake", NOON))
    hub.say(pause(hub.only("active").subscription_id, "gone", NOON))
    hub.ask()
    new = hub.only("pending")
    hub.say(granted(new.subscription_id, "handshake", NOON))
    assert hub.only("active").subscription_id == new.subscription_id
    assert hub.only("cancelled").reason == "renewed"
