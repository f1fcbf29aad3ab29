"""When a channel need not be looked at: nothing came in that it has not covered, or no window is due yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsfeed.channels import Channel
from newsfeed.eventlog.cursor import Cursor
from services.publish.cadence import next_boundary


def is_beyond(tails: Sequence[int], cursor: Cursor) -> bool:
    """Whether the log goes on behind the newest window of a channel."""
    return any(tail > cursor.positions.get(partition, 0) for partition, tail in enumerate(tails))


class Rest:
    """What is remembered of one channel. Others can only have closed windows since: it may be out of date."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._may_close_early = channel.retractions == "immediate" or (
            channel.is_calendar and channel.max_wait_seconds is not None
        )
        self._cursor: Cursor | None = None
        self._due_at: datetime | None = None

    def begin(self, cursor: Cursor) -> None:
        """Nothing was due behind this cursor."""
        since = cursor.due_after
        if since is not None and cursor != self._cursor:
            boundary = next_boundary(self._channel, since)
            self._cursor, self._due_at = cursor, boundary + timedelta(seconds=self._channel.settle_seconds)

    def lasts(self, now: datetime, tails: Sequence[int]) -> bool:
        """Whether still nothing can be due."""
        if self._cursor is None or self._due_at is None:
            return False
        if not self._channel.is_calendar and not is_beyond(tails, self._cursor):
            return True
        return now < self._due_at and not self._may_close_early
