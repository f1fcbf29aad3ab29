"""The floors of `make quality`: what is below fails, and no floor falls by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from quality import __main__ as program
from quality import floors
from quality.floors import Floor
from quality.measures import Measure

KEY = ("entities", "a set")


def measured(value: float, digest: str = "same") -> Measure:
    return Measure(*KEY, value, digest)


@pytest.mark.parametrize(
    ("measure", "trouble"),
    [
        (measured(0.7), ""),
        (measured(0.69), "below the floor 0.700"),
        (measured(0.9, "other"), "the data changed: other instead of same"),
        (Measure("entities", "another set", 0.9, "same"), "no floor is pinned"),
    ],
)
def test_a_figure_is_held_against_its_floor(measure: Measure, trouble: str) -> None:
    assert floors.trouble(measure, {KEY: Floor(0.7, "same")}) == trouble


@pytest.mark.parametrize(
    ("measure", "lower", "kept"),
    [
        (measured(0.8), "", Floor(0.795, "same")),
        (measured(0.6), "", Floor(0.7, "same")),
        (measured(0.6), "a small set", Floor(0.595, "same", "a small set")),
        (measured(0.702), "a small set", Floor(0.7, "same")),
        (measured(0.9, "other"), "", Floor(0.7, "same")),
        (measured(0.9, "other"), "a small set", Floor(0.895, "other", "a small set")),
    ],
)
def test_a_floor_falls_only_when_it_is_not_held_and_with_a_reason(
    measure: Measure, lower: str, kept: Floor
) -> None:
    """Pinning after a change for the worse must not hide it."""
    assert floors.pinned([measure], {KEY: Floor(0.7, "same")}, lower=lower) == {KEY: kept}


def test_floors_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = {KEY: Floor(0.7, "same"), ("topics", "b"): Floor(0.5, "d", 'a "small" set')}

    floors.write(written, tmp_path / "floors.toml")

    assert floors.read(tmp_path / "floors.toml") == written


def test_the_status_tells_of_a_fall(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CI looks at nothing else."""
    figures = [measured(0.8)]
    monkeypatch.setattr(program, "_measured", lambda _names, _data: iter(figures))
    path = ["--floors", str(tmp_path / "floors.toml")]

    assert program.main(path) == 1
    assert program.main([*path, "--pin"]) == 0
    assert program.main(path) == 0
    figures[0] = measured(0.7)
    assert program.main(path) == 1
    assert program.main([*path, "--pin"]) == 0
    assert program.main(path) == 1
    assert program.main([*path, "--pin", "--lower", "a small set"]) == 0
    assert program.main(path) == 0
