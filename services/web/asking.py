"""Wishes of subscribers, turned into facts of the registry."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.exceptions import HTTPException

from newsfeed.registry import Options, Subscription
from newsfeed.subscribing import (
    Asked,
    cancel,
    confirm,
    create,
    new_destination,
    new_secret,
    new_subscription_id,
)
from newsfeed.tokens import Purpose
from services.web.desk import Desk

ADDRESS_LENGTH = 2000
WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Begun:
    """A subscription that waits for its owner; ``secret`` is what its deliveries will be signed with."""

    subscription_id: str
    secret: str | None


async def ask(desk: Desk, channel: str, transport: str, address: str, options: Options) -> Begun:
    """Subscribe, to be confirmed by the owner of the address.

    Raises ``HTTPException`` with a sentence for whoever asked.
    """
    way, known = desk.ways.get(transport), (await desk.channels()).get(channel)
    if known is None:
        raise HTTPException(404, f"there is no channel {channel!r}")
    if way is None:
        raise HTTPException(422, f"transport: known are {', '.join(desk.ways) or 'none'}")
    problems = way.problems(address, options) if len(address) <= ADDRESS_LENGTH else ["it is too long"]
    if problems:
        raise HTTPException(422, "; ".join(problems))
    if not desk.throttle.allows():
        raise HTTPException(429, "too many subscriptions are being asked for; try again in a minute")
    subscription_id = new_subscription_id(os.urandom)
    secrets = (new_secret(os.urandom),) if transport == WEBHOOK else ()
    destination = new_destination(address, os.urandom, secrets)
    asked = Asked(subscription_id, channel, transport, destination, way.needs, _now(), options)
    await desk.change(create(asked), [destination])
    return Begun(subscription_id, secrets[0] if secrets else None)


async def subscription_of(desk: Desk, purpose: Purpose, token: str) -> Subscription | None:
    """The subscription that a token is for; None for a token that is not ours."""
    subscription_id = desk.links.subscription_id(purpose, token)
    if subscription_id is None:
        return None
    return (await desk.registry()).subscriptions.get(subscription_id)


async def confirm_it(desk: Desk, subscription: Subscription) -> bool:
    """Say that its owner said yes; False where it has been cancelled before."""
    await desk.change(confirm(subscription.subscription_id, "link", _now()))
    now = (await desk.registry()).subscriptions[subscription.subscription_id]
    return now.status != "cancelled"


async def cancel_it(desk: Desk, subscription: Subscription, reason: str) -> None:
    """End it; to end it again changes nothing."""
    await desk.change(cancel(subscription.subscription_id, reason, _now()))


def _now() -> datetime:
    return datetime.now(UTC)
