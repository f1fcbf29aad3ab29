"""Where segments are kept: a local folder, or anything that fsspec knows by a URL.

A store keeps small files under names with ``/``. A file appears whole or not at all and is never
changed; of two that create the same name only one succeeds, as far as the place can tell them apart.
Every call may block: use a thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from newsfeed.errors import ArchiveUnavailable, ArchiveUnusable

_DRAFT = "."
"""What the name of a file begins with while it is being written."""

ABANDONED_SECONDS = 3600
"""Nobody writes a segment for so long."""


class Store(Protocol):
    """Keeps files for good."""

    def create(self, name: str, data: bytes) -> bool:
        """Keep a file, durably when this returns; False when there is one of that name already."""

    def read(self, name: str) -> bytes | None:
        """The bytes of a file; None when there is none."""

    def names(self, folder: str) -> list[str]:
        """The names of the files directly in a folder; none where there is no folder."""

    def delete(self, name: str) -> None:
        """Remove a file that was never sealed, if it is there."""

    def path(self, name: str) -> Path | None:
        """Where a file is on this machine; None when it is not."""


class FolderStore:
    """A local folder; it is made when the first file is."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def create(self, name: str, data: bytes) -> bool:
        """Write a draft, make it durable, and give it its name only then."""
        target = self._root / name
        self._make(target.parent)
        draft = target.with_name(f"{_DRAFT}{target.name}.{uuid4().hex}")
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _clean_up(draft)
        try:
            os.link(draft, target)  # Unlike a rename it fails when the name is taken.
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        _sync(target.parent)
        return True

    def read(self, name: str) -> bytes | None:
        """The bytes of a file."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def names(self, folder: str) -> list[str]:
        """The names in a folder, drafts left out."""
        try:
            found = [path.name for path in (self._root / folder).iterdir()]
        except FileNotFoundError:
            return []
        return sorted(f"{folder}/{name}" for name in found if not name.startswith(_DRAFT))

    def delete(self, name: str) -> None:
        """Remove a file."""
        target = self._root / name
        target.unlink(missing_ok=True)
        if target.parent.exists():
            _sync(target.parent)

    def path(self, name: str) -> Path | None:
        """Where a file is."""
        return self._root / name

    def _make(self, folder: Path) -> None:
        """Make a folder and the ones above it, each durable."""
        if folder.is_dir():
            return
        self._make(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _clean_up(draft: Path) -> None:
    """Remove the drafts beside this one whose writers died long ago, by the clock of the file system."""
    now = draft.stat().st_mtime
    for left in draft.parent.glob(f"{_DRAFT}*"):
        with suppress(FileNotFoundError):
            if now - left.stat().st_mtime > ABANDONED_SECONDS:
                left.unlink()


def _sync(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class RemoteStore:
    """A place behind fsspec, such as ``s3://bucket/newsfeed``; how durable it is, is its own business.

    Where it has no conditional writes, two that create a name in the same moment both succeed. That is
    harmless: archivers take turns by lease, and the same events give the same bytes.

    Raises :class:`ArchiveUnavailable` for whatever goes wrong there.
    """

    def __init__(self, filesystem: Any, root: str) -> None:  # noqa: ANN401 fsspec has no types
        self._filesystem = filesystem
        self._root = root.rstrip("/")

    def create(self, name: str, data: bytes) -> bool:
        """Put a file, if its name is free."""
        target, created = self._at(name), True
        with _passing(name):
            self._filesystem.makedirs(target.rpartition("/")[0], exist_ok=True)
            try:
                self._filesystem.pipe_file(target, data, mode="create")
            except FileExistsError:
                created = False
        return created

    def read(self, name: str) -> bytes | None:
        """Get a file."""
        data: bytes | None = None
        with _passing(name), suppress(FileNotFoundError):
            data = self._filesystem.cat_file(self._at(name))
        return data

    def names(self, folder: str) -> list[str]:
        """List a folder, anew each time."""
        found: list[str] = []
        with _passing(folder), suppress(FileNotFoundError):
            self._filesystem.invalidate_cache()
            found = self._filesystem.ls(self._at(folder), detail=False)
        return sorted(f"{folder}/{path.rpartition('/')[2]}" for path in found)

    def delete(self, name: str) -> None:
        """Remove a file."""
        with _passing(name), suppress(FileNotFoundError):
            self._filesystem.rm_file(self._at(name))

    def path(self, name: str) -> Path | None:
        """Nowhere on this machine."""
        del name
        return None

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"


@contextmanager
def _passing(name: str) -> Iterator[None]:
    """Each file system of fsspec has errors of its own; that work may succeed later is true of them all."""
    try:
        yield
    except Exception as error:
        raise ArchiveUnavailable(
            f"the archive does not give {name}: {type(error).__name__}: {error}"
        ) from error


def open_store(url: str) -> Store:
    """The store at a URL, or in a local folder; raises :class:`ArchiveUnusable`. Nothing is touched yet."""
    scheme = urlsplit(url).scheme
    if scheme in {"", "file"}:
        return FolderStore(Path(unquote(urlsplit(url).path) if scheme else url))
    try:
        import fsspec

        filesystem, root = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise ArchiveUnusable(f"the archive {scheme}://… cannot be used: {error}") from error
    return RemoteStore(filesystem, root)
