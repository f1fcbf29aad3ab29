"""Taking the bytes of a seed off the disk, whole or not at all."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from newsfeed.errors import Retryable
from services.ingest.article import Rejection
from services.ingest.scanning import Look


class Unsettled(Retryable):
    """The file changed while it was read; it has to settle again."""


@dataclass(frozen=True, slots=True)
class SeedFile:
    """A seed's bytes and the look that the file had before and after they were read."""

    data: bytes
    look: Look


def read_seed(path: Path, max_bytes: int) -> SeedFile:
    """Read a regular file without following links or waiting for a pipe.

    Raises :class:`Rejection` (``too_large``) without reading, :class:`Unsettled`, and OSError.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise Unsettled("it is not a regular file any more")
        if before.st_size > max_bytes:
            raise Rejection("too_large", f"{before.st_size} bytes; at most {max_bytes} are read")
        data = file.read(before.st_size + 1)
        after = os.fstat(descriptor)
    if Look.of(before) != Look.of(after) or len(data) != before.st_size:
        raise Unsettled("it was written to while it was read")
    return SeedFile(data, Look.of(after))
