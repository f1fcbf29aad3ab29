"""What recognition raises on purpose."""

from __future__ import annotations

from newsfeed.errors import Fatal


class EngineUnavailable(Fatal):
    """The engine that the settings name is not installed, or its model is not there."""

    def __init__(self, engine: str, reason: str) -> None:
        super().__init__(f"the engine {engine} cannot be used: {reason}")
        self.engine = engine
