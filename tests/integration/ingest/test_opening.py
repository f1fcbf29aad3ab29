"""Taking bytes off a real disk: whole, of the file that was listed, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services.ingest.article import Rejection
from services.ingest.looks import Look, look_of
from services.ingest.opening import Unsettled, read_seed

LIMIT = 1000


def save(path: Path, data: bytes = b"text") -> Look:
    path.write_bytes(data)
    return look_of(path.lstat())


def descriptor_count() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_all_bytes_are_read(tmp_path: Path) -> None:
    """And an empty file is read as such: whether it is news is for others to say."""
    assert read_seed(tmp_path / "a", save(tmp_path / "a", b"\0\xfftext"), LIMIT) == b"\0\xfftext"
    assert read_seed(tmp_path / "b", save(tmp_path / "b", b""), LIMIT) == b""


def test_a_file_that_grew_since_it_was_listed_has_to_settle_again(tmp_path: Path) -> None:
    """Half of it may still be missing."""
    look = save(tmp_path / "a")
    with (tmp_path / "a").open("ab") as file:
        file.write(b"more")

    with pytest.raises(Unsettled):
        read_seed(tmp_path / "a", look, LIMIT)


def test_a_file_that_grows_while_it_is_read_has_to_settle_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write comes between the two times that its size is asked for."""
    look = save(tmp_path / "a")
    asked, fstat = list[int](), os.fstat

    def fstat_and_write(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        asked.append(descriptor)
        (tmp_path / "a").write_bytes(b"text" * len(asked))
        return found

    monkeypatch.setattr("services.ingest.opening.os.fstat", fstat_and_write)

    with pytest.raises(Unsettled):
        read_seed(tmp_path / "a", look, LIMIT)


def test_another_file_under_the_name_is_not_read_as_the_listed_one(tmp_path: Path) -> None:
    """Editors save by renaming: same size, same second, other bytes."""
    look = save(tmp_path / "a")
    save(tmp_path / "b", b"news")
    (tmp_path / "b").rename(tmp_path / "a")

    with pytest.raises(Unsettled):
        read_seed(tmp_path / "a", look, LIMIT)


def test_a_pipe_in_its_place_does_not_hang(tmp_path: Path) -> None:
    """Nobody writes to it: a plain open would wait for ever, and ingest with it."""
    look = save(tmp_path / "a")
    (tmp_path / "a").unlink()
    os.mkfifo(tmp_path / "a")

    with pytest.raises(Unsettled):
        read_seed(tmp_path / "a", look, LIMIT)


@pytest.mark.parametrize("replace", [lambda path: path.symlink_to("/etc/passwd"), Path.mkdir])
def test_a_link_or_a_folder_in_its_place_is_refused(tmp_path: Path, replace: Callable[[Path], None]) -> None:
    """Nothing outside the watched folder becomes news; and no descriptor stays open."""
    look = save(tmp_path / "a")
    (tmp_path / "a").unlink()
    replace(tmp_path / "a")
    open_before = descriptor_count()

    with pytest.raises(OSError):  # noqa: PT011 the number of the error differs by system
        read_seed(tmp_path / "a", look, LIMIT)

    assert open_before == descriptor_count()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """A sparse terabyte would take all memory; nothing of it is touched."""
    with (tmp_path / "a").open("wb") as file:
        file.truncate(2**40)

    with pytest.raises(Rejection) as caught:
        read_seed(tmp_path / "a", look_of((tmp_path / "a").lstat()), LIMIT)

    assert caught.value.reason == "too_large"


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """The limit is the size that still goes."""
    assert len(read_seed(tmp_path / "a", save(tmp_path / "a", b"x" * LIMIT), LIMIT)) == LIMIT


def test_a_file_that_is_still_growing_past_the_limit_is_not_rejected_yet(tmp_path: Path) -> None:
    """Only a settled size is a size."""
    look = save(tmp_path / "a")
    save(tmp_path / "a", b"x" * (LIMIT + 1))

    with pytest.raises(Unsettled):
        read_seed(tmp_path / "a", look, LIMIT)
