"""WebSub (W3C Recommendation of 23 January 2018): what a hub is asked, and what follows from it. Pure.

A request becomes a pending subscription, whose receiver is asked whether it meant it. A topic is the
address of one feed of a channel; topic and callback together are what a subscription is known by.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from newsfeed.errors import NewsfeedError
from newsfeed.registry import Destination, Options, Registry, RegistryEvent, Subscription
from newsfeed.subscribing import (
    Asked,
    Decision,
    Random,
    amend,
    cancel,
    confirm,
    create,
    known,
    new_destination,
    new_subscription_id,
)

Mode = Literal["subscribe", "unsubscribe"]
MODES: tuple[Mode, ...] = ("subscribe", "unsubscribe")
TRANSPORT = "websub"
HUB_PATH = "/hub"
USUAL_LEASE_SECONDS = 10 * 24 * 3600
SHORTEST_LEASE_SECONDS = 300
LONGEST_LEASE_SECONDS = 30 * 24 * 3600
SECRET_BYTES = 200
"""A secret must be shorter."""
LONGEST_CALLBACK = 2000
LEASE_DIGITS = 12
_PATH = re.compile(r"/channels/([a-z0-9][a-z0-9-]{0,62})\.(?:atom|rss|json)")
_FIELDS = ("hub.mode", "hub.topic", "hub.callback", "hub.lease_seconds", "hub.secret")

Form = Sequence[tuple[str, str]]
"""The fields of a form, in their order."""


class HubRefused(NewsfeedError):
    """A request is not one that a hub understands; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class HubRequest:
    """Somebody wants a callback to get a topic, or not to get it any more."""

    mode: Mode
    topic: str
    channel: str
    callback: str
    lease_seconds: int = USUAL_LEASE_SECONDS
    secret: str = ""


def read_request(form: Form, base_url: str) -> HubRequest:
    """The request of a form to the hub of ``base_url``; raises :class:`HubRefused`.

    Fields that we do not know do not matter; a lease is brought into our limits.
    """
    given = [(name, value) for name, value in form if name in _FIELDS]
    fields = dict(given)
    if len(fields) != len(given):
        raise HubRefused("a field stands there twice")
    topic = fields.get("hub.topic", "")
    return HubRequest(
        mode=_mode(fields.get("hub.mode", "")),
        topic=topic,
        channel=channel_of(topic, base_url),
        callback=_callback(fields.get("hub.callback", "")),
        lease_seconds=_lease(fields.get("hub.lease_seconds", "")),
        secret=_secret(fields.get("hub.secret", "")),
    )


def channel_of(topic: str, base_url: str) -> str:
    """The channel whose feed a topic is; raises :class:`HubRefused` for what is no feed of ours."""
    base = base_url.rstrip("/")
    found = _PATH.fullmatch(topic.removeprefix(base)) if topic.startswith(base) else None
    if found is None:
        raise HubRefused(f"hub.topic: not a feed of {base}")
    return found[1]


def wished(
    request: HubRequest, key: bytes, at: datetime, random: Random
) -> tuple[Decision, Sequence[Destination]]:
    """What is said at a request, with the destination that it names; it has yet to be verified."""
    pair = pair_of(request.topic, request.callback, key)
    if request.mode == "unsubscribe":
        return _leaving(pair, at), ()
    secrets = (request.secret,) if request.secret else ()
    destination = new_destination(request.callback, random, secrets)
    options: Options = {"topic": request.topic, "lease_seconds": request.lease_seconds, "pair": pair}
    asked = Asked(
        new_subscription_id(random), request.channel, TRANSPORT, destination, "handshake", at, options
    )
    creation = create(asked)

    def decide(registry: Registry) -> list[RegistryEvent]:
        waiting = [one for one in _of_pair(registry, pair) if one.status == "pending"]
        ends = [cancel(one.subscription_id, "renewed", at) for one in waiting]
        return [*creation(registry), *(fact for end in ends for fact in end(registry))]

    return decide, [destination]


def pair_of(topic: str, callback: str, key: bytes) -> str:
    """What topic and callback are known by; without the key nobody can try callbacks."""
    return hmac.new(key, f"{topic}\n{callback}".encode(), hashlib.sha256).hexdigest()


def granted(subscription_id: str, method: Literal["handshake", "echo"], at: datetime) -> Decision:
    """Its receiver meant it: the lease begins, and what it had before under the same pair goes on by it."""

    def decide(registry: Registry) -> list[RegistryEvent]:
        one = known(registry, subscription_id)
        if one.status != "pending":
            return []
        lease = timedelta(seconds=int(one.options["lease_seconds"]))
        options: Options = {**one.options, "lease_ends_at": int((at + lease).timestamp())}
        others = [other for other in _of_pair(registry, str(one.options["pair"])) if other is not one]
        living = next((other for other in others if other.status == "active"), None)
        gone = [other for other in [one, *others] if other is not (living or one)]
        facts = [
            *([] if living else confirm(subscription_id, method, at)(registry)),
            *amend((living or one).subscription_id, at, options, one.destination_sha256)(registry),
        ]
        for other in gone:
            facts += cancel(other.subscription_id, "renewed", at)(registry)
        return facts

    return decide


def stayed(subscription: Subscription, at: datetime) -> Decision:
    """Its receiver did not mean to leave."""
    options = {name: value for name, value in subscription.options.items() if name != "leaving"}
    return amend(subscription.subscription_id, at, options)


def is_leaving(subscription: Subscription) -> bool:
    """Whether somebody said that its receiver wants nothing more."""
    return subscription.options.get("leaving") is True and subscription.status in {"active", "paused"}


def is_over(subscription: Subscription, now: datetime) -> bool:
    """Whether it had a lease that has ended."""
    ends_at = subscription.options.get("lease_ends_at")
    return ends_at is not None and int(ends_at) <= now.timestamp()


def _leaving(pair: str, at: datetime) -> Decision:
    def decide(registry: Registry) -> list[RegistryEvent]:
        staying = [one for one in _of_pair(registry, pair) if one.status != "pending" and not is_leaving(one)]
        wishes = [amend(one.subscription_id, at, {**one.options, "leaving": True}) for one in staying]
        return [fact for wish in wishes for fact in wish(registry)]

    return decide


def _of_pair(registry: Registry, pair: str) -> list[Subscription]:
    """The subscriptions of a topic and a callback that have not ended."""
    return [
        one
        for one in registry.subscriptions.values()
        if one.transport == TRANSPORT and one.options.get("pair") == pair and one.status != "cancelled"
    ]


def _mode(text: str) -> Mode:
    found = next((one for one in MODES if one == text), None)
    if found is None:
        raise HubRefused(f"hub.mode: one of {', '.join(MODES)}")
    return found


def _callback(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_url = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_url = False
    if not is_url or "#" in text or not text.isprintable() or " " in text or len(text) > LONGEST_CALLBACK:
        raise HubRefused("hub.callback: not a URL of http or https without a fragment")
    return text


def _lease(text: str) -> int:
    if not text:
        return USUAL_LEASE_SECONDS
    if not (text.isascii() and text.isdecimal()):
        raise HubRefused("hub.lease_seconds: not a number of seconds")
    wanted = LONGEST_LEASE_SECONDS if len(text) > LEASE_DIGITS else int(text)
    return min(max(wanted, SHORTEST_LEASE_SECONDS), LONGEST_LEASE_SECONDS)


def _secret(text: str) -> str:
    if len(text.encode()) >= SECRET_BYTES:
        raise HubRefused(f"hub.secret: must be shorter than {SECRET_BYTES} bytes")
    return text
