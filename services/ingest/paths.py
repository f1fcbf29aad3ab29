"""Names of seeds: which are ignored, whose they are, and how odd bytes in them are written."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from urllib.parse import quote_from_bytes

DEFAULT_SOURCE = "seeds"
"""The source of seeds that lie in the watched folder itself."""

IGNORED_NAMES = (
    ".*", "*~", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "*.tmp", "*.swp", "*.swx",
    "~$*", "Thumbs.db", "desktop.ini", "_source.toml",
)  # fmt: skip
"""What editors, browsers and file transfers write before the real name, and what is not news."""

IGNORED_FOLDERS = (".*", "@eaDir", "__MACOSX")

_PRINTABLE = bytes(range(0x21, 0x7F)).decode().replace("%", "")


def is_ignored(name: str, *, folder: bool = False) -> bool:
    """Whether a name is never looked at (until it is renamed)."""
    return any(fnmatchcase(name, pattern) for pattern in (IGNORED_FOLDERS if folder else IGNORED_NAMES))


def wire_path(relative: str) -> str:
    """A path for events and people: valid UTF-8 as it is, all else percent-encoded, as is ``%`` then.

    ``relative`` is what :mod:`os` gives: bytes that are not UTF-8 are surrogate-escaped.
    """
    try:
        relative.encode("utf-8")
    except UnicodeEncodeError:
        return quote_from_bytes(os.fsencode(relative), safe=_PRINTABLE + " ")
    return relative


def source_of(path: str) -> str:
    """The source of a seed: the first folder under the watched one."""
    parts = PurePosixPath(path).parts
    return parts[0] if len(parts) > 1 else DEFAULT_SOURCE
