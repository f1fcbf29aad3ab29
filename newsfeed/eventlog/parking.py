"""Which articles are parked for a group: an event of theirs is a dead letter, later ones wait behind it."""

from __future__ import annotations

from collections.abc import Iterable

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.scripts import script


class Parking:
    """What a group has parked in one partition; it need not be asked as long as that is nothing.

    Made by whoever has just taken the lease, which is why ``nobody`` can be remembered: only its holder
    makes dead letters, everybody else only takes them away.
    """

    def __init__(self, redis: Client, group: str, partition: int) -> None:
        self.nobody = False
        """Whether it is known that no article is parked; set it back before making a dead letter."""
        self._key = streams.parked(partition, group)
        self._script = script(redis, "parked")

    async def lowest(self, subjects: Iterable[str]) -> dict[str, int]:
        """The position of the oldest dead letter of each subject that has one, in one round trip or none."""
        if self.nobody or not (asked := list(dict.fromkeys(subjects))):
            return {}
        positions: list[int] = await self._script(keys=[self._key], args=asked)
        self.nobody = not positions
        return {subject: position for subject, position in zip(asked, positions, strict=False) if position}
