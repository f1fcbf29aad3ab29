"""What ingest leaves behind in the folder: it never overwrites, and never loses."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from services.ingest.folders import move_processed, move_rejected, remove_reason, write_reason
from services.ingest.looks import Look, look_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SHA256 = "0123456789" * 6 + "abcd"


def save(root: Path, name: str, text: str = "text") -> Look:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return look_of(path.lstat())


def move(root: Path, name: str, look: Look) -> Path | None:
    return move_processed(root, name, look, SHA256, NOON)


def test_a_done_seed_moves_below_its_day(tmp_path: Path) -> None:
    """With its hash before its name; its subfolders are not kept."""
    moved = move(tmp_path, "town/a.txt", save(tmp_path, "town/a.txt"))

    assert moved == tmp_path / ".processed/2026/03/02/01234567-a.txt"
    assert moved.read_text() == "text"
    assert not (tmp_path / "town/a.txt").exists()


def test_a_rejected_seed_moves_with_its_folders(tmp_path: Path) -> None:
    """Beside its reason."""
    moved = move_rejected(tmp_path, "town/a.txt", save(tmp_path, "town/a.txt"))

    assert moved == tmp_path / ".quarantine/town/a.txt"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """An archive in which the third file replaces the first is none."""
    for text in ("one", "two", "three"):
        move(tmp_path, "a.txt", save(tmp_path, "a.txt", text))
        move_rejected(tmp_path, "b", save(tmp_path, "b", text))

    archive, quarantine = tmp_path / ".processed/2026/03/02", tmp_path / ".quarantine"
    kept = {path.name: path.read_text() for path in [*archive.iterdir(), *quarantine.iterdir()]}
    assert kept == {
        "01234567-a.txt": "one",
        "01234567-a-2.txt": "two",
        "01234567-a-3.txt": "three",
        "b": "one",
        "b-2": "two",
        "b-3": "three",
    }


def test_a_crash_between_link_and_unlink_is_made_good(tmp_path: Path) -> None:
    """Both names are there: only the old one goes, and no second copy comes."""
    save(tmp_path, "a.txt")
    target = tmp_path / ".processed/2026/03/02/01234567-a.txt"
    target.parent.mkdir(parents=True)
    os.link(tmp_path / "a.txt", target)

    assert target == move(tmp_path, "a.txt", look_of((tmp_path / "a.txt").lstat()))

    assert [target] == [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_crash_before_the_unlink_leaves_the_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never none of the two names."""
    look = save(tmp_path, "a.txt")

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", crash)
        with pytest.raises(KeyboardInterrupt):
            move(tmp_path, "a.txt", look)

    assert (tmp_path / "a.txt").read_text() == "text"


def test_a_seed_that_was_saved_again_is_not_moved(tmp_path: Path) -> None:
    """Its new bytes were never read: moved, they would be lost to the readers."""
    look = save(tmp_path, "a.txt", "old")
    save(tmp_path, "a.txt", "newer")

    assert move(tmp_path, "a.txt", look) is None
    assert move_rejected(tmp_path, "a.txt", look) is None
    assert (tmp_path / "a.txt").read_text() == "newer"


def test_a_file_in_the_place_of_the_archive_is_an_error_and_no_loss(tmp_path: Path) -> None:
    """As is a full or read-only disk."""
    look = save(tmp_path, "a.txt")
    save(tmp_path, ".processed")

    with pytest.raises(OSError):  # noqa: PT011 the number of the error differs by system
        move(tmp_path, "a.txt", look)

    assert (tmp_path / "a.txt").read_text() == "text"


@pytest.mark.parametrize("name", ["x" * 251 + ".txt", "é" * 120 + ".markdown", "x" * 255])
def test_the_longest_names_can_be_moved_and_explained(tmp_path: Path, name: str) -> None:
    """Browsers save pages under their titles; a hash and a number must still find room."""
    write_reason(tmp_path, name, {"code": "corrupt"})
    (reason,) = (tmp_path / ".quarantine").iterdir()
    moved = [move(tmp_path, name, save(tmp_path, name, text)) for text in ("one", "two")]

    assert reason.name.endswith(".reason.json")
    assert len({path.name for path in moved if path and path.suffix == Path(name).suffix}) == 2
    remove_reason(tmp_path, name)
    assert not reason.exists()


def test_long_names_that_differ_late_have_reasons_of_their_own(tmp_path: Path) -> None:
    """What is cut off is what told them apart."""
    for end in "ab":
        write_reason(tmp_path, "town/" + "x" * 250 + end, {"code": end})

    assert len(list((tmp_path / ".quarantine/town").iterdir())) == 2


def test_a_reason_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that watches the quarantine must never read half of one."""
    write_reason(tmp_path, "town/a.txt", {"code": "old"})

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space"):
            write_reason(tmp_path, "town/a.txt", {"code": "new"})

    (reason,) = (tmp_path / ".quarantine/town").iterdir()
    assert orjson.loads(reason.read_bytes()) == {"code": "old"}


def test_a_reason_is_replaced_and_taken_back(tmp_path: Path) -> None:
    """It tells of the last attempt; taking back what is not there is no error."""
    write_reason(tmp_path, "a.txt", {"code": "old"})
    write_reason(tmp_path, "a.txt", {"code": "new"})
    assert orjson.loads((tmp_path / ".quarantine/a.txt.reason.json").read_bytes()) == {"code": "new"}

    for _ in range(2):
        remove_reason(tmp_path, "a.txt")
        assert list((tmp_path / ".quarantine").iterdir()) == []
