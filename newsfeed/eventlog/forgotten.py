"""What the script of a commit cannot know of a trimmed log, asked of the archive."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from newsfeed.errors import LogConflict, LogForgotten
from newsfeed.eventlog.commits import Append, Commit, Committed
from newsfeed.eventlog.reading import Reading

Attempt = Callable[[Commit], Awaitable[Committed]]


async def without_forgotten(reading: Reading, commit: Commit, attempt: Attempt) -> Committed:
    """Commit; whenever a trimmed history matters, look into the archive and try again with what it says.

    An event that stands there is answered like any that is there already, and the rest is committed.
    Raises :class:`LogForgotten` only where the archive does not know either.
    """
    left, known = list(range(len(commit.appends))), dict[int, int]()
    while True:
        try:
            done = await attempt(commit)
        except LogForgotten as forgotten:
            append = commit.appends[forgotten.index]
            position = await _recalled(reading, commit.partition, append, forgotten)
            if position:
                known[left.pop(forgotten.index)] = -position
                commit = commit.without(forgotten.index)
            else:
                commit = commit.without_absent(forgotten.index, forgotten.position)
        except LogConflict as conflict:
            raise await _told(reading, commit, conflict, left[conflict.index]) from None
        else:
            if not known:
                return done
            known.update(zip(left, done.answers, strict=True))
            return Committed(done.tail, [known[index] for index in sorted(known)])


async def _recalled(reading: Reading, partition: int, append: Append, forgotten: LogForgotten) -> int:
    """The position at which a trimmed history holds the event; 0 when it does not.

    It is followed only as far as an equal event could stand, as the script does.
    """
    expected = append.expected_version
    least = expected + append.adds_version if expected >= 0 else 0
    position = forgotten.position
    while position > max(append.cause, append.absent_through):
        entry = (await reading.at([(partition, position)])).get((partition, position))
        if entry is None:
            raise forgotten
        if entry.event_id == str(append.event.event_id):
            return position
        if entry.version < least:
            return 0
        position = entry.previous
    return 0


async def _told(reading: Reading, commit: Commit, conflict: LogConflict, index: int) -> LogConflict:
    """The conflict with the event that made it, which the script cannot name when it was trimmed."""
    place = (commit.partition, conflict.position)
    entry = None if conflict.event_id else (await reading.at([place])).get(place)
    event_id = entry.event_id if entry else conflict.event_id
    return LogConflict(index, conflict.version, conflict.position, event_id)
