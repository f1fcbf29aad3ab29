"""Ways out: how a digest reaches one destination. Each is a module with a class of this small shape.

An entry point of the group ``newsfeed.transports`` names a class that is made without arguments. What
it is asked to send may have been sent before: the same ``delivery_id`` with the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Literal, Protocol, runtime_checkable
from uuid import UUID

from newsfeed import logs
from newsfeed.registry import Destination, Options, Subscription

GROUP = "newsfeed.transports"
"""The entry-point group of transports."""


LANGUAGE, TITLE = "channel_language", "channel_title"
"""Options that a subscription has beside its own when its destination is asked: those of its channel."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest for one subscription. ``bodies`` are its rendered bytes by format.

    ``occurred_at`` is when the digest came out, ``now`` the time of this attempt, which counts from 1.
    """

    delivery_id: UUID
    subscription_id: str
    channel: str
    number: int
    stream_id: str
    occurred_at: datetime
    bodies: Mapping[str, bytes]
    corrects: tuple[int, ...]
    attempt: int
    now: datetime
    options: Options = field(default_factory=dict)


Verdict = Literal["delivered", "retry", "refused", "gone"]
"""``refused``: no later attempt can succeed. ``gone``: the destination wants nothing any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt; ``reason`` is a code, ``retry_after`` what the other side asked for (s)."""

    verdict: Verdict
    reason: str = ""
    status_code: int | None = None
    retry_after: float | None = None


DELIVERED = Outcome("delivered")


Confirmation = Literal["handshake", "echo"]
"""How a destination itself said yes."""

Word = Confirmation | Literal["invited", "deferred", "refused"]
"""What came of asking a destination.

``invited``: its owner has a link to follow. ``deferred``: nothing reached it. ``refused``: it will never
want any.
"""


class Transport(Protocol):
    """A way out."""

    name: str
    """What subscriptions call it."""

    needs: Literal["nothing", "link", "handshake"]
    """How the owner of a destination must confirm a subscription."""

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with an address, in sentences for whoever typed it."""

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        """Make one attempt; never raises for what the other side does, and can be cancelled."""

    async def close(self) -> None:
        """Let go of connections."""


@runtime_checkable
class Handshaking(Protocol):
    """What a way out has besides if its ``needs`` are a handshake or a link."""

    async def confirm(
        self, subscription: Subscription, destination: Destination, now: datetime
    ) -> Word | None:
        """Ask the destination once whether it wants digests; None if that is not known. As ``send`` else.

        The options of the subscription have :data:`LANGUAGE` and :data:`TITLE` of its channel besides.
        """


def installed() -> dict[str, Transport]:
    """Every transport that is installed, by name; each is made anew.

    One that cannot be imported is told of and left out: its deliveries are parked as `transport_unknown`.
    """
    found: dict[str, Transport] = {}
    for point in sorted(entry_points(group=GROUP)):
        try:
            transport: Transport = point.load()()
        except ImportError as error:
            logs.get_logger().warning("publish.transport_missing", transport=point.name, error=str(error))
        else:
            found[transport.name] = transport
    return found
