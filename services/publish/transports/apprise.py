"""Chat and much else through Apprise, for operators: it goes where it likes, past our guard.

It is an extra: ``pip install newsfeed[apprise]``.
"""

from __future__ import annotations

import asyncio
import logging
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from newsfeed.registry import Destination, Options
from services.publish.transports import DELIVERED, Delivery, Outcome
from services.publish.transports.mail import subject_of

if TYPE_CHECKING:
    from apprise import Apprise as Library

TOTAL_SECONDS = 45.0
MISSING = "Apprise is not installed: pip install 'newsfeed[apprise]'"


class Apprise:
    """Sends the text of digests to any service that the library knows."""

    name = "apprise"
    needs: Literal["nothing", "link", "handshake"] = "nothing"

    def __init__(self, total_seconds: float = TOTAL_SECONDS) -> None:
        self._total_seconds = total_seconds

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with a URL of Apprise."""
        assert options is not None
        if not _is_installed():
            return [MISSING]
        return [] if _library(address) else ["this is no URL of a service that Apprise knows"]

    def body(self, delivery: Delivery) -> bytes:
        """The text that would be sent."""
        return delivery.bodies.get("text", b"")

    async def send(self, delivery: Delivery, destination: Destination) -> Outcome:
        """Give the text of a digest to a service; the library says only whether that went well."""
        if not _is_installed():
            return Outcome("retry", "not_installed")
        library = _library(destination.address)
        if library is None:
            return Outcome("refused", "address_unusable")
        try:
            async with asyncio.timeout(self._total_seconds):
                is_taken = await library.async_notify(
                    title=subject_of(delivery), body=self.body(delivery).decode(), body_format="text"
                )
        except TimeoutError:
            return Outcome("retry", "timeout")
        return DELIVERED if is_taken else Outcome("retry", "not_taken")

    async def close(self) -> None:
        """Nothing is kept open."""


@cache
def _is_installed() -> bool:
    return find_spec("apprise") is not None


def _library(address: str) -> Library | None:
    """The library with one address; None for one that it does not know."""
    from apprise import Apprise as Library

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # What it logs would name addresses.
    library = Library()
    return library if address.strip() and library.add(address) else None
