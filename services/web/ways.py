"""The ways out that one can subscribe to here: transports, as they are installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Literal, Protocol

from newsfeed.registry import Options

GROUP = "newsfeed.transports"
"""The entry-point group of transports."""

EMAIL = "email"
"""The transport that the form on a page is for."""


class Way(Protocol):
    """What the web asks a transport."""

    name: str

    needs: Literal["nothing", "link", "handshake"]

    def problems(self, address: str, options: Options) -> list[str]:
        """What is wrong with an address, in sentences for whoever typed it."""


def installed() -> Mapping[str, Way]:
    """The transports whose owner must confirm; what needs no confirmation is for operators only."""
    found: list[Way] = [point.load()() for point in sorted(entry_points(group=GROUP))]
    return {one.name: one for one in found if one.needs != "nothing"}
