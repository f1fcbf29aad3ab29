"""Names of seeds: which are ignored, whose they are, and how odd bytes in them are written."""

from __future__ import annotations

import os
import re
from fnmatch import translate
from urllib.parse import quote_from_bytes, unquote_to_bytes

DEFAULT_SOURCE = "seeds"
"""The source of seeds that lie in the watched folder itself."""

SOURCE_FILE = "_source.toml"
"""Where an editor says what holds for a source."""

IGNORED_NAMES = (
    ".*", "*~", "*.part", "*.partial", "*.filepart", "*.crdownload", "*.download", "*.tmp", "*.swp", "*.swx",
    "~$*", "Thumbs.db", "desktop.ini", SOURCE_FILE, "*.reason.json",
)  # fmt: skip
"""What editors, browsers and file transfers write before the real name, and what is not news."""

IGNORED_FOLDERS = (".*", "@eaDir", "__MACOSX")

# One expression each: a listing asks for every file, and all patterns one by one cost most of its time.
_IGNORED_NAME = re.compile("|".join(map(translate, IGNORED_NAMES)))
_IGNORED_FOLDER = re.compile("|".join(map(translate, IGNORED_FOLDERS)))

_PRINTABLE = bytes(range(0x20, 0x7F)).decode().replace("%", "")
_LOOKS_ENCODED = re.compile("%(?=(25)*[89A-Fa-f][0-9A-Fa-f])")
_ENCODED_SIGN = re.compile("%25(?=(25)*[89A-Fa-f][0-9A-Fa-f])")


def is_ignored(name: str, *, folder: bool = False) -> bool:
    """Whether a name is never looked at (until it is renamed)."""
    return (_IGNORED_FOLDER if folder else _IGNORED_NAME).match(name) is not None


def wire_path(relative: str) -> str:
    """A path for events and people: names in UTF-8 as they are, others percent-encoded, ``%`` included.

    ``relative`` is what :mod:`os` gives: bytes that are not UTF-8 are surrogate-escaped. Each name
    is encoded for itself, so that a folder is called the same whatever lies in it; and a name that
    only looks like an encoded one has its ``%`` encoded, so that no two files share a path.
    """
    if relative.isascii() and "%" not in relative:
        return relative
    return "/".join(_wire_name(name) for name in relative.split("/"))


def _wire_name(name: str) -> str:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return quote_from_bytes(os.fsencode(name), safe=_PRINTABLE)
    return _LOOKS_ENCODED.sub("%25", name)


def disk_path(path: str) -> str:
    """The names on disk of a wire path, as :mod:`os` takes them: the way back from :func:`wire_path`."""
    return "/".join(_disk_name(name) for name in path.split("/"))


def _disk_name(name: str) -> str:
    raw = unquote_to_bytes(name)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return os.fsdecode(raw)
    return _ENCODED_SIGN.sub("%", name)


def source_of(path: str) -> str:
    """The source of a seed: the first folder under the watched one."""
    first, slash, _ = path.partition("/")
    return first if slash else DEFAULT_SOURCE
