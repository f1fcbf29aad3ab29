"""Taking the bytes of a seed off the disk, whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from newsfeed.errors import Retryable
from services.ingest.article import Rejection
from services.ingest.looks import Look, look_of, parts_of


class Unsettled(Retryable):
    """The file is not what the listing saw, or changed while it was read; it has to settle again."""


def read_seed(path: Path, look: Look, max_bytes: int) -> bytes:
    """All bytes of the regular file that looked like this in the listing; no link or pipe is followed.

    Raises :class:`Rejection` (``too_large``) without reading, :class:`Unsettled`, and OSError.
    """
    with open(path, "rb", opener=_open) as file:
        before = os.fstat(file.fileno())
        if not stat.S_ISREG(before.st_mode) or look_of(before) != look:
            raise Unsettled("it is not the file of the listing any more")
        size_bytes = parts_of(look).size_bytes
        if size_bytes > max_bytes:
            raise Rejection("too_large", f"{size_bytes} bytes; at most {max_bytes} are read")
        data = file.read(size_bytes + 1)
        after = os.fstat(file.fileno())
    if look_of(after) != look or len(data) != size_bytes:
        raise Unsettled("it was written to while it was read")
    return data


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
