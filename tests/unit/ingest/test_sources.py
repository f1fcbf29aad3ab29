"""What may be said of a source, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.ingest.looks import look_with
from services.ingest.sources import Sources, SourceSettings, parse

FULL = b"""
name = "Harbour Desk"
language = "pt-BR"
topics = ["medtop:20000337"]
format = "json"
mapping = { title = "headline.main" }
on_delete = "withdraw"
on_done = "move"
ready_marker = "{name}.done"
"""


def test_everything_that_may_be_said_is_read() -> None:
    """docs/folder.md lists it."""
    hint = parse(FULL).hint("town/a.json")

    assert (hint.file_name, hint.language, hint.format) == ("a.json", "pt-BR", "json")
    assert hint.mapping == {"title": "headline.main"}
    assert parse(FULL).on_delete == "withdraw"


def test_an_empty_file_says_nothing() -> None:
    """All is as without it."""
    assert parse(b"") == SourceSettings()


@pytest.mark.parametrize(
    "text",
    [
        b"nam = 'x'",
        b"name = ''",
        b"language = 'Portuguese'",
        b"on_delete = 'erase'",
        b"on_done = 'burn'",
        b"ready_marker = 'done'",
        b"ready_marker = '{name}'",
        b"ready_marker = '../{name}.done'",
        b"name = ",
        b"name = '\xff'",
    ],
)
def test_what_cannot_be_meant_is_refused(text: bytes) -> None:
    """A misspelt setting that is silently ignored is found out when it is too late."""
    with pytest.raises(ValueError):  # noqa: PT011 three kinds of it
        parse(text)


def test_a_marker_belongs_to_its_seed() -> None:
    """And is none itself."""
    settings = parse(FULL)

    assert settings.marker_of("town/a.json") == "town/a.json.done"
    assert settings.marker_of("a.json") == "a.json.done"
    assert settings.is_marker("town/a.json.done")
    assert not settings.is_marker("town/a.json")
    assert not settings.is_marker("town/.done")


LOOK = look_with(1, 2, 3, 4)


@pytest.mark.parametrize("source", ["town", "seeds"])
def test_a_file_counts_when_it_looked_the_same_twice(tmp_path: Path, source: str) -> None:
    """Half a file may be good TOML that says something else; until then its source waits."""
    path = "a.txt" if source == "seeds" else "town/a.txt"
    place = (tmp_path / path).parent / "_source.toml"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"name = 'Town'")
    sources = Sources(tmp_path)

    assert sources.refresh([source]) == set()
    assert sources.seeds({path: LOOK}) == {}
    assert sources.refresh([source]) == {source}
    assert sources.seeds({path: LOOK}) == {path: LOOK}
    assert sources.name_of(path) == "Town"


def test_a_broken_file_is_told_and_its_source_waits(tmp_path: Path) -> None:
    """To read on by other rules than the editor's could withdraw or lose news."""
    place = tmp_path / "_source.toml"
    place.write_bytes(b"on_delete = 'erase'")
    sources = Sources(tmp_path)
    sources.read(["seeds"])

    assert "on_delete" in sources.troubles["seeds"]
    assert sources.seeds({"a.txt": LOOK, "town/a.txt": LOOK}) == {"town/a.txt": LOOK}

    place.write_bytes(b"on_delete = 'withdraw'")
    sources.read(["seeds"])

    assert sources.troubles == {}
    assert sources.seeds({"a.txt": LOOK}) == {"a.txt": LOOK}


def test_a_format_that_nobody_reads_is_told(tmp_path: Path) -> None:
    """It is misspelt."""
    (tmp_path / "_source.toml").write_bytes(b"format = 'nitff'")
    sources = Sources(tmp_path, formats=("nitf", "json"))
    sources.read(["seeds"])

    assert "nitff" in sources.troubles["seeds"]


def test_a_file_that_is_gone_says_nothing_any_more(tmp_path: Path) -> None:
    """The source is as every other again."""
    place = tmp_path / "_source.toml"
    place.write_bytes(b"name = 'Town'")
    sources = Sources(tmp_path)
    sources.read(["seeds"])
    place.unlink()
    sources.refresh(["seeds"])

    assert sources.name_of("a.txt") == "seeds"


def test_a_file_that_cannot_be_looked_at_makes_its_source_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To take it for absent would read its seeds by other rules, or forget what deleting means."""
    (tmp_path / "_source.toml").write_bytes(b"name = 'Town'")
    sources = Sources(tmp_path)
    sources.read(["seeds"])

    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "lstat", refuse)
        sources.refresh(["seeds"])
    assert (sources.unsettled, sources.seeds({"a.txt": LOOK})) == (True, {})

    sources.refresh(["seeds"])

    assert (sources.unsettled, sources.name_of("a.txt")) == (False, "Town")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Nothing outside the watched folder is read."""
    (tmp_path / "elsewhere").write_bytes(b"name = 'Town'")
    (tmp_path / "_source.toml").symlink_to(tmp_path / "elsewhere")
    sources = Sources(tmp_path)
    sources.read(["seeds"])

    assert list(sources.troubles) == ["seeds"]
