"""The floors: a figure a gate must reach, and the data it holds for."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from quality.measures import Measure

FILE = Path(__file__).parent / "floors.toml"

Floors = Mapping[tuple[str, str], "Floor"]


@dataclass(frozen=True, slots=True)
class Floor:
    """The least figure allowed, on data with this digest; ``why`` says why it was lowered, if it was."""

    value: float
    digest: str
    why: str = ""


def read(path: Path = FILE) -> dict[tuple[str, str], Floor]:
    """Gate and name to floor; empty if there is no file yet."""
    if not path.exists():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        (gate, name): Floor(float(entry["floor"]), str(entry["data"]), str(entry.get("why", "")))
        for gate, entries in tables.items()
        for name, entry in entries.items()
    }


def write(floors: Floors, path: Path = FILE) -> None:
    """The file anew, sorted."""
    written = (
        "# Floors of `make quality`, written by `python -m quality --pin`; `--lower WHY` lets it lower one.\n"
    )
    last = ""
    for (gate, name), floor in sorted(floors.items()):
        written += f"\n[{gate}]\n" if gate != last else ""
        why = f", why = {json.dumps(floor.why)}" if floor.why else ""
        written += f'"{name}" = {{ floor = {floor.value:.3f}, data = "{floor.digest}"{why} }}\n'
        last = gate
    path.write_text(written, encoding="utf-8")


def trouble(measure: Measure, floors: Floors) -> str:
    """What is wrong with a figure, or nothing."""
    floor = floors.get((measure.gate, measure.name))
    if floor is None:
        return "no floor is pinned"
    if floor.digest != measure.digest:
        return f"the data changed: {measure.digest} instead of {floor.digest}"
    return f"below the floor {floor.value:.3f}" if measure.value < floor.value else ""


def pinned(measures: Iterable[Measure], floors: Floors, *, lower: str = "") -> dict[tuple[str, str], Floor]:
    """The floors with those that rose; one not held falls, or changes its data, only for a reason."""
    new = dict(floors)
    for measure in measures:
        key = (measure.gate, measure.name)
        old, value = new.get(key), round(measure.value - measure.margin, 3)
        if old is None or (old.digest == measure.digest and value > old.value):
            new[key] = Floor(value, measure.digest)
        elif lower and trouble(measure, floors):
            new[key] = Floor(value, measure.digest, lower)
    return new
