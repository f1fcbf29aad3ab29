"""How a file looks: what lstat says of it, in a form of which hundreds of thousands can be kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, NewType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Look = NewType("Look", bytes)
"""When a look is the same twice, nobody is writing to the file.

Four numbers as text, in bytes and nothing else: the garbage collector walks through every object that
could refer to others, and holds up the whole program while it does.
"""


class LookParts(NamedTuple):
    """Size in bytes, mtime and ctime in nanoseconds, and the number by which the file system knows it."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @property
    def modified_at(self) -> datetime:
        """The mtime; one that no calendar has, which any user can give a file, is the nearest that it has."""
        try:
            return _EPOCH + timedelta(microseconds=self.mtime_ns // 1000)
        except OverflowError:
            return _LAST if self.mtime_ns > 0 else _FIRST


def look_with(size_bytes: int, mtime_ns: int, ctime_ns: int, inode: int) -> Look:
    """The look with these parts."""
    return Look(b"%d %d %d %d" % (size_bytes, mtime_ns, ctime_ns, inode))


def look_of(found: os.stat_result) -> Look:
    """The look of a stat result."""
    return look_with(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def parts_of(look: Look) -> LookParts:
    """What a look says."""
    return LookParts(*map(int, look.split()))


def is_empty(look: Look) -> bool:
    """Whether there is nothing in the file."""
    return look.startswith(b"0 ")
