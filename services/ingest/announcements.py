"""What the operating system announces of the folder: it wakes the scanner early, and may be lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import watchfiles

from newsfeed import logs
from newsfeed.eventlog.cancelling import rest

AGAIN_SECONDS = 5.0
"""When announcements are listened to again after they failed."""


@dataclass(slots=True)
class Announcements:
    """``changed`` is set when something changed; ``arrive`` says whether anything would be announced."""

    changed: asyncio.Event = field(default_factory=asyncio.Event)
    arrive: bool = False

    async def listen(self, root: Path) -> None:
        """Listen for ever; if it fails, only latency changes."""
        while True:
            self.arrive = True
            try:
                async for _ in watchfiles.awatch(root, watch_filter=None, step=50, debounce=200):
                    self.changed.set()
            except Exception as error:  # noqa: BLE001 it dies of odd names and vanished folders; scanning goes on
                logs.get_logger().info("ingest.announcements_interrupted", error=type(error).__name__)
            self.arrive = False
            await rest(AGAIN_SECONDS)
