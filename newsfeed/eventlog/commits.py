"""What one commit asks of the script ``commit.lua``, and what its answer means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from newsfeed import streams
from newsfeed.documents import Document
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, LogDamaged, LogForgotten, LogLost
from newsfeed.eventlog.content import pack
from newsfeed.eventlog.expected import ANY, ExpectedVersion
from newsfeed.eventlog.leases import Lease
from newsfeed.events import LogEvent, VersionEvent

MAX_BATCH = 100
"""Events, and acknowledgements, of one commit: about 2 ms of the server's time."""

Argument = str | int | bytes


@dataclass(frozen=True, slots=True)
class Append:
    """An event to append with the documents it points to.

    ``cause`` is the position, in the same partition, of the event that this one derives from; 0 for
    an event that comes from outside. ``expected`` is what the subject must be before, see
    :mod:`newsfeed.eventlog.expected`; None leaves it to the event: a version follows the one before
    it, everything else goes with any. ``erases`` are the sha256 of documents that are taken down for
    good by the same step. ``absent_through`` is a position at or below which the event is known not to
    stand: what the log has forgotten there does not matter.
    """

    event: LogEvent
    documents: Sequence[Document] = ()
    cause: int = 0
    expected: ExpectedVersion | None = None
    erases: Sequence[str] = ()
    absent_through: int = 0

    @property
    def adds_version(self) -> bool:
        """Whether the event makes a new version of its article; derived events do not."""
        return isinstance(self.event, VersionEvent)

    @property
    def expected_version(self) -> ExpectedVersion:
        """What the subject must be before."""
        if self.expected is not None:
            return self.expected
        return self.event.version - 1 if isinstance(self.event, VersionEvent) else ANY

    def encoded(self) -> bytes:
        """The event's JSON but for its closing brace: the log adds the position and the time of record."""
        event = self.event
        if event.position is not None or event.recorded_at is not None:
            event = event.model_copy(update={"position": None, "recorded_at": None})
        return event.__pydantic_serializer__.to_json(event, exclude_none=True)[:-1]


class Letter(Protocol):
    """A dead letter, as far as a commit needs it."""

    @property
    def position(self) -> int:
        """Where its event stands."""

    @property
    def subject(self) -> str | None:
        """Whose chain the event belongs to; None when that cannot be told."""

    def model_dump_json(self) -> str:
        """What is kept of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that a writer saw in a partition; (0, '') before the first."""

    position: int = 0
    event_id: str = ""


@dataclass(slots=True)
class _Keys:
    """The KEYS of a commit, each once, by the number that Lua knows it by."""

    names: list[str]
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            self.names.append(name)
            number = self._numbers[name] = len(self.names)
        return number


@dataclass(frozen=True, slots=True)
class Commit:
    """Acknowledge ``acks``, dead-letter ``dead`` and append ``appends`` in a partition, in one step."""

    partition: int
    appends: Sequence[Append] = ()
    lease: Lease | None = None
    acks: Sequence[int] = ()
    dead: Sequence[Letter] = ()

    def without_absent(self, index: int, through: int) -> Commit:
        """The same, told that an event does not stand at or below a position."""
        appends = list(self.appends)
        appends[index] = replace(appends[index], absent_through=through)
        return replace(self, appends=appends)

    def without(self, index: int) -> Commit:
        """The same but for one event."""
        return replace(self, appends=[*self.appends[:index], *self.appends[index + 1 :]])

    def request(self, buckets: Iterable[str], seen: Seen) -> tuple[list[str], list[Argument]]:
        """KEYS and ARGV of the script; ``buckets`` are the keys of the heads, one for each append."""
        group = self.lease.group if self.lease else ""
        of_group = (streams.fence, streams.dead, streams.letters, streams.parked)
        keys = _Keys(
            [
                streams.log(self.partition),
                streams.tail(self.partition),
                *(name(self.partition, group) for name in of_group),
            ]
        )
        arguments: list[Argument] = [
            group,
            self.lease.token if self.lease else "",
            seen.position,
            seen.event_id,
            len(self.acks),
            len(self.appends),
            len(self.dead),
            *sorted(self.acks),
        ]
        for append, bucket in zip(self.appends, buckets, strict=True):
            self._add(arguments, keys, append, bucket)
        for letter in self.dead:
            member = streams.parked_member(letter.subject, letter.position) if letter.subject else ""
            arguments += [letter.position, letter.model_dump_json(), member]
        return keys.names, arguments

    def _add(self, arguments: list[Argument], keys: _Keys, append: Append, bucket: str) -> None:
        event = append.event
        arguments += (
            keys.number(bucket),
            event.subject,
            append.expected_version,
            int(append.adds_version),
            max(append.cause, append.absent_through),
            append.cause,
            str(event.event_id),
            append.encoded(),
            len(append.documents),
            len(append.erases),
        )
        for document in append.documents:
            arguments += (
                keys.number(streams.content(self.partition, document.sha256)),
                pack(document.canonical_bytes()),
            )
        for sha256 in append.erases:
            arguments.append(keys.number(streams.content(self.partition, sha256)))


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit came to: the tail after it, and the answer for each event.

    An answer is the event's position, negative for one that was there already, 0 for one whose cause
    somebody else acknowledged: it was not appended.
    """

    tail: int
    answers: Sequence[int]


def understood(reply: Sequence[bytes | int]) -> Committed:
    """What the script answered; raises for every answer but OK, after which nothing was written."""
    kind, *rest = reply
    match kind:
        case b"OK":
            return Committed(int(rest[0]), [int(position) for position in rest[1:]])
        case b"FENCED":
            raise LeaseLost("another process took the partition over")
        case b"BEHIND":
            raise LogBehind(int(rest[0]))
        case b"CONFLICT":
            raise LogConflict(int(rest[0]) - 1, int(rest[1]), int(rest[2]), _text(rest[3]))
        case b"FORGOTTEN":
            raise LogForgotten(int(rest[0]) - 1, int(rest[1]))
        case b"LOST":
            raise LogLost(
                f"the log ends at {_text(rest[0])}; what this program saw at {_text(rest[1])} is gone"
            )
        case _:
            raise LogDamaged(f"the log ends at {_text(rest[0])}, it should end at {_text(rest[-1])}")


def _text(value: bytes | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
