"""A way out that does what the test says, and remembers what it was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

Script = Callable[[Any], Any]
"""From a delivery to its outcome, both of the publish room."""


class ScriptedTransport:
    """Sends to nowhere. ``sent`` are the attempts in order: (address, number, attempt, id, bytes)."""

    name = "scripted"
    needs: Literal["nothing", "link", "handshake"] = "nothing"

    def __init__(self, script: Script) -> None:
        self.script = script
        self.sent: list[tuple[str, int, int, str, bytes]] = []

    def problems(self, address: str, options: Mapping[str, object]) -> list[str]:
        """Any address will do."""
        assert options is not None
        return [] if address else ["there is no address"]

    async def send(self, delivery: Any, destination: Any) -> Any:  # noqa: ANN401 # of the publish room
        """Do as the script says."""
        body = delivery.bodies.get("json", b"")
        self.sent.append(
            (destination.address, delivery.number, delivery.attempt, str(delivery.delivery_id), body)
        )
        return self.script(delivery)

    async def close(self) -> None:
        """Nothing is open."""
