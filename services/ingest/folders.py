"""What ingest leaves in the watched folder: reasons beside what it rejected, and done seeds moved away."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson

from services.ingest.looks import Look, look_of

PROCESSED = ".processed"
QUARANTINE = ".quarantine"
REASON = ".reason.json"

NAME_BYTES = 255
"""The longest file name that the common file systems take."""
_WITHOUT_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
_DRAFT = ".tmp"
_LONGEST_NUMBER = "-999"


def write_reason(root: Path, path: str, reason: dict[str, object]) -> None:
    """Write ``.quarantine/<path>.reason.json`` whole, replacing an older one; raises OSError."""
    target = _reason_file(root, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}{_DRAFT}")
    try:
        draft.write_bytes(orjson.dumps(reason, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def remove_reason(root: Path, path: str) -> None:
    """Take back the reason of a seed that is not rejected any more."""
    with suppress(OSError):
        _reason_file(root, path).unlink(missing_ok=True)


def move_processed(root: Path, name: str, look: Look, sha256: str, done_at: datetime) -> Path | None:
    """Move a done seed to ``.processed/YYYY/MM/DD/<sha8>-<name>``; raises OSError, never overwrites.

    None when the seed does not look like that any more: it was saved again, and that is a new attempt.
    """
    folder = root / PROCESSED / f"{done_at:%Y/%m/%d}"
    return _move(root / name, look, folder, f"{sha256[:8]}-{Path(name).name}")


def move_rejected(root: Path, name: str, look: Look) -> Path | None:
    """Move a rejected seed to ``.quarantine/<name>``, under the conditions of :func:`move_processed`."""
    wanted = root / QUARANTINE / name
    return _move(root / name, look, wanted.parent, wanted.name)


def take_back(root: Path, name: str) -> bool:
    """Move what was rejected back to where it was; False when it is not there, or its place is taken."""
    source, target = root / QUARANTINE / name, root / name
    with suppress(FileNotFoundError, FileExistsError):
        target.parent.mkdir(parents=True, exist_ok=True)
        os.link(source, target, follow_symlinks=False)
        source.unlink()
        return True
    return False


def _reason_file(root: Path, path: str) -> Path:
    *folders, name = path.split("/")
    parts = [_fitting(folder, 0) for folder in folders]
    return root.joinpath(QUARANTINE, *parts, _fitting(name, len(f".{REASON}{_DRAFT}")) + REASON)


def _fitting(name: str, spare_bytes: int) -> str:
    """The name when it and ``spare_bytes`` more fit into a file name; else cut, and told apart by a hash."""
    data = os.fsencode(name)
    if len(data) + spare_bytes <= NAME_BYTES:
        return name
    suffix = (
        Path(name).suffix if len(Path(name).suffix.encode("utf-8", "replace")) <= len(".markdown") else ""
    )
    end = f"~{hashlib.sha256(data).hexdigest()[:8]}{suffix}"
    return data[: NAME_BYTES - spare_bytes - len(os.fsencode(end))].decode("utf-8", "ignore") + end


def _move(source: Path, look: Look, folder: Path, name: str) -> Path | None:
    """Link, then unlink: a crash between the two leaves both names, never none."""
    folder.mkdir(parents=True, exist_ok=True)
    if look_of(source.lstat()) != look:
        return None
    for target in _free_names(folder / _fitting(name, len(_LONGEST_NUMBER))):
        try:
            _link(source, target)
        except FileExistsError:
            if target.samefile(source):
                source.unlink()
                return target
            continue
        source.unlink(missing_ok=True)
        return target
    raise FileExistsError(source)


def _link(source: Path, target: Path) -> None:
    """Give a file a free name; where the file system has no links, by renaming it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        if target.exists():
            raise FileExistsError(target) from error
        source.rename(target)


def _free_names(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in range(2, 1000):
        yield wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
