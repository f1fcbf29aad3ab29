"""All gates: one figure a line, against its floor; status 1 if one is below.

python -m quality [--data DIR] [--only GATE] [--pin [--lower WHY]]
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from quality import floors
from quality.measures import Gate, Measure

GATES = ("duplicates", "entities", "languages", "linking", "reports", "stories", "topics")
"""Modules of this package, each with a function ``measure(data)``; a new gate is a new name here."""

DATA = Path("../shared/data-nlp")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, compare, and pin if asked to; returns the exit status."""
    options = _parser().parse_args(arguments)
    known = floors.read(options.floors)
    bad, seen = 0, []
    for measure in _measured(options.only or GATES, options.data):
        trouble = floors.trouble(measure, known)
        bad += bool(trouble)
        seen.append(measure)
        print(
            f"{measure.gate:10} {measure.name:32} {measure.value:.3f}  {measure.detail} {trouble}".rstrip(),
            flush=True,
        )
    if options.pin:
        floors.write(floors.pinned(seen, known, lower=options.lower), options.floors)
        return 0
    print(f"{len(seen)} figures, {bad} not as they must be")
    return int(bad > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m quality", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the data sets")
    parser.add_argument("--floors", type=Path, default=floors.FILE, help="the file of the floors")
    parser.add_argument("--only", action="append", choices=GATES, help="only this gate")
    parser.add_argument("--pin", action="store_true", help="raise the floors to what is measured")
    parser.add_argument(
        "--lower",
        default="",
        metavar="WHY",
        help="let --pin lower floors that are not held, or change their data",
    )
    return parser


def _measured(names: Sequence[str], data: Path) -> Iterator[Measure]:
    for name in names:
        gate: Gate = importlib.import_module(f"quality.{name}").measure
        yield from gate(data)


if __name__ == "__main__":
    sys.exit(main())
