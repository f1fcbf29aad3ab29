"""Looking at the folder: a listing with lstat is the only source of truth about what is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.ingest.paths import is_ignored, wire_path


@dataclass(frozen=True, slots=True)
class Look:
    """What lstat says of a file: when all of it is the same twice, nobody is writing to it."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    @classmethod
    def of(cls, found: os.stat_result) -> Look:
        """The look of a stat result."""
        return cls(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


@dataclass(slots=True)
class Scan:
    """One listing: regular files by path relative to the root, and what was passed over and why.

    Paths are wire paths; ``names`` gives the name on disk of those that differ from it.
    """

    files: dict[str, Look] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    complete: bool = True


def scan(root: Path) -> Scan:
    """List the folder and all below it; never follows a link, never opens a file, never raises OSError."""
    found = Scan()
    for entry, relative in _walk(root, "", found):
        try:
            look = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        except OSError as error:
            found.skipped[wire_path(relative)] = f"unreadable: {error.strerror}"
            continue
        path = wire_path(relative)
        if stat.S_ISREG(look.st_mode):
            found.files[path] = Look.of(look)
            if path != relative:
                found.names[path] = relative
        else:
            found.skipped[path] = f"not a regular file: {_kind(look.st_mode)}"
    return found


def _walk(folder: Path, prefix: str, found: Scan) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError as error:
        found.complete = False
        found.skipped[wire_path(prefix) or "."] = f"cannot be listed: {error.strerror}"
        return
    for entry in entries:
        relative = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if not is_ignored(entry.name, folder=True):
                yield from _walk(Path(entry.path), f"{relative}/", found)
        elif not is_ignored(entry.name):
            yield entry, relative


def _kind(mode: int) -> str:
    kinds = {stat.S_IFLNK: "link", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")
