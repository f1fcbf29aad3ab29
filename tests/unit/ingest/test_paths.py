"""Names of seeds: every file has a path of its own that any program can read."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.paths import disk_path, is_ignored, source_of, wire_path

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: not {0, ord("/")} & set(name))


@pytest.mark.parametrize(
    "name",
    [
        ".hidden", "letter.txt~", "a.part", "a.crdownload", "a.txt.tmp", ".a.swp", ".~lock.a.odt#", "~$a.doc",
        "._a.txt", "Thumbs.db", "_source.toml", "a.txt.reason.json",
    ],
)  # fmt: skip
def test_drafts_and_leftovers_are_ignored(name: str) -> None:
    """Half a file under a working name must not become half an article."""
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name", ["a.txt", "a", "part", "a.part.txt", "thumbs.html", "tmp", "reason.json", "é"]
)
def test_ordinary_names_are_not_ignored(name: str) -> None:
    """A pattern that is too wide swallows news without a word."""
    assert not is_ignored(name)


def test_folders_have_rules_of_their_own() -> None:
    """What ingest keeps in the watched folder must never come back in as news."""
    assert [
        is_ignored(name, folder=True) for name in (".processed", ".quarantine", "@eaDir", "__MACOSX")
    ] == [True] * 4
    assert not is_ignored("town.part", folder=True)


@pytest.mark.parametrize("path", ["a.txt", "Zürich/Zug fährt.txt", "50% off.txt", "a%20b.html", "新聞/a.txt"])
def test_a_readable_path_stays_as_it_is(path: str) -> None:
    """Editors look for the name that they gave."""
    assert path == wire_path(path)


def test_bytes_that_are_not_utf_8_are_percent_encoded() -> None:
    """An event is JSON: a name in Latin-1 would make it unwritable, and stop everything behind it."""
    assert wire_path(os.fsdecode(b"town/caf\xe9 100%.txt")) == "town/caf%E9 100%25.txt"


def test_an_odd_name_does_not_rename_its_folder() -> None:
    """The first folder is the source; an article must not change its source with the name of its file."""
    odd, sound = wire_path(os.fsdecode("Zürich/".encode() + b"\xe9.txt")), wire_path("Zürich/a.txt")

    assert source_of(odd) == source_of(sound) == "Zürich"


def test_a_name_that_looks_encoded_is_told_from_one_that_is() -> None:
    """Two files with one path would hide each other, and flap between two looks for ever."""
    names = [os.fsdecode(b"caf\xe9"), "caf%E9", "caf%25E9", "caf%2525E9"]

    assert [wire_path(name) for name in names] == ["caf%E9", "caf%25E9", "caf%2525E9", "caf%252525E9"]


@given(NAMES, NAMES)
def test_no_two_names_share_a_path(one: bytes, other: bytes) -> None:
    """Whatever bytes a file system allows."""
    same_path = wire_path(os.fsdecode(one)) == wire_path(os.fsdecode(other))

    assert same_path == (one == other)


@given(NAMES)
def test_every_path_can_be_written_as_utf_8(name: bytes) -> None:
    """Redis, JSON and people get it."""
    path = wire_path(os.fsdecode(name))

    assert path == path.encode("utf-8").decode("utf-8")


@pytest.mark.parametrize(
    ("path", "source"), [("a.txt", "seeds"), ("town/a.txt", "town"), ("town/north/a.txt", "town")]
)
def test_the_first_folder_is_the_source(path: str, source: str) -> None:
    """docs/folder.md promises it."""
    assert source == source_of(path)


@given(name=st.binary(min_size=1, max_size=12).filter(lambda one: b"\0" not in one and b"/" not in one))
def test_every_path_leads_back_to_its_name_on_disk(name: bytes) -> None:
    """What an operator names by its path in an event has to be found."""
    on_disk = os.fsdecode(name)

    assert on_disk == disk_path(wire_path(on_disk))


@pytest.mark.parametrize(
    "name",
    [
        ".a.txt.Xy12Zz", "a.txt~", "a.part", "a.partial", "a.filepart", "a.crdownload", "a.download", "a.tmp",
        "a.swp", "a.swx", ".~lock.a.odt#", "~$a.docx", ".syncthing.a.txt.tmp", "._a.txt", "Thumbs.db",
        "desktop.ini",
    ],
)  # fmt: skip
def test_no_temporary_name_of_a_transfer_is_a_seed(name: str) -> None:
    """rsync, browsers, editors, office programs and file synchronisers, each by the name that it uses."""
    assert is_ignored(name)


@pytest.mark.parametrize("name", ["@eaDir", ".stversions", "__MACOSX", ".rsync-partial"])
def test_no_folder_of_a_tool_is_looked_into(name: str) -> None:
    """Old versions and thumbnails are no news."""
    assert is_ignored(name, folder=True)
