"""What a projection is: a pure fold of the log, subject by subject, and how its states are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from newsfeed.envelope import Event
from newsfeed.eventlog.entries import Entry

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Placed(Generic[S]):
    """A state, and the position of the newest event in it."""

    position: int
    state: S


@dataclass(frozen=True, slots=True)
class Projection(Generic[S]):
    """A fold by name. Pure: no clock, no Redis.

    ``evolve`` gives the state of a subject after one event more, in order; None while there is nothing
    to tell. ``fold`` is raised when the same events give other states or other bytes: a version that
    another fold made is neither read nor continued, it has to be rebuilt. ``encode`` gives the same
    bytes for the same state, also for one that was decoded.
    """

    name: str
    fold: int
    events: tuple[type[Event], ...]
    evolve: Callable[[S | None, Any], S | None]
    encode: Callable[[S], bytes]
    decode: Callable[[bytes], S]

    def wants(self, entry: Entry) -> bool:
        """Whether the fold looks at an entry; one that cannot be read might be anything."""
        return isinstance(entry.event, (Exception, *self.events))

    def after(self, before: Placed[S] | None, entry: Entry) -> Placed[S] | None:
        """The state after an entry more; raises ``EventUnreadable``, and what the fold raises."""
        event = entry.readable()
        if not isinstance(event, self.events):
            return before
        state = self.evolve(before.state if before else None, event)
        return before if state is None else Placed(entry.position, state)

    def leniently_after(self, before: Placed[S] | None, entry: Entry) -> Placed[S] | None:
        """The state after an entry more; one that was seen, or cannot be read or folded, changes nothing."""
        if before is not None and entry.position <= before.position:
            return before
        try:
            return self.after(before, entry)
        except Exception:  # noqa: BLE001 it must not hide all other answers; keep parks it and tells
            return before

    def packed(self, placed: Placed[S]) -> bytes:
        """What is kept of a state."""
        return b"%d|%b" % (placed.position, self.encode(placed.state))

    def unpacked(self, stored: bytes) -> Placed[S]:
        """Read :meth:`packed` back; raises what ``decode`` raises, and ValueError."""
        position, _, encoded = stored.partition(b"|")
        return Placed(int(position), self.decode(encoded))
