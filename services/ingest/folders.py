"""What ingest leaves in the watched folder: reasons beside what it rejected, and done seeds moved away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import orjson

PROCESSED = ".processed"
QUARANTINE = ".quarantine"
REASON = ".reason.json"


def write_reason(root: Path, path: str, reason: dict[str, object]) -> None:
    """Write ``.quarantine/<path>.reason.json`` whole, replacing an older one; raises OSError."""
    target = _reason_file(root, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.tmp")
    try:
        draft.write_bytes(orjson.dumps(reason, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def remove_reason(root: Path, path: str) -> None:
    """Take back the reason of a seed that is not rejected any more."""
    with suppress(OSError):
        _reason_file(root, path).unlink(missing_ok=True)


def move_processed(root: Path, name: str, sha256: str, done_at: datetime) -> Path:
    """Move a done seed to ``.processed/YYYY/MM/DD/<sha8>-<name>``; raises OSError, never overwrites."""
    folder = root / PROCESSED / f"{done_at:%Y/%m/%d}"
    return _move(root / name, folder / f"{sha256[:8]}-{Path(name).name}")


def move_rejected(root: Path, name: str) -> Path:
    """Move a rejected seed to ``.quarantine/<name>``; raises OSError, never overwrites."""
    return _move(root / name, root / QUARANTINE / name)


def _reason_file(root: Path, path: str) -> Path:
    return root / QUARANTINE / f"{path}{REASON}"


def _move(source: Path, wanted: Path) -> Path:
    """Link, then unlink: a crash between the two leaves both names, never none."""
    wanted.parent.mkdir(parents=True, exist_ok=True)
    for target in _free_names(wanted):
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            if target.samefile(source):
                source.unlink()
                return target
            continue
        source.unlink()
        return target
    raise FileExistsError(wanted)


def _free_names(wanted: Path) -> Iterator[Path]:
    yield wanted
    for number in range(2, 1000):
        yield wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
