"""Listing a real folder: what is there, what is passed over, and that nothing ends the listing."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from services.ingest.looks import look_of, look_with, parts_of
from services.ingest.scanning import scan


def save(path: Path, data: bytes = b"text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@contextmanager
def nested(root: Path, name: str, depth: int) -> Iterator[None]:
    """Folders deeper than a path can name, made one step at a time; Python cannot remove them either."""
    at = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)
    yield
    subprocess.run(["/bin/rm", "-rf", root / name], check=True)


def test_files_are_found_at_every_depth(tmp_path: Path) -> None:
    """An editor sorts seeds as they please."""
    for name in ("a.txt", "town/b.txt", "town/north/c.txt"):
        save(tmp_path / name)

    found = scan(tmp_path)

    assert {"a.txt", "town/b.txt", "town/north/c.txt"} == found.files.keys()
    assert found.files["a.txt"] == look_of((tmp_path / "a.txt").lstat())
    assert (found.complete, found.skipped, found.names) == (True, {}, {})


def test_only_regular_files_are_seeds(tmp_path: Path) -> None:
    """A link may lead to /etc/passwd, and a pipe has no end."""
    save(tmp_path / "outside.txt")
    root = tmp_path / "seeds"
    root.mkdir()
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "broken.txt").symlink_to("nowhere")
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(root / "socket.txt"))

        found = scan(root)

    assert found.files == {}
    assert found.complete
    assert {path: why.rpartition(" ")[2] for path, why in found.skipped.items()} == {
        "link.txt": "link",
        "broken.txt": "link",
        "folder": "link",
        "pipe.txt": "pipe",
        "socket.txt": "socket",
    }


def test_ignored_files_and_folders_are_not_mentioned(tmp_path: Path) -> None:
    """They are drafts, not troubles."""
    for name in (".a", "a.part", ".processed/2026/01/01/x.txt", "town/@eaDir/x.txt", "town/a.txt~"):
        save(tmp_path / name)

    found = scan(tmp_path)

    assert (found.files, found.skipped) == ({}, {})


def test_an_odd_name_is_found_under_both_of_its_names(tmp_path: Path) -> None:
    """One for events, one to open it by."""
    name = os.fsdecode(b"town/caf\xe9.txt")
    save(tmp_path / name)

    found = scan(tmp_path)

    assert list(found.files) == ["town/caf%E9.txt"]
    assert {"town/caf%E9.txt": name} == found.names


def test_an_odd_name_and_its_spelling_are_two_files(tmp_path: Path) -> None:
    """Neither hides the other."""
    save(tmp_path / os.fsdecode(b"caf\xe9.txt"))
    save(tmp_path / "caf%E9.txt")

    found = scan(tmp_path)

    assert {"caf%E9.txt", "caf%25E9.txt"} == found.files.keys()
    assert (tmp_path / found.names["caf%25E9.txt"]).name == "caf%E9.txt"


def test_a_missing_folder_is_a_trouble_and_not_an_empty_one(tmp_path: Path) -> None:
    """An unmounted disk must not look as if every seed had been deleted."""
    found = scan(tmp_path / "gone")

    assert (found.files, found.complete) == ({}, False)
    assert found.skipped == {".": "cannot be listed: No such file or directory"}


def test_a_folder_that_cannot_be_listed_leaves_the_others(tmp_path: Path) -> None:
    """Its path is longer than the system takes, which no permission of root's gets around."""
    save(tmp_path / "a.txt")

    with nested(tmp_path, "n" * 200, 25):
        found = scan(tmp_path)

    assert list(found.files) == ["a.txt"]
    assert not found.complete
    assert list(found.skipped.values()) == ["unreadable: File name too long"]


def test_folders_nested_deeper_than_python_calls_are_listed(tmp_path: Path) -> None:
    """A listing that recurses ends the program, at every start anew."""
    save(tmp_path / "a.txt")

    with nested(tmp_path, "n", 1200):
        found = scan(tmp_path)

    assert list(found.files) == ["a.txt"]
    assert found.complete


def test_times_before_the_epoch_are_times(tmp_path: Path) -> None:
    """`cp -p` and archives bring them along."""
    os.utime(save(tmp_path / "a.txt"), ns=(0, -1_000_000_000))

    assert (
        datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC) == parts_of(scan(tmp_path).files["a.txt"]).modified_at
    )


def test_a_time_that_no_calendar_has_is_the_nearest_that_it_has() -> None:
    """Any user can give a file one; it must not end the program."""
    assert parts_of(look_with(1, 2**62 * 1000, 0, 0)).modified_at == datetime.max.replace(tzinfo=UTC)
    assert parts_of(look_with(1, -(2**62) * 1000, 0, 0)).modified_at == datetime.min.replace(tzinfo=UTC)
