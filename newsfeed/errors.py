"""Everything that newsfeed raises on purpose.

The type says what to do about it:

    NewsfeedError
    ├── Retryable               the same work may succeed later: leave it pending
    │   ├── LogBehind           older entries are still pending: recover them first
    │   ├── LogConflict         somebody appended first: read again and decide again
    │   └── ArchiveUnavailable  the place of the archive does not answer
    ├── Poisonous               this piece of work can never succeed: dead-letter it
    │   └── EventUnreadable     an entry of the log is not an event we know
    └── Fatal                   this process must stop and say so
        ├── LeaseLost           another process owns the partition now
        ├── LogDamaged          the log is not what it was: gap, foreign write, lost tail
        │   ├── LogLost         its tail went back: a failover or a power cut lost what was acknowledged
        │   └── SegmentDamaged  a sealed segment of the archive is not what it was
        ├── LogForgotten        the answer lies in a part of the log that was trimmed and is not archived
        ├── LogMismatch         the log was created with other settings than ours
        ├── ArchiveUnusable     the setting of the archive names no place that we can use
        ├── ChannelInvalid      the definition of a channel cannot be used as it stands
        ├── RedisUnsafe         Redis is set up so that it could lose what it is given
        └── RedisUnavailable    no Redis can be found or started
"""

from __future__ import annotations


class NewsfeedError(Exception):
    """Base of everything that newsfeed raises on purpose."""


class Retryable(NewsfeedError):
    """The same work may succeed later; it stays pending until then."""


class LogBehind(Retryable):
    """Entries older than the acknowledged ones are still pending in the group."""

    def __init__(self, position: int) -> None:
        super().__init__(f"position {position} is still pending")
        self.position = position


class LogConflict(Retryable):
    """An event expected its subject to be something else than it is.

    ``index`` is the event's in its batch, from 0; ``version``, ``position`` and ``event_id`` are those of
    the subject's newest event (0, 0 and '' when there is none; '' also when nobody has it).
    """

    def __init__(self, index: int, version: int, position: int = 0, event_id: str = "") -> None:
        there = (
            f"at version {version}, by {event_id or 'an event'} at {position}" if position else "not there"
        )
        super().__init__(f"event {index} of the batch: its subject is {there}")
        self.index = index
        self.version = version
        self.position = position
        self.event_id = event_id


class ArchiveUnavailable(Retryable, OSError):
    """The place of the archive does not answer; wait, then do the same again, as with Redis."""


class Poisonous(NewsfeedError):
    """The work can never succeed; ``reason`` is a short code for operators."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class EventUnreadable(Poisonous):
    """An entry of the log does not hold an event of a type and version we know."""


class Fatal(NewsfeedError):
    """The process cannot go on correctly and must stop."""


class LeaseLost(Fatal):
    """Another process took the partition over; nothing was written."""


class LogDamaged(Fatal):
    """The log has a gap, a foreign entry or a shortened tail; nothing was written."""


class LogLost(LogDamaged):
    """The log is shorter than, or another than, what this program saw of it; nothing was written."""


class SegmentDamaged(LogDamaged):
    """A sealed segment of the archive is not what its manifest, or the log, says; ``name`` is its name."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"segment {name}: {detail}")
        self.name = name
        self.detail = detail


class ArchiveUnusable(Fatal):
    """The setting of the archive names no place that this installation can use."""


class LogForgotten(Fatal):
    """Whether an event is in the log cannot be told from what was kept of it.

    ``index`` is the event's in its batch, ``position`` where its subject's history leaves the log.
    """

    def __init__(self, index: int, position: int) -> None:
        super().__init__(f"event {index} of the batch: its subject's history was trimmed at {position}")
        self.index = index
        self.position = position


class LogMismatch(Fatal):
    """The log was created with other fixed settings than this process has."""


class ChannelInvalid(Fatal):
    """Definitions of channels cannot be used; ``problems`` says each in a line for an editor."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RedisUnsafe(Fatal):
    """Redis could lose what it is given; ``problems`` says each way with its remedy."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class RedisUnavailable(Fatal):
    """No Redis server can be reached, found or started; the message names the remedy."""
