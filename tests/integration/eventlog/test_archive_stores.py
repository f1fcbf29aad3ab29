"""Every place that an archive can be in keeps the same promises."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from newsfeed.errors import ArchiveUnavailable, ArchiveUnusable
from newsfeed.eventlog.archive.stores import FolderStore, RemoteStore, Store, open_store

Make = Callable[[Path], Store]

PLACES: dict[str, Make] = {
    "folder": FolderStore,
    "memory": lambda path: open_store(f"memory:/{path}"),
    "file": lambda path: RemoteStore(fsspec.filesystem("file"), str(path)),
}


@pytest.fixture(params=[*PLACES.values()], ids=[*PLACES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty place."""
    make: Make = request.param
    return make(tmp_path / "a" / "place [1]*?")


def test_what_was_created_is_read_back(store: Store) -> None:
    assert store.create("p0/one", b"\x00\xff")

    assert store.read("p0/one") == b"\x00\xff"
    assert store.read("p0/two") is None


def test_a_name_is_given_once(store: Store) -> None:
    """A sealed segment is never overwritten, whoever comes later."""
    store.create("p0/one", b"first")

    assert store.create("p0/one", b"second") is False
    assert store.read("p0/one") == b"first"


def test_of_many_that_create_a_name_one_succeeds(tmp_path: Path) -> None:
    """Two archivers may come to the same segment at the same moment; fsspec looks first and writes then."""
    store = FolderStore(tmp_path)
    start, made = threading.Barrier(4), list[bool]()

    def create(number: int) -> None:
        start.wait()
        made.append(store.create("p0/one", bytes([number]) * 1000))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False, False, False, True]
    assert len(set(store.read("p0/one") or b"")) == 1


def test_a_folder_lists_its_own_names_only(store: Store) -> None:
    for name in ("p0/b", "p0/a", "p1/c"):
        store.create(name, b"")

    assert store.names("p0") == ["p0/a", "p0/b"]
    assert store.names("p9") == []


def test_a_listing_is_never_stale(store: Store) -> None:
    """A reader looks again when it misses something, and must see what was sealed meanwhile."""
    store.create("p0/a", b"")
    store.names("p0")

    store.create("p0/b", b"")

    assert store.names("p0") == ["p0/a", "p0/b"]


def test_what_was_deleted_can_be_created_anew(store: Store) -> None:
    store.create("p0/one", b"torn")
    store.delete("p0/one")
    store.delete("p0/one")

    assert store.create("p0/one", b"whole")
    assert store.read("p0/one") == b"whole"


def test_what_a_dead_writer_left_is_no_file_and_is_cleaned_up(tmp_path: Path) -> None:
    """A crash may leave a draft; it must neither be listed nor stay for ever."""
    store = FolderStore(tmp_path)
    (tmp_path / "p0").mkdir()
    left, writing = tmp_path / "p0" / ".one.0123", tmp_path / "p0" / ".two.4567"
    for draft in (left, writing):
        draft.write_bytes(b"to")
    os.utime(left, (0, 0))

    assert store.names("p0") == []

    assert store.create("p0/three", b"whole")
    assert not left.exists()
    assert writing.exists()


def test_trouble_of_a_remote_place_is_one_that_passes(tmp_path: Path) -> None:
    """Each file system has errors of its own; the archiver has to know one."""

    class Broken:
        def cat_file(self, path: str) -> bytes:
            raise RuntimeError(path)

    store = RemoteStore(Broken(), str(tmp_path))

    with pytest.raises(ArchiveUnavailable, match="p0/one: RuntimeError"):
        store.read("p0/one")


def test_a_place_that_nothing_knows_is_refused_at_once() -> None:
    """A typing error in a setting must not look like a place that is away for a while."""
    with pytest.raises(ArchiveUnusable):
        open_store("carrier-pigeon://loft/key:secret")


def test_a_url_of_a_file_is_a_folder(tmp_path: Path) -> None:
    """So that it is as durable as one."""
    open_store(f"{tmp_path.as_uri()}/with%20space").create("p0/one", b"1")

    assert (tmp_path / "with space" / "p0" / "one").read_bytes() == b"1"
