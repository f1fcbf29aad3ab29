"""Fields of hashes that change together or not at all, and only if others still are what was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.scripts import script

Value = str | int | bytes


@dataclass(slots=True)
class Change:
    """What must still stand in some fields, what is written then, and what is removed.

    Fields are named by (key of the hash, field). All keys must be of one slot.
    """

    guards: list[tuple[str, str, Value]] = field(default_factory=list)
    """A field and the value that it must have; '' for one that must not be there."""
    writes: list[tuple[str, str, Value]] = field(default_factory=list)
    removals: list[tuple[str, str]] = field(default_factory=list)

    def request(self) -> tuple[list[str], list[Value]]:
        """KEYS and ARGV of ``project.lua``."""
        parts: Sequence[Sequence[tuple[Value, ...]]] = (self.guards, self.writes, self.removals)
        keys = list(dict.fromkeys(str(one[0]) for part in parts for one in part))
        numbers = {key: number for number, key in enumerate(keys, start=1)}
        arguments: list[Value] = []
        for part in parts:
            if part is not self.removals:
                arguments.append(len(part))
            for key, *rest in part:
                arguments += [numbers[str(key)], *rest]
        return keys, arguments


async def apply(redis: Client, change: Change) -> bool:
    """Make a change in one step; False when a guard did not hold, then nothing was written."""
    keys, arguments = change.request()
    return bool(await script(redis, "project")(keys=keys, args=arguments))
