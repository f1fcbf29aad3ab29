"""Cut the marked sentences of the development sets into tokens, for the trainer to score itself on.

    python -m tools.build_dev_sets

It writes a file ``.iob2.tsv`` beside each ``.txt``: token, tab, tag; an empty line after each
sentence. When to run it: after every change of the sentences or of the tokeniser.
"""

from __future__ import annotations

from pathlib import Path

from services.enrich.training.marked import lines, tag, to_iob2

DEV = Path(__file__).parents[1] / "services" / "enrich" / "training" / "dev"


def build(source: Path) -> str:
    """The tokens and tags of a file of marked sentences."""
    return to_iob2(tag(line) for line in lines(source))


def target(source: Path) -> Path:
    """Where the tokens of a file of marked sentences are kept."""
    return source.with_suffix(".iob2.tsv")


def main() -> None:
    """Write every development set anew."""
    for source in sorted(DEV.glob("*.txt")):
        target(source).write_text(build(source), encoding="utf-8")


if __name__ == "__main__":
    main()
