"""Looking at the folder: a listing with lstat is the only source of truth about what is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from services.ingest.looks import Look, look_of
from services.ingest.paths import DEFAULT_SOURCE, is_ignored, wire_path


@dataclass(slots=True)
class Scan:
    """One listing: regular files by path relative to the root, and what was passed over and why.

    Paths are wire paths; ``names`` gives the name on disk of those that differ from it. ``devices``
    says for each source, the folder itself included, on which device it lies.
    """

    files: dict[str, Look] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    devices: dict[str, int] = field(default_factory=dict)
    complete: bool = True


def scan(root: Path) -> Scan:
    """List the folder and all below it; never follows a link, never opens a file, never raises OSError."""
    found = Scan()
    with suppress(OSError):  # What is wrong with the folder is told when it is listed.
        found.devices[DEFAULT_SOURCE] = root.stat().st_dev
    for look, relative in _walk(root, found):
        path = wire_path(relative)
        if stat.S_ISREG(look.st_mode):
            found.files[path] = look_of(look)
            if path != relative:
                found.names[path] = relative
        else:
            found.skipped[path] = f"not a regular file: {_kind(look.st_mode)}"
    return found


def _walk(root: Path, found: Scan) -> Iterator[tuple[os.stat_result, str]]:
    """What is not a folder, with its path on disk; a stack, because folders nest deeper than Python calls."""
    folders = [""]
    while folders:
        prefix = folders.pop()
        for entry in _listed(root, prefix, found):
            relative = f"{prefix}{entry.name}"
            try:
                look = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                found.complete = False
                found.skipped[wire_path(relative)] = f"unreadable: {error.strerror}"
                continue
            if stat.S_ISDIR(look.st_mode):
                folders.append(f"{relative}/")
                if not prefix:
                    found.devices[wire_path(relative)] = look.st_dev
            else:
                yield look, relative


def _listed(root: Path, prefix: str, found: Scan) -> list[os.DirEntry[str]]:
    """The entries of a folder that are not ignored; a subfolder that vanished meanwhile has none."""
    try:
        with os.scandir(root / prefix) as listing:
            return [entry for entry in listing if not _is_passed_over(entry)]
    except OSError as error:
        if not prefix or not isinstance(error, FileNotFoundError):
            found.complete = False
            found.skipped[wire_path(prefix) or "."] = f"cannot be listed: {error.strerror}"
        return []


def _is_passed_over(entry: os.DirEntry[str]) -> bool:
    return is_ignored(entry.name, folder=entry.is_dir(follow_symlinks=False))


def _kind(mode: int) -> str:
    kinds = {stat.S_IFLNK: "link", stat.S_IFIFO: "pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")
